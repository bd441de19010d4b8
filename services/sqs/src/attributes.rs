//! Queue attributes as callers set and see them.

use api_sqs::{QueueAttributeName, SqsError};
use kernel::{Map, Scope};
use serde_json::Value;

use crate::message::Counts;
use crate::queue::{Queue, Redrive};
use crate::{errors, limits, names};

/// Sets attributes, in the order they came; the first that cannot be refuses all.
pub fn set(queue: &mut Queue, attributes: &Map<String, String>) -> Result<(), SqsError> {
    for (name, value) in attributes {
        let number = |range: (i64, i64)| {
            let value = value.parse().ok().filter(|value| (range.0..=range.1).contains(value));
            value.ok_or_else(|| errors::invalid_attribute(name))
        };
        match name.as_str() {
            "DelaySeconds" => queue.delay = number(limits::DELAY)?,
            "MaximumMessageSize" => queue.maximum_message_size = number(limits::MESSAGE_SIZE)?,
            "MessageRetentionPeriod" => queue.retention = number(limits::RETENTION)?,
            "ReceiveMessageWaitTimeSeconds" => queue.wait = number(limits::WAIT)?,
            "VisibilityTimeout" => queue.visibility = number(limits::VISIBILITY)?,
            "RedrivePolicy" => queue.redrive = redrive(value)?,
            // Names that end in `.fifo` come no further than here: this queue is a standard one.
            "FifoQueue" if value == "true" => return Err(errors::fifo_name()),
            "RedriveAllowPolicy" => return Err(errors::not_emulated("RedriveAllowPolicy")),
            "Policy" | "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" | "SqsManagedSseEnabled" => {
                other(queue, name, value);
            }
            _ => return Err(errors::unknown_attribute(name)),
        }
    }
    Ok(())
}

/// An empty value takes the attribute away.
fn other(queue: &mut Queue, name: &str, value: &str) {
    if value.is_empty() {
        queue.others.shift_remove(name);
    } else {
        queue.others.insert(name.to_owned(), value.to_owned());
    }
}

fn redrive(text: &str) -> Result<Option<Redrive>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = || errors::invalid_attribute("RedrivePolicy");
    let value: Value = serde_json::from_str(text).map_err(|_| invalid())?;
    let target = value["deadLetterTargetArn"].as_str().ok_or_else(invalid)?.to_owned();
    // Clients send the count as a number or as text.
    let count = &value["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let count = count.filter(|count| (1..=1000).contains(count)).ok_or_else(invalid)?;
    let max_receive_count = u32::try_from(count).map_err(|_| invalid())?;
    Ok(Some(Redrive { target, max_receive_count }))
}

/// The attributes asked for, or all.
pub fn get(
    queue: &Queue,
    wanted: &[QueueAttributeName],
    scope: &Scope,
    name: &str,
    counts: &Counts,
) -> Result<Map<String, String>, SqsError> {
    let all = all(queue, scope, name, counts);
    if wanted.contains(&QueueAttributeName::All) {
        return Ok(all);
    }
    let mut found = Map::new();
    for name in wanted {
        if let QueueAttributeName::Unknown(name) = name {
            return Err(errors::unknown_attribute(name));
        }
        if let Some(value) = all.get(name.as_str()) {
            found.insert(name.to_string(), value.clone());
        }
    }
    Ok(found)
}

/// The attribute in which two settings of a queue differ, if any: what was asked for against what is there.
pub fn difference(asked: &Map<String, String>, there: &Queue, scope: &Scope, name: &str) -> Option<String> {
    let there = all(there, scope, name, &Counts::default());
    let differs = |(key, value): &(&String, &String)| there.get(*key) != Some(value);
    asked.iter().find(differs).map(|(key, _)| key.clone())
}

fn all(queue: &Queue, scope: &Scope, name: &str, counts: &Counts) -> Map<String, String> {
    let mut all: Map<String, String> = [
        ("QueueArn", names::arn(scope, name)),
        ("ApproximateNumberOfMessages", counts.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ("CreatedTimestamp", queue.created.as_second().to_string()),
        ("LastModifiedTimestamp", queue.modified.as_second().to_string()),
        ("VisibilityTimeout", queue.visibility.to_string()),
        ("MaximumMessageSize", queue.maximum_message_size.to_string()),
        ("MessageRetentionPeriod", queue.retention.to_string()),
        ("DelaySeconds", queue.delay.to_string()),
        ("ReceiveMessageWaitTimeSeconds", queue.wait.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if !queue.others.contains_key("KmsMasterKeyId") {
        all.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
    }
    if let Some(redrive) = &queue.redrive {
        all.insert("RedrivePolicy".to_owned(), serde_json::to_string(redrive).unwrap_or_default());
    }
    all.extend(queue.others.iter().map(|(name, value)| (name.clone(), value.clone())));
    all
}
