//! The delivery status of messages, written to CloudWatch Logs for topics that ask for it.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/topics-attrib.html>

use api_logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogStream, CreateLogStreamInput, InputLogEvent, PutLogEvents,
    PutLogEventsInput,
};
use jiff::tz::TimeZone;
use kernel::{Context, Fault, Timestamp};
use md5::{Digest, Md5};
use serde_json::json;

use crate::delivery::Sending;
use crate::names;
use crate::subscription::Subscription;

/// What a receiver answered.
pub struct Response {
    /// The status, as of HTTP.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// How it was tried.
#[derive(Clone, Copy)]
pub struct Tried {
    /// How often.
    pub attempts: u32,
    /// How long the last time took, in milliseconds.
    pub millis: i64,
}

/// Writes what became of a delivery, if the topic asks for it. A log that cannot be written holds nothing up.
pub async fn write(
    sending: &Sending<'_>,
    subscription: &Subscription,
    outcome: &Result<Response, Fault>,
    tried: Tried,
) {
    let (topic, name, _) = sending.parts();
    let Some(prefix) = prefix(&subscription.protocol) else { return };
    let get = |rest: &str| topic.attributes.get(&format!("{prefix}{rest}")).map(String::as_str);
    let cx = sending.context();
    let is_wanted = match outcome {
        Ok(_) => {
            let rate = get("SuccessFeedbackSampleRate").and_then(|rate| rate.parse().ok()).unwrap_or(0);
            get("SuccessFeedbackRoleArn").is_some() && cx.ids.below(100) < rate
        }
        Err(_) => get("FailureFeedbackRoleArn").is_some(),
    };
    if !is_wanted {
        return;
    }
    let scope = sending.scope();
    let tail = if outcome.is_ok() { "" } else { "/Failure" };
    let group = format!("sns/{}/{}/{name}{tail}", scope.region, scope.account);
    let entry = entry(sending, subscription, outcome, tried);
    if let Err(fault) = put(cx, group, &subscription.id, entry).await {
        tracing::warn!(topic = name, %fault, "a delivery could not be logged");
    }
}

fn prefix(protocol: &str) -> Option<&'static str> {
    Some(match protocol {
        "application" => "Application",
        "firehose" => "Firehose",
        "http" | "https" => "HTTP",
        "lambda" => "Lambda",
        "sqs" => "SQS",
        _ => return None,
    })
}

fn entry(
    sending: &Sending<'_>,
    subscription: &Subscription,
    outcome: &Result<Response, Fault>,
    tried: Tried,
) -> String {
    let (_, name, message) = sending.parts();
    let digest = base16ct::lower::encode_string(&Md5::digest(message.text.as_bytes()));
    let (body, status, word) = match outcome {
        Ok(response) => (response.body.as_str(), response.status, "SUCCESS"),
        Err(fault) => (fault.message(), fault.status(), "FAILURE"),
    };
    let at = Timestamp::from_millisecond(message.time).unwrap_or_default().to_zoned(TimeZone::UTC);
    let entry = json!({
        "notification": {
            "messageMD5Sum": digest,
            "messageId": message.id,
            "topicArn": names::topic(sending.scope(), name),
            "timestamp": at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        },
        "delivery": {
            "deliveryId": sending.context().ids.uuid(),
            "destination": subscription.endpoint,
            "providerResponse": body,
            "dwellTimeMs": tried.millis.max(1),
            "attempts": tried.attempts,
            "statusCode": status,
        },
        "status": word,
    });
    entry.to_string()
}

async fn put(cx: &Context, group: String, stream: &str, message: String) -> Result<(), Fault> {
    let event = InputLogEvent { timestamp: cx.clock.millis(), message };
    let input = PutLogEventsInput {
        log_group_name: group.clone(),
        log_stream_name: stream.to_owned(),
        log_events: vec![event],
        ..PutLogEventsInput::default()
    };
    match cx.call::<PutLogEvents>(input.clone()).await {
        Err(fault) if fault.code() == "ResourceNotFoundException" => {}
        other => return other.map(drop),
    }
    let is_there = |made: Result<(), Fault>| match made {
        Err(fault) if fault.code() != "ResourceAlreadyExistsException" => Err(fault),
        _ => Ok(()),
    };
    let made = CreateLogGroupInput { log_group_name: group.clone(), ..CreateLogGroupInput::default() };
    is_there(cx.call::<CreateLogGroup>(made).await.map(drop))?;
    let made = CreateLogStreamInput { log_group_name: group, log_stream_name: stream.to_owned() };
    is_there(cx.call::<CreateLogStream>(made).await.map(drop))?;
    cx.call::<PutLogEvents>(input).await.map(drop)
}
