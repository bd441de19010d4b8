//! A message as its receiver sees it.

use api_sqs::{Message, MessageSystemAttributeName, ReceiveMessageInput};
use kernel::{Context, Map};

use crate::message::{Body, State};
use crate::receipt::Receipt;
use crate::receive::Received;
use crate::{digest, sending};

/// The message of a queue with that ARN and id.
pub fn message(
    cx: &Context,
    input: &ReceiveMessageInput,
    (arn, id): (&str, u64),
    received: Received,
) -> Message {
    let Received { at, body, state } = received;
    let newer = input.message_system_attribute_names.iter().flatten().map(MessageSystemAttributeName::as_str);
    let older = input.attribute_names.iter().flatten().map(api_sqs::QueueAttributeName::as_str);
    let wanted: Vec<&str> = newer.chain(older).collect();
    // A group makes a sequence of a FIFO queue's messages only.
    let sequence = at.group.is_some().then(|| sending::sequence(at.number));
    let mut system = if wanted.is_empty() { Map::new() } else { system_attributes(&body, &state, sequence) };
    system.retain(|name, _| wanted.contains(&"All") || wanted.contains(&name.as_str()));
    let patterns = input.message_attribute_names.as_deref().unwrap_or_default();
    let attributes: Map<_, _> = body
        .attributes
        .into_iter()
        .filter(|(name, _)| patterns.iter().any(|pattern| matches(pattern, name)))
        .map(|(name, value)| (name, value.into()))
        .collect();
    let receipt = Receipt { at, id, received: state.received };
    Message {
        message_id: Some(body.id),
        receipt_handle: Some(receipt.handle(&cx.ids, arn)),
        md5_of_body: Some(body.md5),
        body: Some(body.text),
        attributes: (!system.is_empty()).then_some(system),
        md5_of_message_attributes: digest::of_attributes(Some(&attributes)),
        message_attributes: (!attributes.is_empty()).then_some(attributes),
    }
}

/// All that SQS tells of a message itself.
pub fn system_attributes(body: &Body, state: &State, sequence: Option<String>) -> Map<String, String> {
    let all = [
        ("SenderId", Some(body.sender.clone())),
        ("SentTimestamp", Some(body.sent.to_string())),
        ("ApproximateReceiveCount", Some(state.received.to_string())),
        ("ApproximateFirstReceiveTimestamp", state.first_received.map(|at| at.to_string())),
        ("SequenceNumber", sequence),
        ("MessageDeduplicationId", body.deduplication.clone()),
        ("MessageGroupId", body.group.clone()),
        ("AWSTraceHeader", body.trace.clone()),
        ("DeadLetterQueueSourceArn", body.dead_letter_source.clone()),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// `All` and `.*` are every name, `foo.*` those that begin so.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern {
        "All" | "*" | ".*" => true,
        _ => match pattern.strip_suffix(".*") {
            Some(start) => name.starts_with(start),
            None => pattern == name,
        },
    }
}
