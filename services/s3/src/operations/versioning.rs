//! Whether a bucket keeps versions: `PutBucketVersioning`, `GetBucketVersioning`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html>

use api_s3::{
    BucketVersioningStatus, GetBucketVersioning, GetBucketVersioningInput, GetBucketVersioningOutput,
    MFADelete, PutBucketVersioning, PutBucketVersioningInput, PutBucketVersioningOutput, S3Error,
};
use kernel::{Context, Fault, Handler};

use crate::bucket::{BUCKETS, Bucket, Versioning, find};
use crate::setting::{REPLICATION, well_formed};
use crate::{S3, errors};

impl Handler<PutBucketVersioning> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketVersioningInput,
    ) -> Result<PutBucketVersioningOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            let versioning = asked(&input)?;
            if versioning == Versioning::Suspended {
                check_suspension(&bucket)?;
            }
            tx.put(&BUCKETS, name, &Bucket { versioning: Some(versioning), ..bucket })
        });
        written.await?;

        Ok(PutBucketVersioningOutput {})
    }
}

impl Handler<GetBucketVersioning> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketVersioningInput,
    ) -> Result<GetBucketVersioningOutput, S3Error> {
        let owner = input.expected_bucket_owner.as_deref();
        let bucket = self.store.read(&cx.scope, |tx| find(tx, &input.bucket, owner))?;

        let status = bucket.versioning.map(|versioning| match versioning {
            Versioning::Enabled => BucketVersioningStatus::Enabled,
            Versioning::Suspended => BucketVersioningStatus::Suspended,
        });
        Ok(GetBucketVersioningOutput { status, mfa_delete: None })
    }
}

fn asked(input: &PutBucketVersioningInput) -> Result<Versioning, Fault> {
    let asked = &input.versioning_configuration;
    well_formed(asked)?;
    if asked.mfa_delete == Some(MFADelete::Enabled) {
        return Err(errors::not_emulated("MFA delete"));
    }
    match asked.status {
        Some(BucketVersioningStatus::Enabled) => Ok(Versioning::Enabled),
        Some(BucketVersioningStatus::Suspended) => Ok(Versioning::Suspended),
        _ => {
            let message = "The Versioning element must be specified";
            Err(Fault::client("IllegalVersioningConfigurationException", message))
        }
    }
}

/// What needs versions keeps them.
fn check_suspension(bucket: &Bucket) -> Result<(), Fault> {
    if bucket.object_lock {
        let message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be \
                       changed.";
        return Err(errors::settings::invalid_bucket_state(message));
    }
    if REPLICATION.is_set(bucket) {
        let message = "A replication configuration is present on this bucket, so you cannot change the versioning \
                       state. To change the versioning state, first delete the replication configuration.";
        return Err(errors::settings::invalid_bucket_state(message));
    }
    Ok(())
}
