//! Runtime management and recursion: `PutRuntimeManagementConfig`, `PutFunctionRecursionConfig` and their readers.

use api_lambda::{
    GetFunctionRecursionConfig, GetFunctionRecursionConfigInput, GetFunctionRecursionConfigOutput,
    GetRuntimeManagementConfig, GetRuntimeManagementConfigInput, GetRuntimeManagementConfigOutput,
    LambdaError, PutFunctionRecursionConfig, PutFunctionRecursionConfigInput,
    PutFunctionRecursionConfigOutput, PutRuntimeManagementConfig, PutRuntimeManagementConfigInput,
    PutRuntimeManagementConfigOutput, RecursiveLoop, UpdateRuntimeOn,
};
use kernel::{Context, Handler};

use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::{Lambda, errors};

impl Handler<PutRuntimeManagementConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutRuntimeManagementConfigInput,
    ) -> Result<PutRuntimeManagementConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        let chosen = match (&input.update_runtime_on, input.runtime_version_arn) {
            (UpdateRuntimeOn::Manual, None) => {
                return Err(errors::invalid(
                    "RuntimeVersionArn is required when UpdateRuntimeOn is set to Manual.",
                ));
            }
            (UpdateRuntimeOn::Manual, chosen) => chosen,
            (_, Some(_)) => {
                return Err(errors::invalid(
                    "RuntimeVersionArn must be empty unless UpdateRuntimeOn is set to Manual.",
                ));
            }
            (_, None) => None,
        };

        self.store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.runtime_updates = Some((input.update_runtime_on.clone(), chosen.clone()));
                Ok::<_, LambdaError>(function.put(tx, &name.name)?)
            })
            .await?;

        Ok(PutRuntimeManagementConfigOutput {
            update_runtime_on: input.update_runtime_on,
            function_arn: name.with(name.key()).arn(),
            runtime_version_arn: chosen,
        })
    }
}

impl Handler<GetRuntimeManagementConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetRuntimeManagementConfigInput,
    ) -> Result<GetRuntimeManagementConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;

        let (update, chosen) = function.runtime_updates.unwrap_or((UpdateRuntimeOn::Auto, None));
        Ok(GetRuntimeManagementConfigOutput {
            update_runtime_on: Some(update),
            function_arn: Some(name.with(name.key()).arn()),
            runtime_version_arn: chosen,
        })
    }
}

impl Handler<PutFunctionRecursionConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutFunctionRecursionConfigInput,
    ) -> Result<PutFunctionRecursionConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();

        self.store
            .write(&name.scope, |tx| {
                let recursion = Some(input.recursive_loop.clone());
                let function = Function { recursion, ..Function::get(tx, &name)? };
                Ok::<_, LambdaError>(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(PutFunctionRecursionConfigOutput { recursive_loop: Some(input.recursive_loop) })
    }
}

impl Handler<GetFunctionRecursionConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionRecursionConfigInput,
    ) -> Result<GetFunctionRecursionConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;

        let recursion = function.recursion.unwrap_or(RecursiveLoop::Terminate);
        Ok(GetFunctionRecursionConfigOutput { recursive_loop: Some(recursion) })
    }
}
