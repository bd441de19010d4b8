//! `GetFunction` and `GetFunctionConfiguration`.

use api_lambda::{
    Concurrency, FunctionCodeLocation, FunctionConfiguration, GetFunction, GetFunctionConfiguration,
    GetFunctionConfigurationInput, GetFunctionInput, GetFunctionOutput, LambdaError,
};
use kernel::{Context, Handler};

use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::{Lambda, download, image};

impl Handler<GetFunction> for Lambda {
    async fn handle(&self, cx: &Context, input: GetFunctionInput) -> Result<GetFunctionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let (function, latest) = self.store.read(&name.scope, |tx| {
            let function = Function::get(tx, &name)?;
            Ok::<_, LambdaError>((function, tx.get(&FUNCTIONS, &name.name)?))
        })?;

        let code = image::location(&function).unwrap_or_else(|| FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: Some(download::url(cx, &name, &function)),
            ..FunctionCodeLocation::default()
        });
        // Tags and limits are the function's, whatever version is asked for.
        let (tags, reserved) = latest.map(|latest| (latest.tags, latest.reserved)).unwrap_or_default();
        Ok(GetFunctionOutput {
            configuration: Some(function.describe(&name, self.moment(&name, &function))),
            code: Some(code),
            tags: (!tags.is_empty()).then_some(tags),
            concurrency: reserved
                .map(|reserved| Concurrency { reserved_concurrent_executions: Some(reserved) }),
            ..GetFunctionOutput::default()
        })
    }
}

impl Handler<GetFunctionConfiguration> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionConfigurationInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;

        Ok(function.describe(&name, self.moment(&name, &function)))
    }
}
