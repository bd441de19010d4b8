//! `AddPermission`, `GetPolicy` and `RemovePermission`: the statements of a function, a version or an alias.

use api_lambda::{
    AddPermission, AddPermissionInput, AddPermissionOutput, GetPolicy, GetPolicyInput, GetPolicyOutput,
    LambdaError, RemovePermission, RemovePermissionInput, RemovePermissionOutput,
};
use kernel::{Context, Handler};

use crate::function::Function;
use crate::names::FunctionName;
use crate::policy::{self, Statement};
use crate::subject::Subject;
use crate::{Lambda, alias, errors};

impl Handler<AddPermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: AddPermissionInput,
    ) -> Result<AddPermissionOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;
        if !policy::is_principal(&input.principal) {
            return Err(errors::invalid(
                "The provided principal was invalid. Please check the principal and try again.",
            ));
        }
        let statement = Statement::of(&input, &name.arn());

        self.store
            .write(&name.scope, |tx| {
                if !name.key().contains('$') && Function::find(tx, &name.plain())?.is_some() {
                    alias::require(tx, &name)?;
                }
                let subject = Subject::find(tx, &name)?;
                let mut subject = subject.ok_or_else(|| errors::no_such_function(&name.arn()))?;
                subject.require_revision(input.revision_id.as_deref(), "GetPolicy")?;
                if subject.policy().iter().any(|known| known.id == statement.id) {
                    return Err(errors::statement_exists(&statement.id));
                }
                subject.policy().push(statement.clone());
                subject.save(cx, tx, &name).map(drop)
            })
            .await?;

        Ok(AddPermissionOutput { statement: Some(statement.text) })
    }
}

impl Handler<GetPolicy> for Lambda {
    async fn handle(&self, cx: &Context, input: GetPolicyInput) -> Result<GetPolicyOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let subject = self.store.read(&name.scope, |tx| Subject::find(tx, &name))?;
        let mut subject = subject.ok_or_else(errors::no_such_resource)?;
        if subject.policy().is_empty() {
            return Err(errors::no_such_resource());
        }

        let policy = policy::document(subject.policy());
        Ok(GetPolicyOutput { policy: Some(policy), revision_id: Some(subject.revision().to_owned()) })
    }
}

impl Handler<RemovePermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                if Function::find(tx, &name.plain())?.is_none() {
                    return Err(errors::no_policy_for(&name.arn()));
                }
                alias::require(tx, &name)?;
                let subject = Subject::find(tx, &name)?;
                let mut subject = subject.ok_or_else(|| errors::no_such_function(&name.arn()))?;
                if subject.policy().is_empty() {
                    return Err(errors::no_policy());
                }
                subject.require_revision(input.revision_id.as_deref(), "GetPolicy")?;
                let before = subject.policy().len();
                subject.policy().retain(|statement| statement.id != input.statement_id);
                if subject.policy().len() == before {
                    return Err(errors::no_such_statement(&input.statement_id));
                }
                subject.save(cx, tx, &name).map(drop)
            })
            .await?;

        Ok(RemovePermissionOutput {})
    }
}

/// A function, a version or an alias that may have a policy.
pub fn named(cx: &Context, text: &str, qualifier: Option<&str>) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, text, qualifier)?;
    match name.qualifier.as_deref() {
        Some("$LATEST") => Err(errors::invalid("We currently do not support adding policies for $LATEST.")),
        _ => Ok(name),
    }
}
