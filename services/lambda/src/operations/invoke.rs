//! `Invoke`: runs a function and waits, or hands the event to the outbox.

use api_lambda::{InvocationType, Invoke, InvokeInput, InvokeOutput, LambdaError, LogType};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Bytes, Context, Handler};
use serde::de::IgnoredAny;

use crate::durable::start::Start;
use crate::event::{Event, KIND};
use crate::names::FunctionName;
use crate::run::{Request, trace};
use crate::{Lambda, alias, errors, limits, tenant};

impl Handler<Invoke> for Lambda {
    async fn handle(&self, cx: &Context, input: InvokeInput) -> Result<InvokeOutput, LambdaError> {
        let kind = input.invocation_type.unwrap_or(InvocationType::RequestResponse);
        let payload = payload(input.payload, kind.as_str())?;
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        let (_, function) = self.store.read(&name.scope, |tx| {
            alias::target(cx, tx, &name).map_err(|error| match error {
                // AWS names the version that it looked for.
                LambdaError::ResourceNotFoundException(_) => {
                    errors::no_such_function(&name.with(name.key()).arn())
                }
                error => error,
            })
        })?;
        tenant::check(&function, input.tenant_id.as_deref())?;
        let version = function.version.clone();
        let client_context = input.client_context.map(|text| decode(&text)).transpose()?;
        let request_id = request_id(cx);

        if function.configuration.durable.is_some() && kind != InvocationType::DryRun {
            let start = Start {
                execution: input.durable_execution_name,
                is_async: kind == InvocationType::Event,
                ..Start::of(&name, &function, payload, trace(cx, &function))
            };
            return self.start_durable(cx, start).await;
        }
        match kind {
            InvocationType::DryRun => Ok(InvokeOutput { status_code: Some(204), ..InvokeOutput::default() }),
            InvocationType::Event => {
                let taken = Some(cx.clock.now());
                let trace_header = trace(cx, &function);
                let (function, tenant_id) = (name.arn(), input.tenant_id);
                let event =
                    Event { function, request_id, payload, client_context, tenant_id, trace_header, taken };
                self.store.write(&name.scope, |tx| tx.emit(KIND, &event)).await?;
                Ok(InvokeOutput { status_code: Some(202), ..InvokeOutput::default() })
            }
            _ => {
                let tenant_id = input.tenant_id;
                let request = Request { payload, client_context, tenant_id, trace_header: None };
                let outcome = self.run(cx, &name, function, &request_id, request).await?;
                let tail = match input.log_type {
                    Some(LogType::Tail) => Some(STANDARD.encode(outcome.whole_tail().await)),
                    _ => None,
                };
                Ok(InvokeOutput {
                    status_code: Some(200),
                    function_error: outcome.function_error.map(|error| error.as_str().to_owned()),
                    log_result: tail,
                    payload: Some(outcome.payload),
                    executed_version: Some(version),
                    ..InvokeOutput::default()
                })
            }
        }
    }
}

impl Lambda {
    /// Executions are started at once, so that every caller learns their ARN.
    async fn start_durable(&self, cx: &Context, start: Start<'_>) -> Result<InvokeOutput, LambdaError> {
        let scope = start.name.scope.clone();
        if start.is_async {
            let execution = self.start(cx, start).await?;
            let durable_execution_arn = Some(execution.arn(&scope));
            return Ok(InvokeOutput {
                status_code: Some(202),
                durable_execution_arn,
                ..InvokeOutput::default()
            });
        }
        let (execution, outcome) = self.start_and_wait(cx, start).await?;
        Ok(InvokeOutput {
            status_code: Some(200),
            function_error: outcome.function_error.map(|error| error.as_str().to_owned()),
            payload: Some(outcome.payload),
            durable_execution_arn: Some(execution.arn(&scope)),
            executed_version: Some(execution.version),
            ..InvokeOutput::default()
        })
    }
}

/// The event: JSON, not too long, and an empty structure where there is none.
pub fn payload(given: Option<Bytes>, kind: &str) -> Result<Bytes, LambdaError> {
    let payload = given.filter(|payload| !payload.is_empty());
    let payload = payload.unwrap_or_else(|| Bytes::from_static(b"{}"));
    let most = if kind == "Event" { limits::ASYNC_PAYLOAD } else { limits::PAYLOAD };
    if payload.len() > most {
        return Err(errors::payload_too_large(payload.len(), kind, most));
    }
    let parsed: Result<IgnoredAny, _> = serde_json::from_slice(&payload);
    parsed.map(|_| payload).map_err(|error| errors::not_json(&error.to_string()))
}

/// The id of the invocation, which is the request's where a client asks for it.
pub fn request_id(cx: &Context) -> String {
    if cx.request.id.is_empty() { cx.ids.uuid() } else { cx.request.id.clone() }
}

/// The client context comes as base64 of JSON and goes to the function in a header, which has neither lines nor letters
/// beyond ASCII: outside of JSON's strings only spaces can be lines, and inside of them letters have escapes.
pub fn decode(text: &str) -> Result<String, LambdaError> {
    let invalid = || errors::not_json("Client context must be a valid Base64-encoded JSON object.");
    let bytes = STANDARD.decode(text).map_err(|_| invalid())?;
    let _: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    let text = String::from_utf8(bytes).map_err(|_| invalid())?;
    Ok(text.chars().map(in_header).collect())
}

fn in_header(character: char) -> String {
    match character {
        control if control.is_ascii_control() => " ".to_owned(),
        ascii if ascii.is_ascii() => ascii.to_string(),
        other => other.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_contexts_fit_into_headers() {
        let decoded = |text: &str| decode(&STANDARD.encode(text));
        assert_eq!(decoded("{\n \"a\": \"ü😀\"}\n").unwrap(), r#"{  "a": "\u00fc\ud83d\ude00"} "#);
        assert!(decoded("[1]").is_err() && decoded("{").is_err());
    }
}
