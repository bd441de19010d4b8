//! `SendDurableExecutionCallbackSuccess`, `…Failure` and `…Heartbeat`.

use api_lambda::{
    LambdaError, OperationStatus, SendDurableExecutionCallbackFailure,
    SendDurableExecutionCallbackFailureInput, SendDurableExecutionCallbackFailureOutput,
    SendDurableExecutionCallbackHeartbeat, SendDurableExecutionCallbackHeartbeatInput,
    SendDurableExecutionCallbackHeartbeatOutput, SendDurableExecutionCallbackSuccess,
    SendDurableExecutionCallbackSuccessInput, SendDurableExecutionCallbackSuccessOutput,
};
use kernel::{Context, Handler};

use crate::Lambda;
use crate::durable::callback;
use crate::durable::outcome::{Outcome, Problem};

impl Handler<SendDurableExecutionCallbackSuccess> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: SendDurableExecutionCallbackSuccessInput,
    ) -> Result<SendDurableExecutionCallbackSuccessOutput, LambdaError> {
        let result = callback::text(input.result.filter(|result| !result.is_empty()))?;
        let outcome = Outcome { result, error: None };
        self.call_back(cx, &input.callback_id, OperationStatus::Succeeded, outcome).await?;
        Ok(SendDurableExecutionCallbackSuccessOutput {})
    }
}

impl Handler<SendDurableExecutionCallbackFailure> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: SendDurableExecutionCallbackFailureInput,
    ) -> Result<SendDurableExecutionCallbackFailureOutput, LambdaError> {
        let error = Problem::given(input.error)?.unwrap_or_default();
        let outcome = Outcome { result: None, error: Some(error) };
        self.call_back(cx, &input.callback_id, OperationStatus::Failed, outcome).await?;
        Ok(SendDurableExecutionCallbackFailureOutput {})
    }
}

impl Handler<SendDurableExecutionCallbackHeartbeat> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: SendDurableExecutionCallbackHeartbeatInput,
    ) -> Result<SendDurableExecutionCallbackHeartbeatOutput, LambdaError> {
        self.beat(cx, &input.callback_id).await?;
        Ok(SendDurableExecutionCallbackHeartbeatOutput {})
    }
}
