//! `ListDurableExecutionsByFunction`: executions by start, the last first, if nothing else is said.

use api_lambda::{
    Execution as Summary, LambdaError, ListDurableExecutionsByFunction, ListDurableExecutionsByFunctionInput,
    ListDurableExecutionsByFunctionOutput,
};
use kernel::{Context, Fault, Handler, Scope, page};

use super::durable_execution_state::limit;
use crate::durable::EXECUTIONS;
use crate::durable::execution::Execution;
use crate::function::Function;
use crate::names::FunctionName;
use crate::{Lambda, paging};

const LIST: &str = "lambda.durable.executions";

impl Handler<ListDurableExecutionsByFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListDurableExecutionsByFunctionInput,
    ) -> Result<ListDurableExecutionsByFunctionOutput, LambdaError> {
        let most = limit(input.max_items);
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        let after = paging::after(LIST, input.marker.as_deref())?;

        let rows: Vec<Execution> = self.store.read(&name.scope, |tx| {
            let version = Function::get(tx, &name)?.version;
            let version = name.qualifier.as_ref().map(|_| version);
            let rows = tx.prefix(&EXECUTIONS, &(name.name.as_str(),));
            let is_wanted = |execution: &Execution| {
                version.as_ref().is_none_or(|version| *version == execution.version)
                    && matches(&input, execution)
            };
            let key = |id: &str| (name.name.clone(), id.to_owned());
            let rows: Box<dyn Iterator<Item = Result<_, Fault>>> = match (input.reverse_order, &after) {
                (Some(true), Some(after)) => Box::new(rows.after(&key(after))),
                (Some(true), None) => Box::new(rows),
                (_, Some(after)) => Box::new(rows.before(&key(after)).rev()),
                (_, None) => Box::new(rows.rev()),
            };
            let rows = rows.map(|row| row.map(|(_, execution)| execution));
            let rows = rows.filter(|row| row.as_ref().map_or(true, is_wanted));
            Ok::<_, LambdaError>(rows.take(most + 1).collect::<Result<_, Fault>>()?)
        })?;

        let page = page::cut(rows, most, LIST, |execution| execution.id.clone());
        let executions = page.items.iter().map(|execution| summary(execution, &name.scope)).collect();
        Ok(ListDurableExecutionsByFunctionOutput {
            durable_executions: Some(executions),
            next_marker: page.next,
        })
    }
}

fn matches(input: &ListDurableExecutionsByFunctionInput, execution: &Execution) -> bool {
    let statuses = input.statuses.as_ref().filter(|statuses| !statuses.is_empty());
    input.durable_execution_name.as_ref().is_none_or(|name| *name == execution.name)
        && statuses.is_none_or(|statuses| statuses.contains(&execution.status))
        && input.started_after.is_none_or(|after| execution.started > after)
        && input.started_before.is_none_or(|before| execution.started < before)
}

fn summary(execution: &Execution, scope: &Scope) -> Summary {
    Summary {
        durable_execution_arn: execution.arn(scope),
        durable_execution_name: execution.name.clone(),
        function_arn: execution.function_arn(scope),
        status: execution.status.clone(),
        start_timestamp: execution.started,
        end_timestamp: execution.ended,
        kms_key_arn: None,
    }
}
