//! What receivers of subscriptions get: compressed JSON.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::{Fault, Scope};
use serde::Serialize;

use super::Delivery;
use crate::event::Place;
use crate::pattern::Pattern;

/// What a filter sends to see whether it can.
const CONTROL: &str = "CWL CONTROL MESSAGE: Checking health of destination ";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    message_type: &'static str,
    owner: &'a str,
    log_group: &'a str,
    log_stream: &'a str,
    subscription_filters: Vec<&'a str>,
    log_events: Vec<LogEvent<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogEvent<'a> {
    id: String,
    timestamp: i64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    extracted_fields: Option<serde_json::Map<String, serde_json::Value>>,
}

/// The compressed message for a delivery.
pub fn data(
    scope: &Scope,
    group: &str,
    filter: &str,
    pattern: &Pattern,
    delivery: &Delivery,
) -> Result<Vec<u8>, Fault> {
    let events = delivery.events.iter().map(|(time, number, message)| LogEvent {
        id: Place { time: *time, number: *number }.id(),
        timestamp: *time,
        message,
        extracted_fields: fields(pattern, message),
    });
    compressed(&Message {
        message_type: "DATA_MESSAGE",
        owner: scope.account.as_str(),
        log_group: group,
        log_stream: delivery.stream.as_deref().unwrap_or_default(),
        subscription_filters: vec![filter],
        log_events: events.collect(),
    })
}

/// The compressed message that a filter sends when it is made.
pub fn control(vendor: &str, now: i64) -> Result<Vec<u8>, Fault> {
    let message = format!("{CONTROL}{vendor}.");
    let event = LogEvent { id: String::new(), timestamp: now, message: &message, extracted_fields: None };
    compressed(&Message {
        message_type: "CONTROL_MESSAGE",
        owner: "CloudwatchLogs",
        log_group: "",
        log_stream: "",
        subscription_filters: Vec::new(),
        log_events: vec![event],
    })
}

/// Patterns that name fields tell them.
fn fields(pattern: &Pattern, message: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let Pattern::Fields(fields) = pattern else { return None };
    let values = fields.matches(message)?;
    Some(values.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn compressed(message: &Message<'_>) -> Result<Vec<u8>, Fault> {
    let json = serde_json::to_vec(message).map_err(Fault::internal)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&json).map_err(Fault::internal)?;
    encoder.finish().map_err(Fault::internal)
}
