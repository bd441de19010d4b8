//! `ListObjectVersions`: everything a bucket holds, the latest of each key first.

use api_s3::{
    DeleteMarkerEntry, ListObjectVersions, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion,
    ObjectVersionStorageClass, S3Error,
};
use kernel::{Context, Fault, Handler};

use super::list_objects::{Encoding, both};
use crate::bucket::{Bucket, enter};
use crate::listing::{self, Entry, Query, Start};
use crate::object::Object;
use crate::version::{self, Spot};
use crate::{S3, errors, limits, names};

impl Handler<ListObjectVersions> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: ListObjectVersionsInput,
    ) -> Result<ListObjectVersionsOutput, S3Error> {
        let limit = limits::page(input.max_keys, "max-keys")?;
        let encoding = Encoding::of(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = both(input.prefix.as_ref(), input.delimiter.as_ref());
        let key_marker = input.key_marker.as_deref().filter(|marker| !marker.is_empty());
        let version_marker = version_marker(&input, key_marker)?;
        let after = key_marker.zip(version_marker);
        let start = match after {
            Some((key, _)) => Start::From(key.to_owned()),
            None => Start::after_marker(key_marker, prefix, delimiter),
        };

        let query = Query { prefix, delimiter, start, limit };
        let expected = input.expected_bucket_owner.as_deref();
        let (bucket, listed) = self.store.read(&cx.scope, |tx| {
            let bucket = enter(tx, cx, &input.bucket, expected)?;
            let place = |(key, id)| {
                let spot = Spot { bucket: &input.bucket, key };
                version::place(tx, spot, id).map(|place| (key, place))
            };
            let after = after.map(place).transpose()?;
            Ok::<_, Fault>((bucket, listing::versions(tx, &input.bucket, &query, after)?))
        })?;

        let next = match listed.entries.last().filter(|_| listed.truncated) {
            Some(Entry::Item(key, (object, _))) => (Some(encoding.text(key)), Some(version_id(object))),
            Some(Entry::Prefix(prefix)) => (Some(encoding.text(prefix)), None),
            None => (None, None),
        };
        let is_truncated = listed.truncated;
        let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
        for entry in listed.entries {
            match entry {
                Entry::Prefix(prefix) => prefixes.push(encoding.prefix(prefix)),
                Entry::Item(key, (object, is_latest)) if object.is_marker() => {
                    markers.push(told_marker(&bucket, encoding.text(&key), &object, is_latest));
                }
                Entry::Item(key, (object, is_latest)) => {
                    versions.push(told(&bucket, encoding.text(&key), &object, is_latest));
                }
            }
        }
        Ok(ListObjectVersionsOutput {
            is_truncated: Some(is_truncated),
            key_marker: Some(encoding.text(input.key_marker.as_deref().unwrap_or_default())),
            version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
            next_key_marker: next.0,
            next_version_id_marker: next.1,
            versions: Some(versions).filter(|list| !list.is_empty()),
            delete_markers: Some(markers).filter(|list| !list.is_empty()),
            prefix: Some(encoding.text(prefix)),
            delimiter: Some(delimiter).filter(|text| !text.is_empty()).map(|text| encoding.text(text)),
            max_keys: i32::try_from(limit).ok(),
            common_prefixes: Some(prefixes).filter(|list| !list.is_empty()),
            encoding_type: input.encoding_type,
            name: Some(input.bucket),
            request_charged: bucket.charged(cx),
        })
    }
}

/// A version's marker counts only with that of its key.
fn version_marker<'a>(
    input: &'a ListObjectVersionsInput,
    key_marker: Option<&str>,
) -> Result<Option<&'a str>, Fault> {
    match input.version_id_marker.as_deref() {
        Some("") => {
            let message = "A version-id marker cannot be empty.";
            Err(errors::invalid_argument(message, "version-id-marker", ""))
        }
        Some(marker) if key_marker.is_none() => {
            let message = "A version-id marker cannot be specified without a key marker.";
            Err(errors::invalid_argument(message, "version-id-marker", marker))
        }
        marker => Ok(marker),
    }
}

fn version_id(object: &Object) -> String {
    object.version_id.clone().unwrap_or_else(|| "null".to_owned())
}

fn told(bucket: &Bucket, key: String, object: &Object, is_latest: bool) -> ObjectVersion {
    let class = object.about.storage_class.as_ref();
    ObjectVersion {
        etag: Some(names::quoted(&object.etag)),
        checksum_algorithm: object.checksum.as_ref().map(|one| vec![one.algorithm.modelled()]),
        checksum_type: object.checksum.as_ref().map(|one| one.kind.modelled()),
        size: Some(object.length()),
        storage_class: Some(class.map_or(ObjectVersionStorageClass::Standard, |class| class.as_str().into())),
        key: Some(key),
        version_id: Some(version_id(object)),
        is_latest: Some(is_latest),
        last_modified: Some(object.modified()),
        owner: Some(names::owner(object.owner(bucket))),
        restore_status: None,
    }
}

fn told_marker(bucket: &Bucket, key: String, object: &Object, is_latest: bool) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        owner: Some(names::owner(object.owner(bucket))),
        key: Some(key),
        version_id: Some(version_id(object)),
        is_latest: Some(is_latest),
        last_modified: Some(object.modified()),
    }
}
