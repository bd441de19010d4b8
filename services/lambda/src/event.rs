//! Asynchronous invocations: taken from the outbox, tried again, and their outcome told.

use api_lambda::LambdaError;
use api_s3::{PutObject, PutObjectInput};
use jiff::SignedDuration;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Arn, ByteStream, Bytes, Context, Fault, Timestamp};
use runner::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::alias;
use crate::dead_letter::{self, Dead};
use crate::function::FUNCTIONS;
use crate::invoke_config::{INVOKE_CONFIGS, InvokeConfig};
use crate::names::FunctionName;
use crate::run::Request;
use crate::{Lambda, limits};

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.invoke";

/// One asynchronous invocation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Event {
    /// The function, as the caller named it.
    pub function: String,
    /// The request's id, which all attempts share.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// What a mobile client tells of itself.
    pub client_context: Option<String>,
    /// The tenant.
    #[serde(default)]
    pub tenant_id: Option<String>,
    /// The trace it belongs to.
    #[serde(default)]
    pub trace_header: Option<String>,
    /// When it was taken in.
    #[serde(default)]
    pub taken: Option<Timestamp>,
}

/// How an attempt ended.
struct Attempt {
    name: FunctionName,
    version: String,
    settings: InvokeConfig,
    dead_letter: Option<String>,
    is_closed: bool,
    ran: Result<Outcome, LambdaError>,
}

impl Consumer for Lambda {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match store::decode_event::<Event>(payload) {
                Ok(event) => self.attempt(cx, event, attempt).await,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Lambda {
    async fn attempt(&self, cx: &Context, event: Event, attempt: u32) -> Consumed {
        let Some(arn) = Arn::parse(&event.function) else { return Consumed::Done };
        let there = cx.in_scope(arn.scope(&cx.scope));
        // A function deleted in the meantime takes its events with it.
        let Some(ended) = self.once(&there, &event).await else { return Consumed::Done };
        let throttled = ended.ran.as_ref().is_err_and(is_throttled);
        let turned_away = self.throttles.count(&event.request_id, throttled);
        let tried = attempt.saturating_sub(turned_away);
        let has_failed = ended.ran.as_ref().map_or(true, |outcome| outcome.function_error.is_some());
        if !has_failed {
            self.throttles.forget(&event.request_id);
            return succeed(&there, &ended, &event).await;
        }
        let retries = ended.settings.retries.and_then(|retries| u32::try_from(retries).ok());
        let wait = if throttled {
            throttle(&event.request_id, turned_away)
        } else {
            let retry = usize::try_from(tried.saturating_sub(1)).unwrap_or(0).min(1);
            SignedDuration::from_secs(limits::RETRY_SECONDS[retry])
        };
        let again = cx.clock.now() + wait;
        let age = ended.settings.age.map_or(limits::EVENT_AGE, i64::from);
        let is_old = event.taken.is_some_and(|taken| again.duration_since(taken).as_secs() > age);
        let is_recursive = matches!(&ended.ran, Err(LambdaError::RecursiveInvocationException(_)));
        let is_exhausted = is_recursive || !throttled && tried > retries.unwrap_or(limits::ATTEMPTS - 1);
        if !ended.is_closed && !is_old && !is_exhausted {
            return Consumed::RetryAt(again);
        }
        self.throttles.forget(&event.request_id);
        let condition = match (ended.is_closed, is_exhausted) {
            (true, _) => "ZeroReservedConcurrency",
            (_, true) => "RetriesExhausted",
            _ => "EventAgeExceeded",
        };
        give_up(&there, &ended, event, condition, tried).await
    }

    async fn once(&self, cx: &Context, event: &Event) -> Option<Attempt> {
        let name = FunctionName::parse(cx, &event.function, None).ok()?;
        let read = self.store.read(&name.scope, |tx| {
            let (_, function) = alias::target(cx, tx, &name)?;
            let settings = tx.get(&INVOKE_CONFIGS, &(name.name.as_str(), name.key()))?;
            let reserved = tx.get(&FUNCTIONS, &name.name)?.and_then(|function| function.reserved);
            Ok::<_, LambdaError>((function, settings.unwrap_or_default(), reserved))
        });
        let (function, settings, reserved) = read.ok()?;
        let version = function.version.clone();
        let dead_letter = function.configuration.dead_letter.clone();
        let request = Request {
            payload: event.payload.clone(),
            client_context: event.client_context.clone(),
            tenant_id: event.tenant_id.clone(),
            trace_header: event.trace_header.clone(),
        };
        let ran = self.run(cx, &name, function, &event.request_id, request).await;
        // Where concurrency is used up, events wait for their turn as they should: nothing to warn of.
        if let Err(error) = &ran
            && !is_throttled(error)
        {
            let fault = Fault::from(error.clone());
            tracing::warn!(function = event.function, %fault, "an asynchronous invocation could not run");
        }
        Some(Attempt { name, version, settings, dead_letter, is_closed: reserved == Some(0), ran })
    }
}

fn is_throttled(error: &LambdaError) -> bool {
    matches!(error, LambdaError::TooManyRequestsException(_))
}

/// How long an event waits that was turned away so often: twice as long each time. Where many wait for the same function,
/// only one of those that come together might find a place, so each waits from half of that to all of it.
fn throttle(request_id: &str, turned_away: u32) -> SignedDuration {
    let most = 1_i64.checked_shl(turned_away.saturating_sub(1)).filter(|wait| *wait > 0);
    let most = SignedDuration::from_secs(
        most.map_or(limits::THROTTLE_SECONDS, |wait| wait.min(limits::THROTTLE_SECONDS)),
    );
    let digits =
        request_id.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
    let share = f64::from(digits.rotate_left(turned_away.wrapping_mul(5))) / f64::from(u32::MAX);
    most.mul_f64(0.5 + share / 2.0)
}

async fn succeed(cx: &Context, ended: &Attempt, event: &Event) -> Consumed {
    if let Some(target) = &ended.settings.on_success {
        tell(cx, target, ended, record(cx, ended, event, "Success", 1)).await;
    }
    Consumed::Done
}

async fn give_up(cx: &Context, ended: &Attempt, event: Event, condition: &str, tried: u32) -> Consumed {
    if let Some(target) = &ended.settings.on_failure {
        tell(cx, target, ended, record(cx, ended, &event, condition, tried)).await;
    }
    if let Some(target) = &ended.dead_letter {
        let dead = Dead {
            code: ended.ran.as_ref().map_or_else(|error| Fault::from(error.clone()).status(), |_| 200),
            message: error_message(ended),
            request_id: event.request_id,
            payload: event.payload,
        };
        // AWS drops an event whose dead-letter target refuses it, and counts the error.
        if let Err(fault) = dead_letter::bring(cx, target, dead).await {
            tracing::warn!(target_arn = target, %fault, "a dead-letter target refused an event");
        }
    }
    Consumed::Done
}

fn error_message(ended: &Attempt) -> String {
    let outcome = match &ended.ran {
        Ok(outcome) => outcome,
        Err(error) => return Fault::from(error.clone()).message().to_owned(),
    };
    let payload: Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
    payload["errorMessage"].as_str().unwrap_or_default().to_owned()
}

/// What a destination is told.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
fn record(cx: &Context, ended: &Attempt, event: &Event, condition: &str, tried: u32) -> Value {
    let json_of = |bytes: &[u8]| {
        serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
    };
    let mut record = json!({
        "version": "1.0",
        "timestamp": cx.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": ended.name.with(ended.name.key()).arn(),
            "condition": condition,
            "approximateInvokeCount": tried,
        },
        "requestPayload": json_of(&event.payload),
    });
    if let Ok(outcome) = &ended.ran {
        record["responseContext"] = json!({ "statusCode": 200, "executedVersion": ended.version });
        if let Some(error) = outcome.function_error {
            record["responseContext"]["functionError"] = json!(error.as_str());
        }
        record["responsePayload"] = json_of(&outcome.payload);
    }
    record
}

/// Brings a record to a destination; on an event bus it is the detail of an event.
async fn tell(cx: &Context, target: &str, ended: &Attempt, record: Value) {
    let is_success = record["requestContext"]["condition"] == "Success";
    let cx = cx.on_behalf_of("lambda.amazonaws.com");
    if let Some(bucket) = Arn::parse(target).filter(|arn| arn.service == "s3") {
        if let Err(fault) = keep(&cx, &bucket, ended, &record).await {
            tracing::warn!(target_arn = target, %fault, "a destination refused a record");
        }
        return;
    }
    let body = if Arn::parse(target).is_some_and(|arn| arn.service == "events") {
        let kind = if is_success { "Success" } else { "Failure" };
        json!({
            "source": "lambda",
            "detail-type": format!("Lambda Function Invocation Result - {kind}"),
            "resources": [target, ended.name.with(ended.name.key()).arn()],
            "detail": record,
        })
    } else {
        record
    };
    if let Err(fault) = background::deliver(&cx, target, Bytes::from(body.to_string())).await {
        tracing::warn!(target_arn = target, %fault, "a destination refused a record");
    }
}

/// Puts a record into a bucket.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
async fn keep(cx: &Context, bucket: &Arn, ended: &Attempt, record: &Value) -> Result<(), Fault> {
    let now = cx.clock.now().to_zoned(jiff::tz::TimeZone::UTC);
    let input = PutObjectInput {
        bucket: bucket.resource.clone(),
        key: format!(
            "aws/lambda/async/{}/{}-{}",
            ended.name.name,
            now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S"),
            cx.ids.uuid()
        ),
        body: ByteStream::from_bytes(record.to_string().into_bytes().into()),
        ..PutObjectInput::default()
    };
    cx.call::<PutObject>(input).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_that_were_turned_away_together_come_again_one_by_one() {
        let ids: Vec<String> =
            (1_u32..=14).map(|n| format!("{:08x}-0000", n.wrapping_mul(0x9e37_79b9))).collect();
        for turned_away in [1, 2, 5, 9, 64, 200] {
            let mut waits: Vec<_> = ids.iter().map(|id| throttle(id, turned_away)).collect();
            let most = 2_i64.checked_pow(turned_away - 1).map_or(300, |most| most.min(300));
            let most = SignedDuration::from_secs(most);
            assert!(waits.iter().all(|wait| most / 2 <= *wait && *wait <= most), "{turned_away}: {waits:?}");
            waits.sort();
            waits.dedup();
            assert_eq!(waits.len(), ids.len(), "{turned_away}");
        }
    }
}
