//! Whether tags decide on access: `PutBucketAbac`, `GetBucketAbac`.

use api_s3::{
    AbacStatus, BucketAbacStatus, GetBucketAbac, GetBucketAbacInput, GetBucketAbacOutput, PutBucketAbac,
    PutBucketAbacInput, PutBucketAbacOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::S3;
use crate::setting::ABAC;

impl Handler<PutBucketAbac> for S3 {
    async fn handle(&self, cx: &Context, input: PutBucketAbacInput) -> Result<PutBucketAbacOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        self.set(cx, &ABAC, bucket, &input.abac_status, |_, _| Ok(())).await?;
        Ok(PutBucketAbacOutput {})
    }
}

impl Handler<GetBucketAbac> for S3 {
    async fn handle(&self, cx: &Context, input: GetBucketAbacInput) -> Result<GetBucketAbacOutput, S3Error> {
        let set = self.setting(cx, &ABAC, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let common = || AbacStatus { status: Some(BucketAbacStatus::Disabled) };
        Ok(GetBucketAbacOutput { abac_status: Some(set.unwrap_or_else(common)) })
    }
}
