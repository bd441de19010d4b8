//! How new objects are encrypted: `PutBucketEncryption`, `GetBucketEncryption`, `DeleteBucketEncryption`.

use api_s3::{
    DeleteBucketEncryption, DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput, GetBucketEncryption,
    GetBucketEncryptionInput, GetBucketEncryptionOutput, PutBucketEncryption, PutBucketEncryptionInput,
    PutBucketEncryptionOutput, S3Error, ServerSideEncryptionConfiguration,
};
use kernel::{Context, Handler};

use crate::setting::ENCRYPTION;
use crate::{S3, default_encryption};

impl Handler<PutBucketEncryption> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketEncryptionInput,
    ) -> Result<PutBucketEncryptionOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let mut asked = input.server_side_encryption_configuration;
        for rule in &mut asked.rules {
            rule.bucket_key_enabled.get_or_insert(false);
        }
        self.set(cx, &ENCRYPTION, bucket, &asked, |_, _| default_encryption::check(&asked)).await?;
        Ok(PutBucketEncryptionOutput {})
    }
}

impl Handler<GetBucketEncryption> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketEncryptionInput,
    ) -> Result<GetBucketEncryptionOutput, S3Error> {
        let set = self.setting(cx, &ENCRYPTION, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let common = || ServerSideEncryptionConfiguration { rules: vec![default_encryption::common()] };

        Ok(GetBucketEncryptionOutput {
            server_side_encryption_configuration: Some(set.unwrap_or_else(common)),
        })
    }
}

impl Handler<DeleteBucketEncryption> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketEncryptionInput,
    ) -> Result<DeleteBucketEncryptionOutput, S3Error> {
        self.unset(cx, &ENCRYPTION, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketEncryptionOutput {})
    }
}
