//! `SendMessage`: puts one message on a queue.

use api_sqs::{MessageAttributeValue, SendMessage, SendMessageInput, SendMessageOutput, SqsError};
use kernel::{Context, Handler};

use crate::message::{self, Body};
use crate::queue::{QUEUES, Queue};
use crate::{Sqs, digest, errors, limits, names};

impl Handler<SendMessage> for Sqs {
    async fn handle(&self, cx: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let delay = limits::within("DelaySeconds", input.delay_seconds, limits::DELAY)?;
        check(&input)?;
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let size = size(&input);
        let answer = SendMessageOutput {
            md5_of_message_body: Some(digest::body(&input.message_body)),
            md5_of_message_attributes: digest::of_attributes(input.message_attributes.as_ref()),
            md5_of_message_system_attributes: digest::of_system_attributes(
                input.message_system_attributes.as_ref(),
            ),
            message_id: Some(cx.ids.uuid()),
            sequence_number: None,
        };
        let mut body = body(cx, input, answer.message_id.clone().unwrap_or_default());

        self.store
            .write(&scope, |tx| {
                let queue: Queue = tx.get(&QUEUES, &name)?.ok_or_else(errors::no_such_queue)?;
                let most = usize::try_from(queue.maximum_message_size).unwrap_or(usize::MAX);
                if size > most {
                    return Err(errors::too_long(most));
                }
                body.visible_at = message::after(cx.clock.now(), delay.unwrap_or(queue.delay));
                Ok(message::add(tx, &name, &body, None)?)
            })
            .await?;

        self.waiting.wake(&scope, &name);
        Ok(answer)
    }
}

fn check(input: &SendMessageInput) -> Result<(), SqsError> {
    if input.message_body.is_empty() {
        return Err(errors::missing_parameter("MessageBody"));
    }
    if !limits::is_valid_text(&input.message_body) {
        return Err(errors::invalid_characters());
    }
    if input.message_group_id.is_some() || input.message_deduplication_id.is_some() {
        return Err(errors::not_emulated("message groups and deduplication"));
    }
    let attributes = input.message_attributes.iter().flatten();
    if attributes.clone().count() > limits::MESSAGE_ATTRIBUTES {
        let message = "Number of message attributes [11] exceeds the allowed maximum [10].";
        return Err(errors::bad_message_attribute(message.replace("11", &attributes.count().to_string())));
    }
    attributes.into_iter().try_for_each(|(name, value)| attribute(name, value))
}

fn attribute(name: &str, value: &MessageAttributeValue) -> Result<(), SqsError> {
    let kind = value.data_type.split('.').next().unwrap_or_default();
    let refuse = |message: String| Err(errors::bad_message_attribute(message));
    match (kind, &value.string_value, &value.binary_value) {
        ("String" | "Number", Some(text), None) if !text.is_empty() => {
            if kind == "Number" && text.parse::<f64>().is_err() {
                return refuse(format!(
                    "Can't cast the value of message (user) attribute '{name}' to a number."
                ));
            }
            if limits::is_valid_text(text) { Ok(()) } else { refuse(errors::INVALID_CHARACTERS.to_owned()) }
        }
        ("Binary", None, Some(bytes)) if !bytes.is_empty() => Ok(()),
        ("", ..) => refuse(format!(
            "Message (user) attribute '{name}' must contain a non-empty message attribute type."
        )),
        ("String" | "Number" | "Binary", ..) => refuse(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{}'.",
            value.data_type
        )),
        _ => refuse(format!(
            "The message (user) attribute '{name}' has an invalid message (user) attribute type, the set of supported \
             type prefixes is Binary, Number, and String."
        )),
    }
}

/// The bytes that count: the body, and the names, types and values of attributes.
fn size(input: &SendMessageInput) -> usize {
    let of_value = |value: &MessageAttributeValue| {
        let text = value.string_value.as_ref().map_or(0, String::len);
        value.data_type.len() + text + value.binary_value.as_ref().map_or(0, |bytes| bytes.len())
    };
    let attributes = input.message_attributes.iter().flatten();
    input.message_body.len() + attributes.map(|(name, value)| name.len() + of_value(value)).sum::<usize>()
}

fn body(cx: &Context, input: SendMessageInput, id: String) -> Body {
    let trace = input.message_system_attributes.and_then(|mut map| map.swap_remove("AWSTraceHeader"));
    Body {
        id,
        text: input.message_body,
        sent: cx.clock.millis(),
        visible_at: 0,
        sender: cx.scope.account.to_string(),
        attributes: input
            .message_attributes
            .into_iter()
            .flatten()
            .map(|(name, value)| (name, value.into()))
            .collect(),
        // A trace that comes with the request itself goes on with the message.
        trace: trace.and_then(|value| value.string_value).or_else(|| header(cx, "x-amzn-trace-id")),
        dead_letter_source: None,
    }
}

fn header(cx: &Context, name: &str) -> Option<String> {
    cx.request.headers.get(name)?.to_str().ok().map(str::to_owned)
}
