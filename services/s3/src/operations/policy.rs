//! Bucket policies: `PutBucketPolicy`, `GetBucketPolicy`, `DeleteBucketPolicy`, `GetBucketPolicyStatus`.

use api_s3::{
    DeleteBucketPolicy, DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicy,
    GetBucketPolicyInput, GetBucketPolicyOutput, GetBucketPolicyStatus, GetBucketPolicyStatusInput,
    GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicy, PutBucketPolicyInput, PutBucketPolicyOutput,
    S3Error,
};
use kernel::{Context, Handler};

use crate::bucket::find;
use crate::policy::Policy;
use crate::setting::POLICY;
use crate::{S3, errors, names, public_access};

impl Handler<PutBucketPolicy> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketPolicyInput,
    ) -> Result<PutBucketPolicyOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let bucket = self.store.read(&cx.scope, |tx| find(tx, name, owner))?;
        let account = public_access::of_account(&cx.in_scope(bucket.home())).await?;
        let policy = GetBucketPolicyOutput { policy: Some(input.policy) };
        let written = self.set(cx, &POLICY, (name, owner), &policy, |tx, bucket| {
            let text = policy.policy.as_deref().unwrap_or_default();
            if Policy::parse(text, &names::arn(name))?.is_public() {
                return public_access::check_policy(tx, name, bucket, &account);
            }
            Ok(())
        });
        written.await?;

        Ok(PutBucketPolicyOutput {})
    }
}

impl Handler<GetBucketPolicy> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketPolicyInput,
    ) -> Result<GetBucketPolicyOutput, S3Error> {
        let policy = self.setting(cx, &POLICY, &input.bucket, input.expected_bucket_owner.as_deref())?;
        Ok(policy.ok_or_else(|| errors::settings::no_policy(&input.bucket))?)
    }
}

impl Handler<GetBucketPolicyStatus> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketPolicyStatusInput,
    ) -> Result<GetBucketPolicyStatusOutput, S3Error> {
        let policy = self.setting(cx, &POLICY, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let text = policy.and_then(|policy| policy.policy);
        let text = text.ok_or_else(|| errors::settings::no_policy(&input.bucket))?;

        let is_public = Policy::parse(&text, &names::arn(&input.bucket))?.is_public();
        Ok(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
    }
}

impl Handler<DeleteBucketPolicy> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketPolicyInput,
    ) -> Result<DeleteBucketPolicyOutput, S3Error> {
        self.unset(cx, &POLICY, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketPolicyOutput {})
    }
}
