//! `PutFunctionConcurrency`, `GetFunctionConcurrency`, `DeleteFunctionConcurrency` and `GetAccountSettings`.

use api_lambda::{
    AccountLimit, AccountUsage, Concurrency, DeleteFunctionConcurrency, DeleteFunctionConcurrencyInput,
    DeleteFunctionConcurrencyOutput, GetAccountSettings, GetAccountSettingsInput, GetAccountSettingsOutput,
    GetFunctionConcurrency, GetFunctionConcurrencyInput, GetFunctionConcurrencyOutput, LambdaError,
    PutFunctionConcurrency, PutFunctionConcurrencyInput,
};
use kernel::{Context, Handler};

use crate::function::{FUNCTIONS, Function, VERSIONS};
use crate::layer::LAYER_VERSIONS;
use crate::names::FunctionName;
use crate::{Lambda, errors, limits, provisioned};

impl Handler<PutFunctionConcurrency> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutFunctionConcurrencyInput,
    ) -> Result<Concurrency, LambdaError> {
        let name = unqualified(cx, &input.function_name)?;
        let asked = input.reserved_concurrent_executions;

        self.store
            .write(&name.scope, |tx| {
                let mut function = latest(tx, &name)?;
                if function.configuration.managed.is_some() {
                    return Err(errors::not_managed("Reserved concurrency"));
                }
                let others = provisioned::claimed(tx, Some(&name.name))?;
                if limits::CONCURRENCY - others - asked < limits::UNRESERVED {
                    return Err(errors::refused(format!(
                        "Specified ReservedConcurrentExecutions for function decreases account's \
                         UnreservedConcurrentExecution below its minimum value of [{}].",
                        limits::UNRESERVED
                    )));
                }
                let provisioned = provisioned::total(tx, &name.name, None)?;
                if asked < provisioned {
                    return Err(errors::refused(format!(
                        " ReservedConcurrentExecutions  {asked} should not be lower than function's total provisioned \
                         concurrency [{provisioned}]."
                    )));
                }
                function.reserved = Some(asked);
                Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(Concurrency { reserved_concurrent_executions: Some(asked) })
    }
}

impl Handler<GetFunctionConcurrency> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetFunctionConcurrencyInput,
    ) -> Result<GetFunctionConcurrencyOutput, LambdaError> {
        let name = unqualified(cx, &input.function_name)?;

        let function = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;

        Ok(GetFunctionConcurrencyOutput { reserved_concurrent_executions: function.reserved })
    }
}

impl Handler<DeleteFunctionConcurrency> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionConcurrencyInput,
    ) -> Result<DeleteFunctionConcurrencyOutput, LambdaError> {
        let name = unqualified(cx, &input.function_name)?;

        self.store
            .write(&name.scope, |tx| {
                let function = Function { reserved: None, ..latest(tx, &name)? };
                Ok::<_, LambdaError>(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await?;

        Ok(DeleteFunctionConcurrencyOutput {})
    }
}

impl Handler<GetAccountSettings> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        _: GetAccountSettingsInput,
    ) -> Result<GetAccountSettingsOutput, LambdaError> {
        let (mut count, mut size, mut reserved) = (0, 0, 0);
        self.store.read(&cx.scope, |tx| {
            for row in tx.range(&FUNCTIONS, ..) {
                let (_, function) = row?;
                count += 1;
                size += function.code.size;
            }
            for row in tx.range(&VERSIONS, ..) {
                size += row?.1.code.size;
            }
            for row in tx.range(&LAYER_VERSIONS, ..) {
                size += row?.1.size;
            }
            reserved = provisioned::claimed(tx, None)?;
            Ok::<_, LambdaError>(())
        })?;

        Ok(GetAccountSettingsOutput {
            account_limit: Some(AccountLimit {
                total_code_size: Some(limits::STORAGE),
                code_size_unzipped: i64::try_from(limits::UNZIPPED).ok(),
                code_size_zipped: i64::try_from(limits::ZIPPED).ok(),
                concurrent_executions: Some(limits::CONCURRENCY),
                unreserved_concurrent_executions: Some(limits::CONCURRENCY - reserved),
            }),
            account_usage: Some(AccountUsage {
                total_code_size: i64::try_from(size).ok(),
                function_count: Some(count),
            }),
        })
    }
}

fn unqualified(cx: &Context, text: &str) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, text, None)?;
    match name.qualifier {
        None => Ok(name),
        Some(_) => Err(errors::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN.",
        )),
    }
}

/// AWS names the version that it looked for.
fn latest(tx: &store::ReadTx<'_>, name: &FunctionName) -> Result<Function, LambdaError> {
    Function::get(tx, &name.with(crate::function::LATEST))
}
