//! `PutAccessPointPolicy`, `GetAccessPointPolicy`, `GetAccessPointPolicyStatus`, `DeleteAccessPointPolicy`.

use api_s3control::{
    DeleteAccessPointPolicy, DeleteAccessPointPolicyInput, DeleteAccessPointPolicyOutput,
    GetAccessPointPolicy, GetAccessPointPolicyInput, GetAccessPointPolicyOutput, GetAccessPointPolicyStatus,
    GetAccessPointPolicyStatusInput, GetAccessPointPolicyStatusOutput, PolicyStatus, PutAccessPointPolicy,
    PutAccessPointPolicyInput, PutAccessPointPolicyOutput, S3controlError,
};
use kernel::{Context, Fault, Handler};

use crate::access_point::{ACCESS_POINTS, AccessPoint, find};
use crate::{S3control, check_account, errors, policy};

impl Handler<PutAccessPointPolicy> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: PutAccessPointPolicyInput,
    ) -> Result<PutAccessPointPolicyOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let is_public = policy::is_public(&input.policy);

        let written = self.store.write(&cx.scope, |tx| {
            let point = find(tx, &input.name)?;
            policy::check(&input.policy)?;
            if is_public && point.block.0.block_public_policy == Some(true) {
                return Err(errors::access_denied());
            }
            let policy = Some(input.policy.clone());
            tx.put(&ACCESS_POINTS, input.name.as_str(), &AccessPoint { policy, ..point })
        });
        written.await?;

        Ok(PutAccessPointPolicyOutput {})
    }
}

impl Handler<GetAccessPointPolicy> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: GetAccessPointPolicyInput,
    ) -> Result<GetAccessPointPolicyOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        Ok(GetAccessPointPolicyOutput { policy: Some(self.policy(cx, &input.name)?) })
    }
}

impl Handler<GetAccessPointPolicyStatus> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: GetAccessPointPolicyStatusInput,
    ) -> Result<GetAccessPointPolicyStatusOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let is_public = policy::is_public(&self.policy(cx, &input.name)?);
        Ok(GetAccessPointPolicyStatusOutput {
            policy_status: Some(PolicyStatus { is_public: Some(is_public) }),
        })
    }
}

impl Handler<DeleteAccessPointPolicy> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteAccessPointPolicyInput,
    ) -> Result<DeleteAccessPointPolicyOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let written = self.store.write(&cx.scope, |tx| {
            let point = find(tx, &input.name)?;
            tx.put(&ACCESS_POINTS, input.name.as_str(), &AccessPoint { policy: None, ..point })
        });
        written.await?;
        Ok(DeleteAccessPointPolicyOutput {})
    }
}

impl S3control {
    fn policy(&self, cx: &Context, name: &str) -> Result<String, Fault> {
        let point = self.store.read(&cx.scope, |tx| find(tx, name))?;
        point.policy.ok_or_else(|| errors::no_such_policy(name))
    }
}
