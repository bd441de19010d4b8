//! Handing a batch to a function, and reading from its answer what failed.

use std::sync::Arc;

use api_lambda::{InvocationType, Invoke, InvokeInput};
use kernel::{Arn, Bytes, Context, Fault};
use serde_json::Value;

/// What became of a batch.
#[derive(Debug)]
pub enum Outcome {
    /// All of it is done.
    Done,
    /// These records, by what identifies them, are not; perhaps all. With the version that ran.
    Failed(Vec<String>, Option<String>),
    /// None of it is.
    Error(Failure),
}

/// Why nothing of a batch was done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The status of the invocation.
    pub status: i32,
    /// `Handled` or `Unhandled`, if the function ran.
    pub function_error: Option<String>,
    /// The version that ran.
    pub version: Option<String>,
    /// Whether the function is too busy, or gone: nothing that another try of the same batch at once would change.
    pub is_throttled: bool,
}

/// Invokes a function with an event and waits for it. The second is its answer, empty if there is none.
pub async fn invoke(
    cx: &Context,
    function: &str,
    event: &Value,
    reports: bool,
    trace: Option<&str>,
) -> Result<(Outcome, Bytes), Fault> {
    let scope = Arn::parse(function).map_or_else(|| cx.scope.clone(), |arn| arn.scope(&cx.scope));
    let input = InvokeInput {
        function_name: function.to_owned(),
        invocation_type: Some(InvocationType::RequestResponse),
        payload: Some(event.to_string().into_bytes().into()),
        ..InvokeInput::default()
    };
    let mut there = cx.in_scope(scope);
    if let Some(trace) = trace.and_then(|trace| trace.parse().ok()) {
        let mut request = (*there.request).clone();
        request.headers.insert("x-amzn-trace-id", trace);
        there.request = Arc::new(request);
    }
    let answer = match there.call::<Invoke>(input).await {
        Ok(answer) => answer,
        Err(fault) => {
            let status = i32::from(fault.status());
            let failure = Failure { status, function_error: None, version: None, is_throttled: true };
            return Ok((Outcome::Error(failure), Bytes::new()));
        }
    };
    if let Some(error) = answer.function_error {
        let failure = Failure {
            status: answer.status_code.unwrap_or(200),
            function_error: Some(error),
            version: answer.executed_version,
            is_throttled: false,
        };
        return Ok((Outcome::Error(failure), Bytes::new()));
    }
    let payload = answer.payload.unwrap_or_default();
    let outcome = match reported(&payload).filter(|_| reports) {
        Some(ids) => Outcome::Failed(ids, answer.executed_version),
        None => Outcome::Done,
    };
    Ok((outcome, payload))
}

/// Reads `batchItemFailures`: absent or empty is a success, anything else than a list of ids a failure of all, for which
/// no ids stand.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting>
fn reported(payload: &[u8]) -> Option<Vec<String>> {
    let everything = || Some(Vec::new());
    let answer: Value = match serde_json::from_slice(payload) {
        Ok(answer) => answer,
        Err(_) if payload.is_empty() => return None,
        Err(_) => return everything(),
    };
    let failures = match answer.get("batchItemFailures") {
        // An empty list is an empty answer, too, as recorded.
        None | Some(Value::Null)
            if answer.is_object() || answer.is_null() || answer.as_array().is_some_and(Vec::is_empty) =>
        {
            return None;
        }
        Some(Value::Array(failures)) => failures,
        _ => return everything(),
    };
    let ids: Option<Vec<String>> = failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().filter(|id| !id.is_empty()).map(str::to_owned))
        .collect();
    match ids {
        Some(ids) if ids.is_empty() => None,
        Some(ids) => Some(ids),
        None => everything(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_tell_what_failed() {
        for text in ["", "null", "{}", "[]", "{\"batchItemFailures\": []}", "{\"batchItemFailures\": null}"] {
            assert_eq!(reported(text.as_bytes()), None, "{text}");
        }
        for text in [
            "\"x\"",
            "[1]",
            "{\"batchItemFailures\": [{}]}",
            "{\"batchItemFailures\": [{\"itemIdentifier\": \"\"}]}",
            "{\"batchItemFailures\": 1}",
        ] {
            assert_eq!(reported(text.as_bytes()), Some(Vec::new()), "{text}");
        }
        let some = reported(b"{\"batchItemFailures\": [{\"itemIdentifier\": \"a\"}]}");
        assert_eq!(some, Some(vec!["a".to_owned()]));
    }
}
