//! `InvokeWithResponseStream`: runs a function and passes its answer on while it comes.

use api_lambda::{
    InvokeResponseStreamUpdate, InvokeWithResponseStream, InvokeWithResponseStreamCompleteEvent,
    InvokeWithResponseStreamInput, InvokeWithResponseStreamOutput, InvokeWithResponseStreamResponseEvent,
    LambdaError, LogType, ResponseStreamingInvocationType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use kernel::{Bytes, Context, EventStream, Fault, Handler};
use runner::{Outcome, StreamPart};
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use super::invoke;
use crate::names::FunctionName;
use crate::run::{Request, Streamed};
use crate::{Lambda, alias, tenant};

type Event = InvokeWithResponseStreamResponseEvent;

impl Handler<InvokeWithResponseStream> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: InvokeWithResponseStreamInput,
    ) -> Result<InvokeWithResponseStreamOutput, LambdaError> {
        let payload = invoke::payload(input.payload, "RequestResponse")?;
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        let (_, function) = self.store.read(&name.scope, |tx| alias::target(cx, tx, &name))?;
        tenant::check(&function, input.tenant_id.as_deref())?;
        let executed_version = Some(function.version.clone());
        if input.invocation_type == Some(ResponseStreamingInvocationType::DryRun) {
            let status_code = Some(204);
            return Ok(InvokeWithResponseStreamOutput { status_code, ..Default::default() });
        }
        let request_id = invoke::request_id(cx);
        let client_context = input.client_context.map(|text| invoke::decode(&text)).transpose()?;

        let request = Request { payload, client_context, tenant_id: input.tenant_id, trace_header: None };
        let Streamed { mut parts, outcome } = self.stream(cx, &name, function, &request_id, request).await?;
        // The answer's type comes before its first byte. Functions that do not stream end without a part.
        let first = parts.recv().await;
        let (content_type, first) = match first {
            Some(StreamPart::ContentType(kind)) => (kind, None),
            Some(StreamPart::Data(data)) => ("application/octet-stream".to_owned(), Some(data)),
            None => ("application/octet-stream".to_owned(), None),
        };
        let tail = input.log_type == Some(LogType::Tail);
        let state = State { first, parts, outcome: Some(outcome), tail, ended: None };
        Ok(InvokeWithResponseStreamOutput {
            status_code: Some(200),
            executed_version,
            event_stream: EventStream::new(stream::unfold(state, next)),
            response_stream_content_type: Some(content_type),
        })
    }
}

struct State {
    first: Option<Bytes>,
    parts: UnboundedReceiver<StreamPart>,
    outcome: Option<JoinHandle<Result<Outcome, LambdaError>>>,
    tail: bool,
    ended: Option<Event>,
}

async fn next(mut state: State) -> Option<(Event, State)> {
    if let Some(data) = state.first.take() {
        return Some((chunk(data), state));
    }
    while let Some(part) = state.parts.recv().await {
        if let StreamPart::Data(data) = part {
            return Some((chunk(data), state));
        }
    }
    if let Some(outcome) = state.outcome.take() {
        let outcome = Streamed::end(outcome).await;
        let tail = match &outcome {
            Ok(outcome) if state.tail => Some(STANDARD.encode(outcome.whole_tail().await)),
            _ => None,
        };
        let (whole, complete) = conclude(outcome, tail);
        if let Some(whole) = whole {
            state.ended = Some(complete);
            return Some((chunk(whole), state));
        }
        return Some((complete, state));
    }
    state.ended.take().map(|complete| (complete, state))
}

fn chunk(data: Bytes) -> Event {
    Event::PayloadChunk(InvokeResponseStreamUpdate { payload: Some(data) })
}

/// The answer of a function that does not stream, and the last event.
fn conclude(outcome: Result<Outcome, LambdaError>, tail: Option<String>) -> (Option<Bytes>, Event) {
    let mut complete = InvokeWithResponseStreamCompleteEvent::default();
    let mut whole = None;
    match outcome {
        Ok(outcome) => {
            complete.log_result = tail;
            if outcome.function_error.is_some() {
                let payload: Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
                complete.error_code = payload["errorType"].as_str().map(str::to_owned);
                complete.error_details = Some(String::from_utf8_lossy(&outcome.payload).into_owned());
            } else if !outcome.payload.is_empty() {
                whole = Some(outcome.payload);
            }
        }
        Err(error) => {
            let fault = Fault::from(error);
            complete.error_code = Some(fault.code().to_owned());
            complete.error_details = Some(fault.message().to_owned());
        }
    }
    (whole, Event::InvokeComplete(complete))
}
