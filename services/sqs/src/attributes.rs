//! Queue attributes as callers set and see them.

use api_sqs::{QueueAttributeName, SqsError};
use kernel::{Map, Scope};
use serde_json::Value;

use crate::queue::{Encryption, Fifo, Queue, Scoped};
use crate::shelf::Counts;
use crate::{errors, limits, names, redrive};

/// Whether the attributes of a new queue make it a FIFO queue.
pub fn is_fifo(attributes: &Map<String, String>) -> Result<bool, SqsError> {
    match attributes.get("FifoQueue") {
        // Only FIFO queues have the attribute at all.
        Some(value) if !truth("FifoQueue", value)? => Err(errors::unknown_attribute("FifoQueue")),
        value => Ok(value.is_some()),
    }
}

/// Sets attributes, in the order they came; the first that cannot be refuses all.
pub fn set(queue: &mut Queue, attributes: &Map<String, String>) -> Result<(), SqsError> {
    for (name, value) in attributes {
        let number = |range: (i64, i64)| number(name, value, range);
        match name.as_str() {
            "DelaySeconds" => queue.delay = number(limits::DELAY)?,
            "MaximumMessageSize" => queue.maximum_message_size = number(limits::MESSAGE_SIZE)?,
            "MessageRetentionPeriod" => queue.retention = number(limits::RETENTION)?,
            "ReceiveMessageWaitTimeSeconds" => queue.wait = number(limits::WAIT)?,
            "VisibilityTimeout" => queue.visibility = number(limits::VISIBILITY)?,
            "Policy" => queue.policy = policy(value)?,
            "RedrivePolicy" => queue.redrive = redrive::parse(value)?,
            "RedriveAllowPolicy" => queue.redrive_allow = redrive::parse_allow(value)?,
            "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" | "SqsManagedSseEnabled" => {}
            "FifoQueue" | "ContentBasedDeduplication" | "DeduplicationScope" | "FifoThroughputLimit" => {
                fifo(queue, name, value)?;
            }
            _ => return Err(errors::unknown_attribute(name)),
        }
    }
    encryption(queue, attributes)?;
    check_throughput(queue)
}

fn number(name: &str, value: &str, range: (i64, i64)) -> Result<i64, SqsError> {
    let value = value.parse().ok().filter(|value| (range.0..=range.1).contains(value));
    value.ok_or_else(|| errors::invalid_attribute(name))
}

fn truth(name: &str, value: &str) -> Result<bool, SqsError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(errors::invalid_attribute(name)),
    }
}

fn policy(text: &str) -> Result<Option<String>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let is_object = serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
    if is_object { Ok(Some(text.to_owned())) } else { Err(errors::invalid_attribute("Policy")) }
}

fn fifo(queue: &mut Queue, name: &str, value: &str) -> Result<(), SqsError> {
    let Some(fifo) = &mut queue.fifo else {
        return Err(match name {
            "DeduplicationScope" | "FifoThroughputLimit" => errors::fifo_attribute(name),
            _ => errors::unknown_attribute(name),
        });
    };
    match (name, value) {
        ("ContentBasedDeduplication", value) => fifo.content_based = truth(name, value)?,
        ("DeduplicationScope", "queue") => fifo.scope = Scoped::Queue,
        ("DeduplicationScope", "messageGroup") => fifo.scope = Scoped::Group,
        ("FifoThroughputLimit", "perQueue") => fifo.throughput = Scoped::Queue,
        ("FifoThroughputLimit", "perMessageGroupId") => fifo.throughput = Scoped::Group,
        ("FifoQueue", value) if truth(name, value)? => {}
        ("FifoQueue", _) => {
            return Err(errors::invalid_attribute_because(name, "Modifying queue type is not supported."));
        }
        _ => return Err(errors::invalid_attribute(name)),
    }
    Ok(())
}

/// Groups have a throughput of their own only where they have duplicates of their own.
fn check_throughput(queue: &Queue) -> Result<(), SqsError> {
    match &queue.fifo {
        Some(Fifo { scope: Scoped::Queue, throughput: Scoped::Group, .. }) => {
            let reason = "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.";
            Err(errors::invalid_attribute_because("FifoThroughputLimit", reason))
        }
        _ => Ok(()),
    }
}

/// The three attributes of encryption together, as they exclude each other.
fn encryption(queue: &mut Queue, attributes: &Map<String, String>) -> Result<(), SqsError> {
    let managed = match attributes.get("SqsManagedSseEnabled") {
        Some(value) => Some(truth("SqsManagedSseEnabled", value)?),
        None => None,
    };
    let reuse = match attributes.get("KmsDataKeyReusePeriodSeconds") {
        Some(value) => Some(number("KmsDataKeyReusePeriodSeconds", value, limits::KEY_REUSE)?),
        None => None,
    };
    let key = attributes.get("KmsMasterKeyId");
    let now = queue.encryption.clone();
    queue.encryption = match (key, managed, now) {
        (Some(key), Some(true), _) if !key.is_empty() => return Err(errors::two_encryptions()),
        (Some(key), _, now) if !key.is_empty() => {
            let before = if let Encryption::Kms { reuse, .. } = now { reuse } else { 300 };
            Encryption::Kms { key: key.clone(), reuse: reuse.unwrap_or(before) }
        }
        (_, Some(true), _) => Encryption::Managed,
        (Some(_), _, Encryption::Kms { .. }) => Encryption::Off,
        (_, _, Encryption::Kms { key, reuse: before }) => {
            Encryption::Kms { key, reuse: reuse.unwrap_or(before) }
        }
        (_, Some(false), _) => Encryption::Off,
        (_, None, now) => now,
    };
    Ok(())
}

/// Whether any of the attributes asked for is counted.
pub fn want_counts(wanted: &[QueueAttributeName]) -> bool {
    wanted.iter().any(|name| name.as_str() == "All" || name.as_str().starts_with("ApproximateNumberOf"))
}

/// The attributes asked for, or all.
pub fn get(
    queue: &Queue,
    wanted: &[QueueAttributeName],
    (scope, name): (&Scope, &str),
    counts: &Counts,
) -> Result<Map<String, String>, SqsError> {
    if let Some(QueueAttributeName::Unknown(name)) =
        wanted.iter().find(|name| matches!(name, QueueAttributeName::Unknown(_)))
    {
        return Err(errors::unknown_attribute(name));
    }
    let mut all = all(queue, (scope, name), counts);
    if !wanted.contains(&QueueAttributeName::All) {
        all.retain(|name, _| wanted.iter().any(|wanted| wanted.as_str() == name));
    }
    Ok(all)
}

/// The attribute in which what was asked for differs from what is there, if any.
pub fn difference(
    asked: &Map<String, String>,
    wanted: &Queue,
    there: &Queue,
    place: (&Scope, &str),
) -> Option<String> {
    let (wanted, there) = (all(wanted, place, &Counts::default()), all(there, place, &Counts::default()));
    asked.keys().find(|name| wanted.get(*name) != there.get(*name)).cloned()
}

fn all(queue: &Queue, (scope, name): (&Scope, &str), counts: &Counts) -> Map<String, String> {
    let mut all: Map<String, String> = Map::new();
    let mut set = |name: &str, value: String| drop(all.insert(name.to_owned(), value));
    set("QueueArn", names::arn(scope, name));
    set("ApproximateNumberOfMessages", counts.visible.to_string());
    set("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string());
    set("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string());
    set("CreatedTimestamp", queue.created.as_second().to_string());
    set("LastModifiedTimestamp", queue.modified.as_second().to_string());
    set("VisibilityTimeout", queue.visibility.to_string());
    set("MaximumMessageSize", queue.maximum_message_size.to_string());
    set("MessageRetentionPeriod", queue.retention.to_string());
    set("DelaySeconds", queue.delay.to_string());
    set("ReceiveMessageWaitTimeSeconds", queue.wait.to_string());
    set("SqsManagedSseEnabled", (queue.encryption == Encryption::Managed).to_string());
    if let Encryption::Kms { key, reuse } = &queue.encryption {
        set("KmsMasterKeyId", key.clone());
        set("KmsDataKeyReusePeriodSeconds", reuse.to_string());
    }
    if let Some(redrive) = &queue.redrive {
        set("RedrivePolicy", serde_json::to_string(redrive).unwrap_or_default());
    }
    let texts = [("RedriveAllowPolicy", &queue.redrive_allow), ("Policy", &queue.policy)];
    for (name, text) in texts {
        if let Some(text) = text {
            set(name, text.clone());
        }
    }
    if let Some(fifo) = &queue.fifo {
        let scoped = |scoped, of_queue: &str, of_group: &str| {
            if scoped == Scoped::Queue { of_queue.to_owned() } else { of_group.to_owned() }
        };
        set("FifoQueue", "true".to_owned());
        set("ContentBasedDeduplication", fifo.content_based.to_string());
        set("DeduplicationScope", scoped(fifo.scope, "queue", "messageGroup"));
        set("FifoThroughputLimit", scoped(fifo.throughput, "perQueue", "perMessageGroupId"));
    }
    all
}
