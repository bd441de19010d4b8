//! `GetFunction` and `GetFunctionConfiguration`.

use api_lambda::{
    FunctionCodeLocation, FunctionConfiguration, GetFunction, GetFunctionConfiguration,
    GetFunctionConfigurationInput, GetFunctionInput, GetFunctionOutput, LambdaError,
};
use kernel::{Context, Handler};

use crate::function::{Function, Moment};
use crate::names::FunctionName;
use crate::{Lambda, download};

impl Handler<GetFunction> for Lambda {
    async fn handle(&self, cx: &Context, input: GetFunctionInput) -> Result<GetFunctionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;

        let code = FunctionCodeLocation {
            repository_type: Some("S3".to_owned()),
            location: Some(download::url(cx, &name, &function.revision)),
            ..FunctionCodeLocation::default()
        };
        Ok(GetFunctionOutput {
            configuration: Some(function.describe(&name, Moment::Settled)),
            code: Some(code),
            tags: (!function.tags.is_empty()).then_some(function.tags),
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

        Ok(function.describe(&name, Moment::Settled))
    }
}
