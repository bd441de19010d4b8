//! `CreateMultipartUpload` and `AbortMultipartUpload`.

use api_s3::{
    AbortMultipartUpload, AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumType,
    CreateMultipartUpload, CreateMultipartUploadInput, CreateMultipartUploadOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::checksum::{Algorithm, Kind};
use crate::encryption::{self, customer_key, tell_encryption};
use crate::object::about;
use crate::refuse::refuse;
use crate::upload::{UPLOADS, Upload};
use crate::version::Spot;
use crate::{S3, bucket, errors, limits, upload};

impl Handler<CreateMultipartUpload> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        mut input: CreateMultipartUploadInput,
    ) -> Result<CreateMultipartUploadOutput, S3Error> {
        limits::key(&input.key)?;
        self.mounts.check(Spot { bucket: &input.bucket, key: &input.key }).await?;
        let checksum = checksum(&input)?;
        let key = customer_key!(input);
        let mut upload = Upload {
            initiated: cx.clock.millis(),
            about: about!(input).with_customer_key(cx, key.as_ref()),
            initiator: cx.scope.account.clone(),
            checksum,
            deleted_since: false,
        };
        // Uploads of one key are listed in the order in which they were started.
        let id = format!("{:011x}{}", upload.initiated, cx.ids.base62(85));
        let expected = input.expected_bucket_owner.as_deref();

        let blocked = self.blocked(cx, &input.bucket, upload.about.acl.as_ref()).await?;
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, &input.bucket, expected)?;
            if let Some(acl) = &upload.about.acl {
                acl.check(tx, &input.bucket, &bucket, &blocked)?;
            }
            if !upload.about.lock.is_open() && !bucket.object_lock {
                return Err(errors::no_object_lock());
            }
            // What the bucket's default is now holds for the whole upload.
            let mut upload = upload.clone();
            encryption::settle(tx, &input.bucket, &bucket, &mut upload.about.encryption)?;
            upload.about.encryption.get_or_insert(encryption::Encryption::S3);
            tx.put(&UPLOADS, &(&*input.bucket, &*input.key, &*id), &upload)?;
            Ok(upload.about.encryption)
        });
        upload.about.encryption = written.await?;

        let mut output = CreateMultipartUploadOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(id),
            checksum_algorithm: checksum.map(|(algorithm, _)| algorithm.modelled()),
            checksum_type: checksum.map(|(_, kind)| kind.modelled()),
            ..Default::default()
        };
        tell_encryption!(output, upload.about.encryption.as_ref(), key.as_ref());
        Ok(output)
    }
}

impl Handler<AbortMultipartUpload> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: AbortMultipartUploadInput,
    ) -> Result<AbortMultipartUploadOutput, S3Error> {
        refuse!(input: if_match_initiated_time => "conditions of directory buckets",);
        let expected = input.expected_bucket_owner.as_deref();

        let removed = self.store.write(&cx.scope, |tx| {
            bucket::enter(tx, cx, &input.bucket, expected)?;
            upload::find(tx, &input.bucket, &input.key, &input.upload_id)?;
            upload::remove(tx, &input.bucket, &input.key, &input.upload_id, &[])
        });
        removed.await?;

        Ok(AbortMultipartUploadOutput::default())
    }
}

/// Which checksums go together with which types.
fn checksum(input: &CreateMultipartUploadInput) -> Result<Option<(Algorithm, Kind)>, Fault> {
    let Some(algorithm) = input.checksum_algorithm.as_ref().map(Algorithm::parse).transpose()? else {
        return match input.checksum_type {
            None => Ok(None),
            Some(_) => Err(errors::invalid_request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let mismatch = |kind: &str| {
        let name = algorithm.name().to_ascii_lowercase();
        let message = format!("The {kind} checksum type cannot be used with the {name} checksum algorithm.");
        Err(errors::invalid_request(message))
    };
    let kind = match &input.checksum_type {
        None if algorithm == Algorithm::Crc64nvme => Kind::FullObject,
        None => Kind::Composite,
        Some(ChecksumType::Composite) if algorithm == Algorithm::Crc64nvme => return mismatch("COMPOSITE"),
        Some(ChecksumType::Composite) => Kind::Composite,
        Some(ChecksumType::FullObject) if algorithm.crc().is_none() => return mismatch("FULL_OBJECT"),
        Some(ChecksumType::FullObject) => Kind::FullObject,
        Some(ChecksumType::Unknown(_)) => {
            return Err(errors::invalid_request("Value for x-amz-checksum-type header is invalid."));
        }
    };
    Ok(Some((algorithm, kind)))
}
