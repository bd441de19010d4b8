//! `CompleteMultipartUpload`: the parts become an object, at once and without a copy.

use api_s3::{
    CompleteMultipartUpload, CompleteMultipartUploadInput, CompleteMultipartUploadOutput, S3Error,
    ServerSideEncryption,
};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::assembly::{Asked, Assembly};
use crate::checksum::tell;
use crate::content::Content;
use crate::object::{OBJECTS, Object, Place};
use crate::refuse::refuse;
use crate::upload::Upload;
use crate::{S3, assembly, bucket, conditions, content, errors, names, upload};

impl Handler<CompleteMultipartUpload> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: CompleteMultipartUploadInput,
    ) -> Result<CompleteMultipartUploadOutput, S3Error> {
        refuse!(input: sse_customer_key => "encryption with customer-provided keys",);
        conditions::check_writing(input.if_match.as_deref(), input.if_none_match.as_deref())?;
        let parts = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_deref());
        let asked = parts.unwrap_or_default().iter().map(Asked::of).collect::<Result<Vec<_>, _>>()?;
        let declared = declared_whole(&input);

        let modified = cx.clock.millis();
        let object = self
            .store
            .write(&cx.scope, |tx| complete(tx, &input, &asked, declared.as_deref(), modified))
            .await?;

        let mut output = CompleteMultipartUploadOutput {
            location: Some(names::address(&cx.request.host, &input.bucket) + &names::url_encoded(&input.key)),
            etag: Some(names::quoted(&object.etag)),
            server_side_encryption: Some(ServerSideEncryption::Aes256),
            bucket: Some(input.bucket),
            key: Some(input.key),
            ..Default::default()
        };
        if let Some(checksum) = &object.checksum {
            tell!(output, checksum);
        }
        Ok(output)
    }
}

/// The checksum of the whole, in whichever algorithm's member it stands.
fn declared_whole(input: &CompleteMultipartUploadInput) -> Option<String> {
    let values = [
        &input.checksum_crc32,
        &input.checksum_crc32c,
        &input.checksum_crc64nvme,
        &input.checksum_md5,
        &input.checksum_sha1,
        &input.checksum_sha256,
        &input.checksum_sha512,
    ];
    values.into_iter().find_map(Clone::clone)
}

fn complete(
    tx: &mut WriteTx<'_>,
    input: &CompleteMultipartUploadInput,
    asked: &[Asked],
    declared: Option<&str>,
    modified: i64,
) -> Result<Object, Fault> {
    let (bucket, key, id) = (input.bucket.as_str(), input.key.as_str(), input.upload_id.as_str());
    bucket::find(tx, bucket, input.expected_bucket_owner.as_deref())?;
    let upload = upload::find(tx, bucket, key, id)?;
    if asked.is_empty() {
        return Err(errors::invalid_request("You must specify at least one part"));
    }
    assembly::check_kind(&upload, input.checksum_type.as_ref())?;
    let assembly = Assembly::of(tx, &upload, id, asked)?;
    assembly.check(
        declared,
        input.checksum_type.is_some() || upload.checksum.is_none(),
        input.mpu_object_size,
    )?;
    let old = tx.get(&OBJECTS, &(bucket, key))?;
    conditions::check_replaced(key, old.as_ref(), input.if_match.as_deref(), input.if_none_match.as_deref())?;
    check_overtaken(input, &upload, old.as_ref())?;

    let object = Object {
        version_id: None,
        size: assembly.size,
        etag: assembly.etag,
        modified,
        place: Place::Parts,
        checksum: Some(assembly.checksum),
        about: upload.about,
    };
    content::put(tx, bucket, key, &object, &Content::Parts(assembly.parts), old.as_ref())?;
    let kept: Vec<u32> = asked.iter().map(|part| part.number).collect();
    upload::remove(tx, bucket, key, id, &kept)?;
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
