//! `PutResourcePolicy`, `GetResourcePolicy` and `DeleteResourcePolicy`: the statements of `AddPermission`, as a whole.

use api_lambda::{
    DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput, GetResourcePolicy,
    GetResourcePolicyInput, GetResourcePolicyOutput, LambdaError, PutResourcePolicy, PutResourcePolicyInput,
    PutResourcePolicyOutput,
};
use kernel::{Arn, Context, Handler};

use super::function_policy;
use crate::names::FunctionName;
use crate::subject::Subject;
use crate::{Lambda, errors, policy};

/// The operation that tells revisions of policies.
const READER: &str = "GetResourcePolicy";

impl Handler<PutResourcePolicy> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutResourcePolicyInput,
    ) -> Result<PutResourcePolicyOutput, LambdaError> {
        let name = named(cx, &input.resource_arn)?;
        let statements = policy::parse(&input.policy, &name.arn())?;

        let revision = self
            .store
            .write(&name.scope, |tx| {
                let mut subject = Subject::find(tx, &name)?.ok_or_else(errors::no_such_resource)?;
                subject.require_revision(input.revision_id.as_deref(), READER)?;
                subject.policy().clone_from(&statements);
                subject.save(cx, tx, &name)
            })
            .await?;

        let policy = Some(policy::document(&statements));
        Ok(PutResourcePolicyOutput { policy, revision_id: Some(revision) })
    }
}

impl Handler<GetResourcePolicy> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetResourcePolicyInput,
    ) -> Result<GetResourcePolicyOutput, LambdaError> {
        let name = named(cx, &input.resource_arn)?;

        let subject = self.store.read(&name.scope, |tx| Subject::find(tx, &name))?;
        let subject = subject.map(|mut subject| (subject.policy().clone(), subject.revision().to_owned()));
        let found = subject.filter(|(statements, _)| !statements.is_empty());
        let (statements, revision) = found.ok_or_else(errors::no_such_resource)?;

        let policy = Some(policy::document(&statements));
        Ok(GetResourcePolicyOutput { policy, revision_id: Some(revision) })
    }
}

impl Handler<DeleteResourcePolicy> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteResourcePolicyInput,
    ) -> Result<DeleteResourcePolicyOutput, LambdaError> {
        let name = named(cx, &input.resource_arn)?;

        self.store
            .write(&name.scope, |tx| {
                let mut subject = Subject::find(tx, &name)?.ok_or_else(errors::no_such_resource)?;
                if subject.policy().is_empty() {
                    return Err(errors::no_such_resource());
                }
                subject.require_revision(input.revision_id.as_deref(), READER)?;
                subject.policy().clear();
                subject.save(cx, tx, &name).map(drop)
            })
            .await?;

        Ok(DeleteResourcePolicyOutput {})
    }
}

/// Runtimes, which may be named too, have no policies here.
fn named(cx: &Context, arn: &str) -> Result<FunctionName, LambdaError> {
    let is_function = Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("function:"));
    if is_function { function_policy::named(cx, arn, None) } else { Err(errors::no_such_resource()) }
}
