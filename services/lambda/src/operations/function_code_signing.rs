//! `PutFunctionCodeSigningConfig` and its family: which configuration a function refers to.

use api_lambda::{
    DeleteFunctionCodeSigningConfig, DeleteFunctionCodeSigningConfigInput,
    DeleteFunctionCodeSigningConfigOutput, GetFunctionCodeSigningConfig, GetFunctionCodeSigningConfigInput,
    GetFunctionCodeSigningConfigOutput, LambdaError, ListFunctionsByCodeSigningConfig,
    ListFunctionsByCodeSigningConfigInput, ListFunctionsByCodeSigningConfigOutput,
    PutFunctionCodeSigningConfig, PutFunctionCodeSigningConfigInput, PutFunctionCodeSigningConfigOutput,
};
use kernel::{Context, Fault, Handler};

use super::code_signing_config::find;
use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;
use crate::signing::{self, SIGNING};
use crate::{Lambda, errors, paging};

const LIST: &str = "lambda.signed_functions";

impl Handler<PutFunctionCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutFunctionCodeSigningConfigInput,
    ) -> Result<PutFunctionCodeSigningConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;
        let arn = input.code_signing_config_arn;

        self.store
            .write(&name.scope, |tx| {
                if !tx.contains(&SIGNING, signing::id(&arn))? {
                    return Err(errors::unknown_signing(&arn));
                }
                let function = Function { signing: Some(arn.clone()), ..Function::get(tx, &name.plain())? };
                Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(PutFunctionCodeSigningConfigOutput { code_signing_config_arn: arn, function_name: name.name })
    }
}

impl Handler<GetFunctionCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionCodeSigningConfigInput,
    ) -> Result<GetFunctionCodeSigningConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name.plain()))?;

        Ok(match function.signing {
            Some(arn) => GetFunctionCodeSigningConfigOutput {
                code_signing_config_arn: Some(arn),
                function_name: Some(name.name),
            },
            None => GetFunctionCodeSigningConfigOutput::default(),
        })
    }
}

impl Handler<DeleteFunctionCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionCodeSigningConfigInput,
    ) -> Result<DeleteFunctionCodeSigningConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        self.store
            .write(&name.scope, |tx| {
                let function = Function { signing: None, ..Function::get(tx, &name.plain())? };
                Ok::<_, LambdaError>(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(DeleteFunctionCodeSigningConfigOutput {})
    }
}

impl Handler<ListFunctionsByCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionsByCodeSigningConfigInput,
    ) -> Result<ListFunctionsByCodeSigningConfigOutput, LambdaError> {
        let arn = &input.code_signing_config_arn;

        let page = self.store.read(&cx.scope, |tx| {
            find(tx, arn)?;
            let refers = |row: &Result<(String, Function), Fault>| {
                row.as_ref().map_or(true, |(_, function)| function.signing.as_ref() == Some(arn))
            };
            let rows = tx.range(&FUNCTIONS, ..).filter(refers);
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(name, _)| name.clone())
        })?;

        let arns = page.items.iter().map(|(name, _)| crate::names::function_arn(&cx.scope, name)).collect();
        Ok(ListFunctionsByCodeSigningConfigOutput { function_arns: Some(arns), next_marker: page.next })
    }
}
