//! `AddPermission`, `GetPolicy` and `RemovePermission`: the statements of a function's policy.

use api_lambda::{
    AddPermission, AddPermissionInput, AddPermissionOutput, GetPolicy, GetPolicyInput, GetPolicyOutput,
    LambdaError, RemovePermission, RemovePermissionInput, RemovePermissionOutput,
};
use kernel::{Context, Handler};

use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::policy::{self, Statement};
use crate::{Lambda, errors};

impl Handler<AddPermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: AddPermissionInput,
    ) -> Result<AddPermissionOutput, LambdaError> {
        if input.function_url_auth_type.is_some() || input.invoked_via_function_url.is_some() {
            return Err(errors::not_emulated("function URLs"));
        }
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        let statement = Statement::of(&input, &name.arn());

        self.store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(input.revision_id.as_deref())?;
                if function.policy.iter().any(|known| known.id == statement.id) {
                    return Err(errors::statement_exists(&statement.id));
                }
                function.policy.push(statement.clone());
                Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(AddPermissionOutput { statement: Some(statement.text) })
    }
}

impl Handler<GetPolicy> for Lambda {
    async fn handle(&self, cx: &Context, input: GetPolicyInput) -> Result<GetPolicyOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;
        if function.policy.is_empty() {
            return Err(errors::no_policy());
        }

        let policy = policy::document(&function.policy);
        Ok(GetPolicyOutput { policy: Some(policy), revision_id: Some(function.revision) })
    }
}

impl Handler<RemovePermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(input.revision_id.as_deref())?;
                let before = function.policy.len();
                function.policy.retain(|statement| statement.id != input.statement_id);
                if function.policy.len() == before {
                    return Err(errors::no_policy());
                }
                Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(RemovePermissionOutput {})
    }
}
