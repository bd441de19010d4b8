//! `InvokeAsync`: the older way to hand over an event.

use api_lambda::{
    InvocationType, Invoke, InvokeAsync, InvokeAsyncInput, InvokeAsyncOutput, InvokeInput, LambdaError,
};
use kernel::{Context, Handler};

use crate::{Lambda, errors, limits};

impl Handler<InvokeAsync> for Lambda {
    async fn handle(&self, cx: &Context, input: InvokeAsyncInput) -> Result<InvokeAsyncOutput, LambdaError> {
        let payload = input.invoke_args.collect(limits::ASYNC_PAYLOAD + 1).await?;
        if payload.len() > limits::INVOKE_ASYNC_PAYLOAD {
            return Err(errors::payload_too_large(
                payload.len(),
                "InvokeAsync",
                limits::INVOKE_ASYNC_PAYLOAD,
            ));
        }
        let event = InvokeInput {
            function_name: input.function_name,
            invocation_type: Some(InvocationType::Event),
            payload: Some(payload),
            ..InvokeInput::default()
        };
        let taken = Handler::<Invoke>::handle(self, cx, event).await?;
        Ok(InvokeAsyncOutput { status: taken.status_code })
    }
}
