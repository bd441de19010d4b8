//! Tags of buckets: `PutBucketTagging`, `GetBucketTagging`, `DeleteBucketTagging`.

use api_s3::{
    DeleteBucketTagging, DeleteBucketTaggingInput, DeleteBucketTaggingOutput, GetBucketTagging,
    GetBucketTaggingInput, GetBucketTaggingOutput, PutBucketTagging, PutBucketTaggingInput,
    PutBucketTaggingOutput, S3Error,
};
use kernel::{Context, Handler};

use crate::setting::TAGGING;
use crate::{S3, bucket_tags, errors};

impl Handler<PutBucketTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketTaggingInput,
    ) -> Result<PutBucketTaggingOutput, S3Error> {
        let (bucket, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        // No tags are as good as none.
        if input.tagging.tag_set.is_empty() {
            self.unset(cx, &TAGGING, bucket, owner).await?;
        } else {
            self.set(cx, &TAGGING, (bucket, owner), &input.tagging, |_, _| {
                bucket_tags::check(&input.tagging.tag_set)
            })
            .await?;
        }

        Ok(PutBucketTaggingOutput {})
    }
}

impl Handler<GetBucketTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketTaggingInput,
    ) -> Result<GetBucketTaggingOutput, S3Error> {
        let tags = self.setting(cx, &TAGGING, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let tags = tags.ok_or_else(|| errors::settings::no_tags(&input.bucket))?;

        Ok(GetBucketTaggingOutput { tag_set: tags.tag_set })
    }
}

impl Handler<DeleteBucketTagging> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketTaggingInput,
    ) -> Result<DeleteBucketTaggingOutput, S3Error> {
        self.unset(cx, &TAGGING, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketTaggingOutput {})
    }
}
