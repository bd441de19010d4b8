//! What was found in events, told to a log group: a report for each event.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/mask-sensitive-log-data-audit-findings.html>

use std::ops::Range;
use std::sync::Arc;

use api_logs::{
    CreateLogStream, CreateLogStreamInput, InputLogEvent, LogsError, PutLogEvents, PutLogEventsInput,
};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::WriteTx;

use super::Policy;
use crate::names;

/// The kind of events in the outbox.
const KIND: &str = "logs.findings";
/// The stream that reports are written to. AWS's has another name, which it does not document.
const STREAM: &str = "data-protection-findings";

/// What one identifier of a policy has found in one event.
#[derive(Debug)]
pub struct Found {
    policy: usize,
    report: Value,
}

impl Found {
    /// `places` in bytes; reports count characters.
    pub fn new(policy: usize, name: &str, message: &str, places: &[Range<usize>]) -> Self {
        let characters = |at: usize| message[..at].chars().count();
        let detections: Vec<_> = places
            .iter()
            .map(|place| json!({ "start": characters(place.start), "end": characters(place.end) }))
            .collect();
        let report = json!({ "name": name, "count": places.len(), "detections": detections });
        Self { policy, report }
    }
}

/// Reports on their way to a group.
#[derive(Debug, Serialize, Deserialize)]
struct Reports {
    group: String,
    reports: Vec<String>,
}

/// Notes what was found, with the commit that writes the events.
pub fn tell<'a>(
    tx: &mut WriteTx<'_>,
    policies: &[Arc<Policy>],
    cx: &Context,
    group: &str,
    found: impl Iterator<Item = &'a [Found]> + Clone,
) -> Result<(), LogsError> {
    for (at, policy) in policies.iter().enumerate() {
        let Some(destination) = &policy.findings else { continue };
        let reports: Vec<String> = found
            .clone()
            .filter_map(|event| {
                let own: Vec<_> = event
                    .iter()
                    .filter(|found| found.policy == at)
                    .map(|found| found.report.clone())
                    .collect();
                (!own.is_empty()).then(|| {
                    json!({
                        "auditTimestamp": format!("{:.0}", cx.clock.now()),
                        "resourceArn": format!("{}:*", names::group_arn(&cx.scope, group)),
                        "dataIdentifiers": own,
                    })
                    .to_string()
                })
            })
            .collect();
        // A group that tells of itself would never end.
        if !reports.is_empty() && destination != group {
            tx.emit(KIND, &Reports { group: destination.clone(), reports })?;
        }
    }
    Ok(())
}

/// Takes reports to their group.
pub struct Auditor;

impl Consumer for Auditor {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move { Consumed::of(put(cx, payload).await) })
    }
}

async fn put(cx: &Context, payload: &[u8]) -> Result<(), Fault> {
    let reports: Reports = store::decode_event(payload)?;
    let stream =
        CreateLogStreamInput { log_group_name: reports.group.clone(), log_stream_name: STREAM.to_owned() };
    match cx.call::<CreateLogStream>(stream).await {
        Err(fault) if fault.code() != "ResourceAlreadyExistsException" => return Err(fault),
        _ => {}
    }
    let timestamp = cx.clock.millis();
    let log_events =
        reports.reports.into_iter().map(|message| InputLogEvent { timestamp, message }).collect();
    let input = PutLogEventsInput {
        log_group_name: reports.group,
        log_stream_name: STREAM.to_owned(),
        log_events,
        ..PutLogEventsInput::default()
    };
    cx.call::<PutLogEvents>(input).await.map(drop)
}
