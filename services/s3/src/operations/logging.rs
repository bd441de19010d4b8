//! Where access is logged: `PutBucketLogging`, `GetBucketLogging`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html>

use api_s3::{
    GetBucketLogging, GetBucketLoggingInput, GetBucketLoggingOutput, LoggingEnabled, PutBucketLogging,
    PutBucketLoggingInput, PutBucketLoggingOutput, S3Error,
};
use kernel::{Context, Fault, Handler};
use store::ReadTx;

use crate::bucket::{BUCKETS, Bucket, find};
use crate::errors::settings::{cross_location_logging, invalid_log_target};
use crate::setting::LOGGING;
use crate::{S3, errors};

impl Handler<PutBucketLogging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketLoggingInput,
    ) -> Result<PutBucketLoggingOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let asked = &input.bucket_logging_status;
        let Some(logging) = &asked.logging_enabled else {
            self.unset(cx, &LOGGING, name, owner).await?;
            self.access_log.look_again();
            return Ok(PutBucketLoggingOutput {});
        };

        let written = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, owner)?;
            check(tx, &bucket, logging)?;
            LOGGING.put(tx, name, &bucket, asked)
        });
        written.await?;
        self.access_log.look_again();

        Ok(PutBucketLoggingOutput {})
    }
}

impl Handler<GetBucketLogging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketLoggingInput,
    ) -> Result<GetBucketLoggingOutput, S3Error> {
        let set = self.setting(cx, &LOGGING, &input.bucket, input.expected_bucket_owner.as_deref())?;
        Ok(GetBucketLoggingOutput { logging_enabled: set.and_then(|set| set.logging_enabled) })
    }
}

/// Logs go to a bucket of the same owner in the same region.
fn check(tx: &ReadTx<'_>, source: &Bucket, asked: &LoggingEnabled) -> Result<(), Fault> {
    let Some(target) = tx.get(&BUCKETS, asked.target_bucket.as_str())? else {
        let message = "The target bucket for logging does not exist";
        return Err(invalid_log_target(message, &asked.target_bucket));
    };
    if target.account != source.account {
        let message = "The owner for the bucket to be logged and the target bucket must be the same.";
        return Err(invalid_log_target(message, &asked.target_bucket));
    }
    if target.region != source.region {
        return Err(cross_location_logging(source.region.as_str(), target.region.as_str()));
    }
    if asked.target_grants.as_ref().is_some_and(|grants| !grants.is_empty()) && !target.has_acls() {
        return Err(errors::acl_not_supported());
    }
    let format = asked.target_object_key_format.as_ref();
    match format.map(|format| (&format.simple_prefix, &format.partitioned_prefix)) {
        Some((Some(_), Some(_)) | (None, None)) => Err(errors::malformed_xml()),
        _ => Ok(()),
    }
}
