//! The dead-letter queue or topic of a function: it gets the event itself, and what went wrong as attributes.

use api_sns::{MessageAttributeValue as TopicAttribute, Publish, PublishInput};
use api_sqs::{GetQueueUrl, GetQueueUrlInput, MessageAttributeValue, SendMessage, SendMessageInput};
use kernel::{Arn, Bytes, Context, Fault};

/// An event that was given up.
pub struct Dead {
    /// The request's id.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// The status of the last attempt.
    pub code: u16,
    /// What went wrong.
    pub message: String,
}

/// Brings an event to the queue or topic of that ARN.
///
/// # Errors
/// What the queue or topic answers.
pub async fn bring(cx: &Context, target: &str, dead: Dead) -> Result<(), Fault> {
    let arn = Arn::parse(target).ok_or_else(|| Fault::internal("a dead-letter target without an ARN"))?;
    let there = cx.in_scope(arn.scope(&cx.scope)).on_behalf_of("lambda.amazonaws.com");
    let text = String::from_utf8_lossy(&dead.payload).into_owned();
    let attributes = [
        ("RequestID", "String", dead.request_id),
        ("ErrorCode", "Number", dead.code.to_string()),
        ("ErrorMessage", "String", dead.message),
    ];
    if arn.service == "sns" {
        publish(&there, target, text, attributes).await
    } else {
        send(&there, &arn, text, attributes).await
    }
}

async fn send(
    cx: &Context,
    queue: &Arn,
    message_body: String,
    attributes: [(&str, &str, String); 3],
) -> Result<(), Fault> {
    let name = GetQueueUrlInput { queue_name: queue.resource.clone(), ..GetQueueUrlInput::default() };
    let queue_url = cx.call::<GetQueueUrl>(name).await?.queue_url.unwrap_or_default();
    let attribute = |(name, kind, text): (&str, &str, String)| {
        let value = MessageAttributeValue {
            data_type: kind.to_owned(),
            string_value: Some(text),
            ..MessageAttributeValue::default()
        };
        (name.to_owned(), value)
    };
    let message_attributes = Some(attributes.into_iter().map(attribute).collect());
    let input =
        SendMessageInput { queue_url, message_body, message_attributes, ..SendMessageInput::default() };
    cx.call::<SendMessage>(input).await.map(drop)
}

async fn publish(
    cx: &Context,
    topic: &str,
    message: String,
    attributes: [(&str, &str, String); 3],
) -> Result<(), Fault> {
    let attribute = |(name, kind, text): (&str, &str, String)| {
        let value = TopicAttribute {
            data_type: kind.to_owned(),
            string_value: Some(text),
            ..TopicAttribute::default()
        };
        (name.to_owned(), value)
    };
    let input = PublishInput {
        topic_arn: Some(topic.to_owned()),
        message,
        message_attributes: Some(attributes.into_iter().map(attribute).collect()),
        ..PublishInput::default()
    };
    cx.call::<Publish>(input).await.map(drop)
}
