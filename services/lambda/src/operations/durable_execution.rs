//! `GetDurableExecution`, `StopDurableExecution` and `DeleteDurableExecution`.

use api_lambda::{
    DeleteDurableExecution, DeleteDurableExecutionInput, DeleteDurableExecutionOutput, ExecutionStatus,
    GetDurableExecution, GetDurableExecutionInput, GetDurableExecutionOutput, LambdaError,
    StopDurableExecution, StopDurableExecutionInput, StopDurableExecutionOutput,
};
use kernel::{Context, Handler};

use crate::durable::OUTCOMES;
use crate::durable::execution::Named;
use crate::durable::outcome::{Outcome, Problem};
use crate::{Lambda, errors};

/// What an ARN names, if it is one of an execution.
pub fn named(cx: &Context, arn: &str) -> Result<Named, LambdaError> {
    Named::parse(cx, arn).ok_or_else(|| errors::refused("Invalid Durable Execution ARN"))
}

impl Handler<GetDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDurableExecutionInput,
    ) -> Result<GetDurableExecutionOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        let with_data = input.include_execution_data != Some(false);
        self.store.read(&named.scope, |tx| {
            let execution = named.get(tx)?;
            if !with_data {
                return Ok(execution.describe(&named.scope, None));
            }
            let first = execution.operation(tx, &execution.id)?;
            let outcome = tx.get(&OUTCOMES, execution.id.as_str())?.unwrap_or_default();
            let data = (first.and_then(|operation| operation.input), outcome);
            Ok(execution.describe(&named.scope, Some(data)))
        })
    }
}

impl Handler<StopDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: StopDurableExecutionInput,
    ) -> Result<StopDurableExecutionOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        let error = Problem::given(input.error)?;
        let error = error.unwrap_or_else(|| Problem {
            message: Some("Execution stopped by user request".to_owned()),
            ..Problem::default()
        });
        let now = cx.clock.now();
        let stop_timestamp = self
            .store
            .write(&named.scope, |tx| {
                let mut execution = named.get(tx)?;
                // One that has ended stays as it is.
                if let Some(ended) = execution.ended {
                    return Ok(ended);
                }
                let outcome = Outcome { result: None, error: Some(error.clone()) };
                execution.close(tx, now, ExecutionStatus::Stopped, outcome)?;
                Ok::<_, LambdaError>(now)
            })
            .await?;

        self.durable.tell(&named.id);
        Ok(StopDurableExecutionOutput { stop_timestamp })
    }
}

impl Handler<DeleteDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDurableExecutionInput,
    ) -> Result<DeleteDurableExecutionOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        self.store
            .write(&named.scope, |tx| {
                let execution = named.get(tx)?;
                match execution.is_closed() {
                    true => Ok(execution.remove(tx)?),
                    false => Err(errors::not_in_status("deleted", &execution.status)),
                }
            })
            .await?;

        self.durable.tell(&named.id);
        Ok(DeleteDurableExecutionOutput { deletion_request_timestamp: cx.clock.now() })
    }
}
