//! What a bucket blocks: `PutPublicAccessBlock`, `GetPublicAccessBlock`, `DeletePublicAccessBlock`.

use api_s3::{
    DeletePublicAccessBlock, DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput,
    GetPublicAccessBlock, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    PublicAccessBlockConfiguration, PutPublicAccessBlock, PutPublicAccessBlockInput,
    PutPublicAccessBlockOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::setting::PUBLIC_ACCESS;
use crate::{S3, errors};

impl Handler<PutPublicAccessBlock> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutPublicAccessBlockInput,
    ) -> Result<PutPublicAccessBlockOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let asked = input.public_access_block_configuration;
        let parts = [
            asked.block_public_acls,
            asked.ignore_public_acls,
            asked.block_public_policy,
            asked.restrict_public_buckets,
        ];
        let is_empty = parts.iter().all(Option::is_none);
        let [block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets] =
            parts.map(|part| Some(part.unwrap_or_default()));
        let asked = PublicAccessBlockConfiguration {
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        };
        let written = self.set(cx, &PUBLIC_ACCESS, bucket, &asked, |_, _| {
            if is_empty { Err(errors::malformed_xml()) } else { Ok(()) }
        });
        written.await?;
        Ok(PutPublicAccessBlockOutput {})
    }
}

impl Handler<GetPublicAccessBlock> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetPublicAccessBlockInput,
    ) -> Result<GetPublicAccessBlockOutput, S3Error> {
        let set = self.setting(cx, &PUBLIC_ACCESS, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let set = set.ok_or_else(|| errors::settings::no_public_access_block(&input.bucket))?;
        Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(set) })
    }
}

impl Handler<DeletePublicAccessBlock> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeletePublicAccessBlockInput,
    ) -> Result<DeletePublicAccessBlockOutput, S3Error> {
        self.unset(cx, &PUBLIC_ACCESS, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeletePublicAccessBlockOutput {})
    }
}
