//! `PutResourcePolicy`, `GetResourcePolicy`, `DeleteResourcePolicy`: who else may use a table or a stream.

use api_dynamodb::{
    DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput, DynamodbError,
    GetResourcePolicy, GetResourcePolicyInput, GetResourcePolicyOutput, PutResourcePolicy,
    PutResourcePolicyInput, PutResourcePolicyOutput,
};
use kernel::{Context, Handler};

use crate::Dynamodb;
use crate::resource_policy::{self, Resource, ResourcePolicy};

impl Handler<PutResourcePolicy> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: PutResourcePolicyInput,
    ) -> Result<PutResourcePolicyOutput, DynamodbError> {
        resource_policy::check(&input.policy)?;
        let resource = Resource::parse(cx, &input.resource_arn)?;
        let new = ResourcePolicy { document: input.policy, revision: cx.ids.uuid() };

        let revision = self
            .store
            .write(&resource.scope, |tx| {
                resource.check(tx)?;
                let old = resource.policy(tx)?;
                resource.check_revision(old.as_ref(), input.expected_revision_id.as_ref())?;
                // The same document again is no new revision.
                if let Some(same) = old.filter(|old| old.document == new.document) {
                    return Ok(same.revision);
                }
                resource.set(tx, &new)?;
                Ok::<_, DynamodbError>(new.revision.clone())
            })
            .await?;

        Ok(PutResourcePolicyOutput { revision_id: Some(revision) })
    }
}

impl Handler<GetResourcePolicy> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: GetResourcePolicyInput,
    ) -> Result<GetResourcePolicyOutput, DynamodbError> {
        let resource = Resource::parse(cx, &input.resource_arn)?;

        let policy = self.store.read(&resource.scope, |tx| {
            resource.check(tx)?;
            resource.policy(tx)?.ok_or_else(|| resource.not_found())
        })?;

        Ok(GetResourcePolicyOutput { policy: Some(policy.document), revision_id: Some(policy.revision) })
    }
}

impl Handler<DeleteResourcePolicy> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteResourcePolicyInput,
    ) -> Result<DeleteResourcePolicyOutput, DynamodbError> {
        let resource = Resource::parse(cx, &input.resource_arn)?;

        let gone = self
            .store
            .write(&resource.scope, |tx| {
                resource.check(tx)?;
                let old = resource.policy(tx)?;
                resource.check_revision(old.as_ref(), input.expected_revision_id.as_ref())?;
                resource.remove(tx)?;
                Ok::<_, DynamodbError>(old)
            })
            .await?;

        // Where there was none, the id is empty.
        Ok(DeleteResourcePolicyOutput {
            revision_id: Some(gone.map(|policy| policy.revision).unwrap_or_default()),
        })
    }
}
