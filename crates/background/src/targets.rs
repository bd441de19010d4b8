//! The one way to deliver an event to a target ARN: queues, topics, functions and event buses.
//!
//! A service that is not emulated answers so.

use api_events::{PutEvents, PutEventsInput, PutEventsRequestEntry};
use api_lambda::{InvocationType, Invoke, InvokeInput};
use api_sns::{Publish, PublishInput};
use api_sqs::{
    GetQueueUrl, GetQueueUrlInput, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    SendMessage, SendMessageInput,
};
use kernel::{Arn, Bytes, Context, Fault};

/// Delivers `event` to the resource that `target` names, in the account and region of its ARN.
///
/// # Errors
/// What the target's service answers; `InvalidParameterValue` for ARNs of services that take no events.
pub async fn deliver(cx: &Context, target: &str, event: Bytes) -> Result<(), Fault> {
    let arn = Arn::parse(target).ok_or_else(|| refused(target))?;
    let there = cx.in_scope(arn.scope(&cx.scope));
    match arn.service.as_str() {
        "events" => put(&there, &arn, event).await,
        "lambda" => invoke(&there, target, event).await,
        "sns" => publish(&there, target, event).await,
        "sqs" => send(&there, &arn, event).await,
        _ => Err(refused(target)),
    }
}

fn refused(target: &str) -> Fault {
    Fault::client("InvalidParameterValue", format!("{target} is not the ARN of a target that takes events"))
}

async fn invoke(cx: &Context, function: &str, event: Bytes) -> Result<(), Fault> {
    let input = InvokeInput {
        function_name: function.to_owned(),
        invocation_type: Some(InvocationType::Event),
        payload: Some(event),
        ..InvokeInput::default()
    };
    cx.call::<Invoke>(input).await.map(drop)
}

async fn send(cx: &Context, queue: &Arn, event: Bytes) -> Result<(), Fault> {
    let name = GetQueueUrlInput { queue_name: queue.resource.clone(), ..GetQueueUrlInput::default() };
    let queue_url = cx.call::<GetQueueUrl>(name).await?.queue_url.unwrap_or_default();
    let message_body = String::from_utf8(event.into()).map_err(Fault::internal)?;
    let mut input = SendMessageInput { queue_url, message_body, ..SendMessageInput::default() };
    // A trace goes on behind the queue.
    if let Some(trace) = cx.request.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok()) {
        let value = MessageSystemAttributeValue {
            data_type: "String".to_owned(),
            string_value: Some(trace.to_owned()),
            ..MessageSystemAttributeValue::default()
        };
        let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
        input.message_system_attributes = Some([(name.as_str().to_owned(), value)].into_iter().collect());
    }
    cx.call::<SendMessage>(input).await.map(drop)
}

async fn publish(cx: &Context, topic: &str, event: Bytes) -> Result<(), Fault> {
    let message = String::from_utf8(event.into()).map_err(Fault::internal)?;
    // Events of AWS services carry a subject; S3's is this one.
    let subject =
        (cx.caller.service == Some("s3.amazonaws.com")).then(|| "Amazon S3 Notification".to_owned());
    let input =
        PublishInput { topic_arn: Some(topic.to_owned()), message, subject, ..PublishInput::default() };
    cx.call::<Publish>(input).await.map(drop)
}

/// Puts an event, in the form in which EventBridge shows it, onto a bus.
async fn put(cx: &Context, bus: &Arn, event: Bytes) -> Result<(), Fault> {
    let event: BusEvent<'_> = serde_json::from_slice(&event).map_err(Fault::internal)?;
    let entry = PutEventsRequestEntry {
        source: Some(event.source),
        detail_type: Some(event.detail_type),
        detail: Some(event.detail.get().to_owned()),
        resources: Some(event.resources),
        event_bus_name: bus.resource.strip_prefix("event-bus/").map(str::to_owned),
        ..PutEventsRequestEntry::default()
    };
    cx.call::<PutEvents>(PutEventsInput { entries: vec![entry], ..PutEventsInput::default() }).await.map(drop)
}

/// An event as EventBridge shows it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct BusEvent<'a> {
    source: String,
    detail_type: String,
    resources: Vec<String>,
    #[serde(borrow)]
    detail: &'a serde_json::value::RawValue,
}
