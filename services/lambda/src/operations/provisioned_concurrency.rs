//! `PutProvisionedConcurrencyConfig` and its family.

use api_lambda::{
    DeleteProvisionedConcurrencyConfig, DeleteProvisionedConcurrencyConfigInput,
    DeleteProvisionedConcurrencyConfigOutput, GetProvisionedConcurrencyConfig,
    GetProvisionedConcurrencyConfigInput, GetProvisionedConcurrencyConfigOutput, LambdaError,
    ListProvisionedConcurrencyConfigs, ListProvisionedConcurrencyConfigsInput,
    ListProvisionedConcurrencyConfigsOutput, ProvisionedConcurrencyConfigListItem,
    ProvisionedConcurrencyStatusEnum, PutProvisionedConcurrencyConfig, PutProvisionedConcurrencyConfigInput,
    PutProvisionedConcurrencyConfigOutput,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::alias::ALIASES;
use crate::describe::moment_text;
use crate::function::{FUNCTIONS, Function};
use crate::names::{FunctionName, Qualifier};
use crate::provisioned::{self, PROVISIONED, Provisioned, Warmth};
use crate::{Lambda, alias, errors, limits, paging, tenant};

const LIST: &str = "lambda.provisioned";

impl Handler<PutProvisionedConcurrencyConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PutProvisionedConcurrencyConfigInput,
    ) -> Result<PutProvisionedConcurrencyConfigOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, Some(&input.qualifier))?;
        if name.kind() == Qualifier::Latest {
            return Err(errors::invalid(
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
            ));
        }
        let count = input.provisioned_concurrent_executions;
        let row = Provisioned { count, modified: cx.clock.now() };

        let function = self
            .store
            .write(&name.scope, |tx| {
                alias::require(tx, &name)?;
                let function = Function::get(tx, &name)?;
                tenant::refuse(&function, "Provisioned concurrency")?;
                if function.configuration.managed.is_some() {
                    return Err(errors::not_managed("Provisioned concurrency"));
                }
                refuse_double(tx, &name)?;
                refuse_too_many(tx, &name, count)?;
                tx.put(&PROVISIONED, &(name.name.as_str(), name.key()), &row)?;
                Ok::<_, LambdaError>(function)
            })
            .await?;

        let there = cx.in_scope(name.scope.clone());
        let spec = self.provisioned_spec(&there, &name, function).await?;
        self.warming.start(self.runner.clone(), spec, name.arn(), count);

        Ok(PutProvisionedConcurrencyConfigOutput {
            requested_provisioned_concurrent_executions: Some(count),
            allocated_provisioned_concurrent_executions: Some(0),
            available_provisioned_concurrent_executions: Some(0),
            status: Some(ProvisionedConcurrencyStatusEnum::InProgress),
            status_reason: None,
            last_modified: Some(moment_text(row.modified)),
        })
    }
}

impl Handler<GetProvisionedConcurrencyConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetProvisionedConcurrencyConfigInput,
    ) -> Result<GetProvisionedConcurrencyConfigOutput, LambdaError> {
        let name = qualified(cx, &input.function_name, &input.qualifier)?;

        let row = self.store.read(&name.scope, |tx| find(tx, &name))?;

        let listed = self.describe_provisioned(&name, &row);
        Ok(GetProvisionedConcurrencyConfigOutput {
            requested_provisioned_concurrent_executions: listed.requested_provisioned_concurrent_executions,
            available_provisioned_concurrent_executions: listed.available_provisioned_concurrent_executions,
            allocated_provisioned_concurrent_executions: listed.allocated_provisioned_concurrent_executions,
            status: listed.status,
            status_reason: listed.status_reason,
            last_modified: listed.last_modified,
        })
    }
}

impl Handler<DeleteProvisionedConcurrencyConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteProvisionedConcurrencyConfigInput,
    ) -> Result<DeleteProvisionedConcurrencyConfigOutput, LambdaError> {
        let name = qualified(cx, &input.function_name, &input.qualifier)?;

        // What has none is rid of it too.
        self.store
            .write(&name.scope, |tx| {
                alias::require(tx, &name)?;
                Function::get(tx, &name)?;
                Ok::<_, LambdaError>(provisioned::forget(tx, &name.name, Some(name.key()))?)
            })
            .await?;

        Ok(DeleteProvisionedConcurrencyConfigOutput {})
    }
}

impl Handler<ListProvisionedConcurrencyConfigs> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListProvisionedConcurrencyConfigsInput,
    ) -> Result<ListProvisionedConcurrencyConfigsOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let page = self.store.read(&name.scope, |tx| {
            Function::get(tx, &name.plain())?;
            let rows = tx.prefix(&PROVISIONED, &(name.name.as_str(),));
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(key, _)| key.1.clone())
        })?;

        let describe = |((_, qualifier), row): ((String, String), Provisioned)| {
            self.describe_provisioned(&name.with(&qualifier), &row)
        };
        Ok(ListProvisionedConcurrencyConfigsOutput {
            provisioned_concurrency_configs: Some(page.items.into_iter().map(describe).collect()),
            next_marker: page.next,
        })
    }
}

impl Lambda {
    fn describe_provisioned(
        &self,
        name: &FunctionName,
        row: &Provisioned,
    ) -> ProvisionedConcurrencyConfigListItem {
        let (status, reason, there) = match self.warming.state(&name.arn()) {
            Warmth::Starting => (ProvisionedConcurrencyStatusEnum::InProgress, None, 0),
            Warmth::Ready => (ProvisionedConcurrencyStatusEnum::Ready, None, row.count),
            Warmth::Failed => {
                let reason = Some("FUNCTION_ERROR_INIT_FAILURE".to_owned());
                (ProvisionedConcurrencyStatusEnum::Failed, reason, 0)
            }
        };
        ProvisionedConcurrencyConfigListItem {
            function_arn: Some(name.arn()),
            requested_provisioned_concurrent_executions: Some(row.count),
            available_provisioned_concurrent_executions: Some(there),
            allocated_provisioned_concurrent_executions: Some(there),
            status: Some(status),
            status_reason: reason,
            last_modified: Some(moment_text(row.modified)),
        }
    }
}

fn qualified(cx: &Context, text: &str, qualifier: &str) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, text, Some(qualifier))?;
    match name.kind() {
        Qualifier::Latest => {
            Err(errors::invalid("The function resource provided must be an alias or a published version."))
        }
        _ => Ok(name),
    }
}

fn find(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Provisioned, LambdaError> {
    alias::require(tx, name)?;
    Function::get(tx, name)?;
    tx.get(&PROVISIONED, &(name.name.as_str(), name.key()))?.ok_or_else(errors::not_provisioned)
}

/// A version and an alias that points to it cannot both have some.
fn refuse_double(tx: &ReadTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
    match name.kind() {
        Qualifier::Alias(alias) => {
            let alias = tx.get(&ALIASES, &(name.name.as_str(), alias))?;
            let version = alias.map(|alias| alias.version).unwrap_or_default();
            if tx.contains(&PROVISIONED, &(name.name.as_str(), version.as_str()))? {
                return Err(errors::conflict(
                    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
                        .to_owned(),
                ));
            }
        }
        _ => {
            for row in tx.prefix(&ALIASES, &(name.name.as_str(),)) {
                let ((function, alias), row) = row?;
                if row.version == name.key() && tx.contains(&PROVISIONED, &(function, alias))? {
                    return Err(errors::conflict(
                        "Version is pointed by a Provisioned Concurrency alias".to_owned(),
                    ));
                }
            }
        }
    }
    Ok(())
}

fn refuse_too_many(tx: &ReadTx<'_>, name: &FunctionName, count: i32) -> Result<(), LambdaError> {
    let own = provisioned::total(tx, &name.name, Some(name.key()))? + count;
    let reserved = tx.get(&FUNCTIONS, &name.name)?.and_then(|function| function.reserved);
    if let Some(reserved) = reserved {
        return if own > reserved {
            Err(errors::invalid(
                "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for \
                 function",
            ))
        } else {
            Ok(())
        };
    }
    let free = limits::CONCURRENCY - provisioned::claimed(tx, Some(&name.name))?;
    if own > free {
        return Err(errors::refused(format!(
            "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [{free}]."
        )));
    }
    if free - own < limits::UNRESERVED {
        return Err(errors::refused(format!(
            "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its \
             minimum value of [{}].",
            limits::UNRESERVED
        )));
    }
    Ok(())
}
