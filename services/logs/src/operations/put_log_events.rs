//! `PutLogEvents`: adds a batch of events to a stream.

use api_logs::{
    InputLogEvent, LogsError, PutLogEvents, PutLogEventsInput, PutLogEventsOutput, RejectedLogEventsInfo,
};
use kernel::{Context, Handler};

use crate::event::{EVENTS, Event};
use crate::group::GROUPS;
use crate::stream::{STREAMS, sequence_token};
use crate::{Logs, errors, limits};

impl Handler<PutLogEvents> for Logs {
    async fn handle(&self, cx: &Context, input: PutLogEventsInput) -> Result<PutLogEventsOutput, LogsError> {
        check(&input.log_events)?;
        let now = cx.clock.millis();
        let rejected = rejected(&input.log_events, now);
        let key = (input.log_group_name, input.log_stream_name);
        let (first, last) = rejected
            .as_ref()
            .map_or((0, input.log_events.len()), |rejected| accepted(rejected, &input.log_events));
        let events = &input.log_events[first..last];

        let arrived = self
            .store
            .write(&cx.scope, |tx| {
                let mut group = tx.get(&GROUPS, &key.0)?.ok_or_else(errors::no_such_group)?;
                let mut stream = tx.get(&STREAMS, &key)?.ok_or_else(errors::no_such_stream)?;
                for event in events {
                    stream.arrived += 1;
                    let place = (key.0.as_str(), key.1.as_str(), event.timestamp, stream.arrived);
                    tx.put(&EVENTS, &place, &Event { message: event.message.clone(), ingested: now })?;
                    stream.first_event =
                        Some(stream.first_event.map_or(event.timestamp, |at| at.min(event.timestamp)));
                    stream.last_event = stream.last_event.max(Some(event.timestamp));
                    group.stored_bytes += i64::try_from(size(event)).unwrap_or(0);
                }
                if !events.is_empty() {
                    stream.last_ingestion = Some(now);
                    tx.put(&STREAMS, &key, &stream)?;
                    tx.put(&GROUPS, &key.0, &group)?;
                }
                Ok::<_, LogsError>(stream.arrived)
            })
            .await?;

        Ok(PutLogEventsOutput {
            next_sequence_token: Some(sequence_token(arrived)),
            rejected_log_events_info: rejected,
            ..PutLogEventsOutput::default()
        })
    }
}

fn size(event: &InputLogEvent) -> usize {
    event.message.len() + limits::EVENT_OVERHEAD
}

fn check(events: &[InputLogEvent]) -> Result<(), LogsError> {
    let bytes: usize = events.iter().map(size).sum();
    if bytes > limits::BATCH_BYTES {
        return Err(errors::too_large(bytes, limits::BATCH_BYTES));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(errors::not_chronological());
    }
    match (events.first(), events.last()) {
        (Some(first), Some(last)) if last.timestamp - first.timestamp > limits::BATCH_SPAN => {
            Err(errors::too_wide())
        }
        _ => Ok(()),
    }
}

/// Which events are too old or too new, if any: AWS tells by where they end and start.
fn rejected(events: &[InputLogEvent], now: i64) -> Option<RejectedLogEventsInfo> {
    let index = |at: usize| i32::try_from(at).ok();
    let old = events.iter().take_while(|event| event.timestamp < now - limits::OLDEST).count();
    let new = events.iter().position(|event| event.timestamp > now + limits::NEWEST);
    (old > 0 || new.is_some()).then(|| RejectedLogEventsInfo {
        too_old_log_event_end_index: (old > 0).then(|| index(old)).flatten(),
        too_new_log_event_start_index: new.and_then(index),
        ..RejectedLogEventsInfo::default()
    })
}

fn accepted(rejected: &RejectedLogEventsInfo, events: &[InputLogEvent]) -> (usize, usize) {
    let index = |at: Option<i32>| at.and_then(|at| usize::try_from(at).ok());
    let first = index(rejected.too_old_log_event_end_index).unwrap_or(0);
    let last = index(rejected.too_new_log_event_start_index).unwrap_or(events.len());
    (first.min(last), last)
}
