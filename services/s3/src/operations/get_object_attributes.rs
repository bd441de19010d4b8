//! `GetObjectAttributes`: what of an object's description is asked for, and its parts.

use api_s3::{
    Checksum as ToldChecksum, GetObjectAttributes, GetObjectAttributesInput, GetObjectAttributesOutput,
    GetObjectAttributesParts, ObjectAttributes, ObjectPart, S3Error, StorageClass,
};
use kernel::{Context, Fault, Handler};

use crate::checksum::{Checksum, Kind, tell, tell_value};
use crate::content::{self, PartBody};
use crate::encryption::{Encryption, customer_key};
use crate::object::Object;
use crate::version::{self, Spot};
use crate::{S3, bucket, errors, limits};

impl Handler<GetObjectAttributes> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetObjectAttributesInput,
    ) -> Result<GetObjectAttributesOutput, S3Error> {
        let key = customer_key!(input);
        let limit = limits::page(input.max_parts, "max-parts")?;
        let marker = input.part_number_marker.and_then(|marker| u32::try_from(marker).ok()).unwrap_or(0);
        check_names(&input.object_attributes)?;
        let expected = input.expected_bucket_owner.as_deref();

        let spot = Spot { bucket: &input.bucket, key: &input.key };
        let (bucket, object, content) = self.store.read(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, expected)?;
            let object = version::find(tx, &bucket, spot, input.version_id.as_deref())?;
            let content = content::load(tx, spot, &object)?;
            Ok::<_, Fault>((bucket, object, content))
        })?;
        Encryption::check(object.about.encryption.as_ref(), key.as_ref())?;

        let wants = |attribute: ObjectAttributes| input.object_attributes.contains(&attribute);
        let class = || object.about.storage_class.clone().unwrap_or(StorageClass::Standard);
        Ok(GetObjectAttributesOutput {
            last_modified: Some(object.modified()),
            etag: wants(ObjectAttributes::Etag).then(|| object.etag.clone()),
            checksum: object.checksum.as_ref().filter(|_| wants(ObjectAttributes::Checksum)).map(told),
            object_parts: content
                .parts()
                .filter(|_| wants(ObjectAttributes::ObjectParts))
                .map(|parts| told_parts(&object, parts, marker, limit)),
            storage_class: wants(ObjectAttributes::StorageClass).then(class),
            object_size: wants(ObjectAttributes::ObjectSize).then(|| object.length()),
            version_id: object.told_version(&bucket),
            request_charged: bucket.charged(cx),
            ..Default::default()
        })
    }
}

fn check_names(names: &[ObjectAttributes]) -> Result<(), Fault> {
    match names.iter().find(|name| !ObjectAttributes::VALUES.contains(&name.as_str())) {
        Some(unknown) => {
            let message = "Invalid attribute name specified.";
            Err(errors::invalid_argument(message, "x-amz-object-attributes", unknown.as_str()))
        }
        None => Ok(()),
    }
}

/// The number of parts stands in the list of parts, not in the value.
fn told(checksum: &Checksum) -> ToldChecksum {
    let value = checksum.value.split_once('-').map_or(&*checksum.value, |(value, _)| value).to_owned();
    let mut told = ToldChecksum::default();
    let without = Checksum { value, ..checksum.clone() };
    tell!(told, &without);
    told
}

/// Only composite checksums need those of the parts.
fn told_parts(object: &Object, parts: &[PartBody], marker: u32, limit: usize) -> GetObjectAttributesParts {
    let total_parts_count = i32::try_from(parts.len()).ok();
    if object.checksum.as_ref().is_none_or(|checksum| checksum.kind != Kind::Composite) {
        return GetObjectAttributesParts { total_parts_count, ..Default::default() };
    }
    let mut rest = parts.iter().filter(|part| part.number > marker);
    let page: Vec<&PartBody> = rest.by_ref().take(limit).collect();
    GetObjectAttributesParts {
        total_parts_count,
        part_number_marker: i32::try_from(marker).ok(),
        next_part_number_marker: page.last().and_then(|part| i32::try_from(part.number).ok()).or(Some(0)),
        max_parts: i32::try_from(limit).ok(),
        is_truncated: Some(rest.next().is_some()),
        parts: Some(page.into_iter().map(told_part).collect()),
    }
}

fn told_part(part: &PartBody) -> ObjectPart {
    let mut told = ObjectPart {
        part_number: i32::try_from(part.number).ok(),
        size: i64::try_from(part.blob.length).ok(),
        ..Default::default()
    };
    if let Some(checksum) = &part.checksum {
        tell_value!(told, checksum);
    }
    told
}
