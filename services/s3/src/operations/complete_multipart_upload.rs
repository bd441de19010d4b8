//! `CompleteMultipartUpload`: the parts become an object, at once and without a copy.

use api_s3::{CompleteMultipartUpload, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, S3Error};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::assembly::{Asked, Assembly};
use crate::checksum::{Algorithm, tell};
use crate::commit::{self, Committed, Writing};
use crate::content::Content;
use crate::encryption::{Encryption, customer_key, tell_service_encryption};
use crate::events::Event;
use crate::object::{OBJECTS, Object, Place};
use crate::upload::{COMPLETED, Completed, Upload};
use crate::version::{self, Spot};
use crate::{S3, assembly, bucket, conditions, errors, lifecycle, names, upload};

impl Handler<CompleteMultipartUpload> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: CompleteMultipartUploadInput,
    ) -> Result<CompleteMultipartUploadOutput, S3Error> {
        let key = customer_key!(input);
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let parts = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref());
        let asked = parts.unwrap_or_default().iter().map(Asked::of).collect::<Result<Vec<_>, _>>()?;
        let declared = declared_whole(&input);

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, input.expected_bucket_owner.as_deref())?;
            if let Some(before) = completed(tx, &input, &asked)? {
                return Ok::<_, Fault>(Committed { bucket, object: before });
            }
            let upload = upload::find(tx, &input.bucket, &input.key, &input.upload_id)?;
            if key.is_some() {
                Encryption::check_part(upload.about.encryption.as_ref(), key.as_ref())?;
            }
            let object = complete(tx, cx, &bucket, &input, (&upload, &asked, declared.as_ref()))?;
            Ok(Committed { bucket, object })
        });
        let Committed { bucket, object } = written.await?;
        let spot = Spot { bucket: &input.bucket, key: &input.key };
        self.mirror(cx, spot).await;
        let expiration = lifecycle::expiration(self, cx, &bucket, spot, &object)?;

        let mut output = CompleteMultipartUploadOutput {
            location: Some(names::address(&cx.request.host, &input.bucket) + &names::url_encoded(&input.key)),
            etag: Some(names::quoted(&object.etag)),
            version_id: object.version_id.clone(),
            expiration,
            request_charged: bucket.charged(cx),
            bucket: Some(input.bucket),
            key: Some(input.key),
            ..Default::default()
        };
        tell_service_encryption!(output, object.about.encryption.as_ref());
        if let Some(checksum) = &object.checksum {
            tell!(output, checksum);
        }
        Ok(output)
    }
}

/// The checksum of the whole, in whichever algorithm's member it stands.
fn declared_whole(input: &CompleteMultipartUploadInput) -> Option<(Algorithm, String)> {
    let values = [
        (Algorithm::Crc32, &input.checksum_crc32),
        (Algorithm::Crc32c, &input.checksum_crc32c),
        (Algorithm::Crc64nvme, &input.checksum_crc64nvme),
        (Algorithm::Md5, &input.checksum_md5),
        (Algorithm::Sha1, &input.checksum_sha1),
        (Algorithm::Sha256, &input.checksum_sha256),
        (Algorithm::Sha512, &input.checksum_sha512),
    ];
    values.into_iter().find_map(|(algorithm, value)| Some((algorithm, value.clone()?)))
}

/// The object of an upload that was completed before: the same request again is answered as the first.
fn completed(
    tx: &mut WriteTx<'_>,
    input: &CompleteMultipartUploadInput,
    asked: &[Asked],
) -> Result<Option<Object>, Fault> {
    let key = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
    let Some(before) = tx.get(&COMPLETED, &key)? else { return Ok(None) };
    if assembly::etag(asked) != before.etag {
        return Ok(None);
    }
    let spot = Spot { bucket: &input.bucket, key: &input.key };
    let id = before.version_id.as_deref().unwrap_or("null");
    Ok(version::named(tx, spot, id)?.filter(|object| object.etag == before.etag))
}

fn complete(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &bucket::Bucket,
    input: &CompleteMultipartUploadInput,
    (upload, asked, declared): (&Upload, &[Asked], Option<&(Algorithm, String)>),
) -> Result<Object, Fault> {
    let (name, key, id) = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
    if asked.is_empty() {
        return Err(errors::invalid_request("You must specify at least one part"));
    }
    assembly::check_kind(upload, input.checksum_type.as_ref())?;
    let assembly = Assembly::of(tx, upload, id, asked)?;
    // Uploads that were started without a checksum have S3's own; values of others are passed over.
    let declared =
        declared.filter(|(algorithm, _)| upload.checksum.is_some() || *algorithm == Algorithm::Crc64nvme);
    assembly.check(
        declared.map(|(_, value)| value.as_str()),
        input.checksum_type.is_some() || upload.checksum.is_none(),
        input.mpu_object_size,
    )?;
    let old = tx.get(&OBJECTS, &(name, key))?;
    conditions::check_replaced(key, old.as_ref(), input.if_match.as_deref(), input.if_none_match.as_deref())?;
    check_overtaken(input, upload, old.as_ref())?;

    let object = Object {
        size: assembly.size,
        etag: assembly.etag,
        place: Place::Parts,
        // With a key of the client's, S3 computes no checksum that nobody asked for.
        checksum: Some(assembly.checksum).filter(|_| {
            upload.checksum.is_some() || !matches!(upload.about.encryption, Some(Encryption::Customer { .. }))
        }),
        about: upload.about.clone(),
        ..Object::marker(cx.clock.millis())
    };
    let writing = Writing {
        spot: Spot { bucket: name, key },
        expected_owner: None,
        if_match: None,
        if_none_match: None,
        event: Event::CreatedComplete,
    };
    let object = commit::replace(tx, cx, bucket, &writing, object, &Content::Parts(assembly.parts))?;
    let kept: Vec<u32> = asked.iter().map(|part| part.number).collect();
    upload::remove(tx, name, key, id, &kept)?;
    let completed = Completed {
        etag: object.etag.clone(),
        version_id: object.version_id.clone(),
        completed: object.modified,
    };
    tx.put(&COMPLETED, &(name, key, id), &completed)?;
    Ok(object)
}

/// Conditions hold for what was there when the upload was started: writes and deletions since then conflict.
fn check_overtaken(
    input: &CompleteMultipartUploadInput,
    upload: &Upload,
    old: Option<&Object>,
) -> Result<(), Fault> {
    let overtaken = upload.deleted_since || old.is_some_and(|old| old.modified > upload.initiated);
    match (&input.if_match, &input.if_none_match) {
        (Some(_), _) if overtaken => Err(errors::conflict("If-Match", &input.key)),
        (_, Some(_)) if upload.deleted_since => Err(errors::conflict("If-None-Match", &input.key)),
        _ => Ok(()),
    }
}
