//! `PutFunctionScalingConfig` and `GetFunctionScalingConfig`: how many environments a version on a capacity provider has.

use api_lambda::{
    GetFunctionScalingConfig, GetFunctionScalingConfigInput, GetFunctionScalingConfigOutput, LambdaError,
    PutFunctionScalingConfig, PutFunctionScalingConfigInput, PutFunctionScalingConfigOutput, State,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::capacity::Scaling;
use crate::function::Function;
use crate::names::FunctionName;
use crate::provisioned::Warmth;
use crate::{Lambda, errors};

impl Handler<PutFunctionScalingConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutFunctionScalingConfigInput,
    ) -> Result<PutFunctionScalingConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, Some(&input.qualifier))?;
        let asked = Scaling::of(input.function_scaling_config.as_ref())?;

        let (before, version) = self
            .store
            .write(&name.scope, |tx| {
                let mut version = find(tx, &name)?;
                let before = version.scaling();
                version.scaling = Some(asked);
                version.put(tx, &name.name)?;
                Ok::<_, LambdaError>((before, version))
            })
            .await?;

        if asked.is_off() {
            self.runner.retire(&name.arn()).await;
            return Ok(PutFunctionScalingConfigOutput { function_state: Some(State::Deactivating) });
        }
        let more = if before.is_off() { asked.min } else { asked.min - before.min };
        if more > 0 {
            self.start_managed(cx, &name, &version, more, before.is_off()).await?;
        }
        let function_state = version.describe(&name, self.moment(&name, &version)).state;
        Ok(PutFunctionScalingConfigOutput { function_state })
    }
}

impl Handler<GetFunctionScalingConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionScalingConfigInput,
    ) -> Result<GetFunctionScalingConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, Some(&input.qualifier))?;

        let version = self.store.read(&name.scope, |tx| find(tx, &name))?;

        let requested = version.scaling();
        let is_applied = self.warming.state(&name.arn()) != Warmth::Starting;
        Ok(GetFunctionScalingConfigOutput {
            function_arn: Some(name.arn()),
            applied_function_scaling_config: is_applied.then(|| requested.describe()),
            requested_function_scaling_config: Some(requested.describe()),
        })
    }
}

fn find(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Function, LambdaError> {
    let version = Function::get(tx, name)?;
    match version.configuration.managed {
        Some(_) => Ok(version),
        None => {
            Err(errors::invalid("Function scaling is supported for Lambda Managed Instances functions only."))
        }
    }
}
