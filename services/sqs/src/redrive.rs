//! Dead-letter queues: where messages go that were received too often, and who may send them there.

use api_sqs::SqsError;
use kernel::{Arn, Fault, Scope};
use serde_json::Value;
use store::ReadTx;

use crate::queue::{Place, QUEUES, Queue, Redrive};
use crate::{errors, names};

/// The policy in the value of `RedrivePolicy`; nothing for an empty one.
pub fn parse(text: &str) -> Result<Option<Redrive>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: &str| errors::invalid_value(text, "RedrivePolicy", reason);
    let value: Value = serde_json::from_str(text)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| refuse("Redrive policy is not a valid JSON map."))?;
    let member = |name: &str| {
        let missing = format!("Redrive policy does not contain mandatory attribute: {name}.");
        value.get(name).ok_or_else(|| refuse(&missing))
    };
    let (target, count) = (member("deadLetterTargetArn")?, member("maxReceiveCount")?);
    let target = target.as_str().filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.service == "sqs"));
    let target = target.ok_or_else(|| refuse("Invalid value for deadLetterTargetArn."))?.to_owned();
    // Clients send the count as a number or as text.
    let number = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let number =
        number.filter(|number| (1..=1000).contains(number)).and_then(|number| u32::try_from(number).ok());
    let max_receive_count = number.ok_or_else(|| {
        let shown = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
        refuse(&format!(
            "Invalid value for maxReceiveCount: {shown}, valid values are from 1 to 1000 both inclusive."
        ))
    })?;
    Ok(Some(Redrive { target, max_receive_count }))
}

/// Checks the value of `RedriveAllowPolicy`; nothing for an empty one.
pub fn parse_allow(text: &str) -> Result<Option<String>, SqsError> {
    if text.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: &str| errors::invalid_value(text, "RedriveAllowPolicy", reason);
    let value: Value = serde_json::from_str(text)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| refuse("Redrive allow policy is not a valid JSON map."))?;
    let sources = value.get("sourceQueueArns").map(|sources| sources.as_array().map_or(usize::MAX, Vec::len));
    match (value["redrivePermission"].as_str(), sources) {
        (Some("allowAll" | "denyAll"), None) => Ok(Some(text.to_owned())),
        (Some("byQueue"), Some(1..=10)) => Ok(Some(text.to_owned())),
        (Some("allowAll" | "denyAll" | "byQueue"), _) => Err(refuse(
            "Amazon SQS can't create the redrive allow policy. You must specify 1 to 10 source queue ARNs with \
             byQueue, and none otherwise.",
        )),
        _ => Err(refuse("Invalid value for redrivePermission.")),
    }
}

/// Checks that a queue may have the dead-letter queue it names.
pub fn check(tx: &ReadTx<'_>, (name, queue): (&str, &Queue), text: &str) -> Result<(), SqsError> {
    let Some(redrive) = &queue.redrive else { return Ok(()) };
    let refuse = |reason: &str| Err(errors::invalid_value(text, "RedrivePolicy", reason));
    let Some(arn) = Arn::parse(&redrive.target) else { return Ok(()) };
    if arn.account != tx.scope().account.as_str() {
        return refuse("Dead-letter target owner should be same as the source.");
    }
    let scope = arn.scope(tx.scope());
    let dead = tx.in_scope(&scope).get(&QUEUES, &arn.resource)?;
    match dead {
        Some(dead) if scope == *tx.scope() => {
            if dead.fifo.is_some() != queue.fifo.is_some() {
                return refuse("Dead-letter target must be same type of queue as the source.");
            }
            if !allows(&dead, &names::arn(tx.scope(), name)) {
                return refuse(
                    "Queue does not have permission to redrive messages to the dead letter target.",
                );
            }
            Ok(())
        }
        _ => refuse("Dead letter target does not exist."),
    }
}

fn allows(dead: &Queue, source: &str) -> bool {
    let Some(policy) = &dead.redrive_allow else { return true };
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    match policy["redrivePermission"].as_str() {
        Some("denyAll") => false,
        Some("byQueue") => {
            policy["sourceQueueArns"].as_array().into_iter().flatten().any(|arn| arn == source)
        }
        _ => true,
    }
}

/// The dead-letter queue of a queue, if it is there.
pub fn dead_letter_queue(tx: &ReadTx<'_>, queue: &Queue) -> Result<Option<(Place, Queue)>, Fault> {
    let Some(redrive) = &queue.redrive else { return Ok(None) };
    let Some(arn) = Arn::parse(&redrive.target) else { return Ok(None) };
    let scope = arn.scope(tx.scope());
    let dead = tx.in_scope(&scope).get(&QUEUES, &arn.resource)?;
    Ok(dead.map(|dead| ((scope, arn.resource), dead)))
}

/// The names of a region's queues whose dead letters go to that queue.
pub fn sources(tx: &ReadTx<'_>, scope: &Scope, dead: &str) -> Result<Vec<String>, Fault> {
    let arn = names::arn(scope, dead);
    let is_source = |row: &Result<(String, Queue), Fault>| {
        row.as_ref()
            .map_or(true, |(_, queue)| queue.redrive.as_ref().is_some_and(|redrive| redrive.target == arn))
    };
    tx.range(&QUEUES, ..).filter(is_source).map(|row| row.map(|(name, _)| name)).collect()
}
