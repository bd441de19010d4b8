//! `UploadPart` and `UploadPartCopy`: one part, from the request or from another object.

use api_s3::{
    CopyPartResult, S3Error, UploadPart, UploadPartCopy, UploadPartCopyInput, UploadPartCopyOutput,
    UploadPartInput, UploadPartOutput,
};
use kernel::{Context, Fault, Handler};
use store::BlobRef;

use crate::checksum::{Algorithm, Declared, declared, tell_value};
use crate::conditions::copying;
use crate::content::Content;
use crate::encryption::{CustomerKey, Encryption, customer_key, tell_encryption};
use crate::read::{Opened, Wanted, source_bucket};
use crate::receive::{Expected, Received, receive_blob};
use crate::upload::{Part, UPLOAD_PARTS, Upload};
use crate::{S3, bucket, errors, limits, names, range, upload};

/// Which part of which upload.
struct Target<'a> {
    bucket: &'a str,
    key: &'a str,
    upload_id: &'a str,
    number: u32,
    expected_owner: Option<&'a str>,
}

impl Handler<UploadPart> for S3 {
    async fn handle(&self, cx: &Context, mut input: UploadPartInput) -> Result<UploadPartOutput, S3Error> {
        let number = limits::part_number(input.part_number)?;
        let key = customer_key!(input);
        let checksum = declared!(input, input.checksum_algorithm.as_ref(), cx);
        let target = Target {
            bucket: &input.bucket,
            key: &input.key,
            upload_id: &input.upload_id,
            number,
            expected_owner: input.expected_bucket_owner.as_deref(),
        };
        let upload = self.upload(cx, &target)?;
        Encryption::check_part(upload.about.encryption.as_ref(), key.as_ref())?;
        check_algorithm(&upload, checksum.algorithm)?;
        let is_declared = checksum.algorithm.is_some();

        let expected = Expected { md5: input.content_md5.take(), checksum, stored: stored(&upload) };
        let received = receive_blob(self.store.blobs(), &input.body, &expected).await?;
        let told = received.0.declared.clone();
        let part = self.commit_part(cx, &target, &upload, received).await?;

        let mut output = UploadPartOutput { etag: Some(names::quoted(&part.etag)), ..Default::default() };
        tell_encryption!(output, upload.about.encryption.as_ref(), key.as_ref());
        if is_declared || upload.checksum.is_some() {
            tell_value!(output, if is_declared { &told } else { &part.checksum });
        }
        Ok(output)
    }
}

impl Handler<UploadPartCopy> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: UploadPartCopyInput,
    ) -> Result<UploadPartCopyOutput, S3Error> {
        let number = limits::part_number(input.part_number)?;
        let sent = customer_key!(input);
        let source_key = CustomerKey::of(
            input.copy_source_sse_customer_algorithm.as_deref(),
            input.copy_source_sse_customer_key.as_deref(),
            input.copy_source_sse_customer_key_md5.as_deref(),
        )?;
        let (bucket, key, version) = names::copy_source(&input.copy_source)?;
        let bucket = source_bucket(cx, bucket)?;
        let target = Target {
            bucket: &input.bucket,
            key: &input.key,
            upload_id: &input.upload_id,
            number,
            expected_owner: input.expected_bucket_owner.as_deref(),
        };
        let upload = self.upload(cx, &target)?;
        Encryption::check_part(upload.about.encryption.as_ref(), sent.as_ref())?;

        let wanted = Wanted {
            bucket: &bucket,
            key: &key,
            version: version.as_deref(),
            expected_owner: input.expected_source_bucket_owner.as_deref(),
        };
        let opened = self.open(cx, &wanted, |object, _| {
            Encryption::check(object.about.encryption.as_ref(), source_key.as_ref())?;
            copying!(input).check_source(object, cx.clock.now())?;
            object.check_readable(cx.clock.millis())?;
            let header = input.copy_source_range.as_deref();
            let range = header.map(|header| range::of_source(header, object.size)).transpose()?;
            limits::copied(range.as_ref().map_or(object.size, |range| range.end - range.start))?;
            Ok((range, ()))
        });
        let Opened { object: source, body, .. } = opened.await?;
        let checksum = Declared { algorithm: stored(&upload), ..Declared::default() };
        let expected = Expected { checksum, ..Expected::default() };
        let received = receive_blob(self.store.blobs(), &body, &expected).await?;
        let part = self.commit_part(cx, &target, &upload, received).await?;

        let mut result = CopyPartResult {
            etag: Some(names::quoted(&part.etag)),
            last_modified: Some(part.modified()),
            ..Default::default()
        };
        if upload.checksum.is_some() {
            tell_value!(result, &part.checksum);
        }
        let mut output = UploadPartCopyOutput {
            copy_source_version_id: source.version_id,
            copy_part_result: Some(result),
            ..Default::default()
        };
        tell_encryption!(output, upload.about.encryption.as_ref(), sent.as_ref());
        Ok(output)
    }
}

impl S3 {
    fn upload(&self, cx: &Context, target: &Target<'_>) -> Result<Upload, Fault> {
        self.store.read(&cx.scope, |tx| {
            bucket::enter(tx, cx, target.bucket, target.expected_owner)?;
            upload::find(tx, target.bucket, target.key, target.upload_id)
        })
    }

    /// Writes a part in the place of an earlier one of its number, if the upload is still under way.
    async fn commit_part(
        &self,
        cx: &Context,
        target: &Target<'_>,
        upload: &Upload,
        (received, blob): (Received, BlobRef),
    ) -> Result<Part, Fault> {
        let Received { mut etag, checksum, .. } = received;
        if upload.about.encryption.as_ref().is_some_and(Encryption::hides_digest) {
            etag = cx.ids.hex(32);
        }
        let part = Part { etag, modified: cx.clock.millis(), blob, checksum };
        let written = self.store.write(&cx.scope, |tx| {
            bucket::enter(tx, cx, target.bucket, target.expected_owner)?;
            upload::find(tx, target.bucket, target.key, target.upload_id)?;
            let key = (target.upload_id, target.number);
            if let Some(old) = tx.get(&UPLOAD_PARTS, &key)? {
                tx.drop_blob(&old.blob.id)?;
            }
            tx.keep_blob(&part.blob.id)?;
            tx.put(&UPLOAD_PARTS, &key, &part)
        });
        match written.await {
            Ok(()) => Ok(part),
            Err(fault) => {
                self.discard(&Content::Blob(part.blob)).await;
                Err(fault)
            }
        }
    }
}

/// The checksum that parts are stored with, so that the object's can be made of them.
fn stored(upload: &Upload) -> Option<Algorithm> {
    Some(upload.checksum.map_or(Algorithm::Crc64nvme, |(algorithm, _)| algorithm))
}

/// Parts come with the checksum of their upload, or with none.
fn check_algorithm(upload: &Upload, declared: Option<Algorithm>) -> Result<(), Fault> {
    let Some((expected, _)) = upload.checksum else { return Ok(()) };
    let Some(actual) = declared.filter(|actual| *actual != expected) else { return Ok(()) };
    let actual = actual.name().to_ascii_lowercase();
    Err(errors::invalid_request(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {actual}",
        expected.name().to_ascii_lowercase()
    )))
}
