//! `PauseDurableExecution` and `ResumeDurableExecution`: AWS carries them out a moment later, we at once.

use api_lambda::{
    LambdaError, PauseDurableExecution, PauseDurableExecutionInput, PauseDurableExecutionOutput,
    ResumeDurableExecution, ResumeDurableExecutionInput, ResumeDurableExecutionOutput,
};
use kernel::{Context, Handler};

use super::durable_execution::named;
use crate::Lambda;
use crate::durable::execution::Pause;

impl Handler<PauseDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PauseDurableExecutionInput,
    ) -> Result<PauseDurableExecutionOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        let now = cx.clock.now();
        self.store
            .write(&named.scope, |tx| {
                let mut execution = named.get(tx)?;
                let pause = Pause {
                    requested: now,
                    reason: input.reason.clone(),
                    stops_clock: input.execution_timeout_paused != Some(false),
                    client: input.client_token.clone(),
                    has_interrupted: false,
                    deadline: execution.deadline,
                };
                execution.pause(tx, now, pause)?;
                Ok::<_, LambdaError>(execution.put(tx)?)
            })
            .await?;
        Ok(PauseDurableExecutionOutput {})
    }
}

impl Handler<ResumeDurableExecution> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ResumeDurableExecutionInput,
    ) -> Result<ResumeDurableExecutionOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        let now = cx.clock.now();
        self.store
            .write(&named.scope, |tx| {
                let mut execution = named.get(tx)?;
                execution.resume(tx, now, input.client_token.clone(), input.reason.clone())?;
                Ok::<_, LambdaError>(execution.put(tx)?)
            })
            .await?;
        Ok(ResumeDurableExecutionOutput {})
    }
}
