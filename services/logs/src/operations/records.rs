//! `GetLogRecord`, `GetLogGroupFields`: what Insights finds in single events.

use std::cell::OnceCell;

use api_logs::{
    GetLogGroupFields, GetLogGroupFieldsInput, GetLogGroupFieldsOutput, GetLogRecord, GetLogRecordInput,
    GetLogRecordOutput, LogGroupField, LogsError,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Context, Fault, Handler, Map};
use store::ReadTx;

use crate::event::{EVENTS, Event, EventKey, Place};
use crate::group::Group;
use crate::insights::{Row, Source, pointer};
use crate::stream::STREAMS;
use crate::{Logs, errors, names};

/// How many events are looked at for their fields.
const SAMPLE: usize = 1000;

/// How long around the time asked for events are looked at, in milliseconds: eight minutes before and after.
const AROUND: i64 = 8 * 60_000;

/// How long back, where no time is asked for: 15 minutes.
const BACK: i64 = 15 * 60_000;

fn source(cx: &Context, key: EventKey, event: Event, unmask: Option<bool>) -> Source {
    let (group, stream, time, number) = key;
    Source {
        account: cx.scope.account.to_string(),
        group,
        stream,
        place: Place { time, number },
        ingested: event.ingested,
        transformed: event.transformed.clone(),
        unmasked: None,
        message: event.text(unmask),
        json: OnceCell::new(),
    }
}

/// The group, stream and place that a pointer names.
fn key(pointer: &str) -> Option<EventKey> {
    let text = String::from_utf8(STANDARD.decode(pointer).ok()?).ok()?;
    let mut parts = text.split('\0').map(str::to_owned);
    let (group, stream, place) = (parts.next()?, parts.next()?, Place::parse(&parts.next()?)?);
    Some((group, stream, place.time, place.number))
}

impl Handler<GetLogRecord> for Logs {
    async fn handle(&self, cx: &Context, input: GetLogRecordInput) -> Result<GetLogRecordOutput, LogsError> {
        let key = key(&input.log_record_pointer).ok_or_else(errors::invalid_pointer)?;
        let event = self.store.read(&cx.scope, |tx| tx.get(&EVENTS, &key))?;
        let source = source(cx, key, event.ok_or_else(errors::no_such_record)?, input.unmask);

        let pointer = pointer(&source);
        let mut names = source.names();
        names.sort();
        let times = (source.place.time.to_string(), source.ingested.to_string());
        let row = Row { source: Some(source.into()), added: Vec::new() };
        let mut record: Map<String, String> =
            names.into_iter().filter_map(|name| Some((name.clone(), row.field(&name).text()?))).collect();
        record.insert("@timestamp".to_owned(), times.0);
        record.insert("@ingestionTime".to_owned(), times.1);
        record.insert("@ptr".to_owned(), pointer);
        Ok(GetLogRecordOutput { log_record: Some(record) })
    }
}

impl Handler<GetLogGroupFields> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetLogGroupFieldsInput,
    ) -> Result<GetLogGroupFieldsOutput, LogsError> {
        let group = names::group(input.log_group_name, input.log_group_identifier)?;
        let now = cx.clock.millis();
        let (start, end) = match input.time {
            Some(time) => (time.saturating_mul(1000) - AROUND, time.saturating_mul(1000) + AROUND),
            None => (now - BACK, now),
        };
        let events = self.store.read(&cx.scope, |tx| sample(tx, &group, start, end))?;

        let total = events.len();
        let mut counts: Map<String, usize> = Map::new();
        for (key, event) in events {
            for name in source(cx, key, event, None).names() {
                *counts.entry(name).or_default() += 1;
            }
        }
        counts.sort_by(|left, left_count, right, right_count| {
            right_count.cmp(left_count).then_with(|| left.cmp(right))
        });
        let fields = counts.into_iter().map(|(name, count)| LogGroupField {
            name: Some(name),
            percent: i32::try_from(count * 100 / total.max(1)).ok(),
        });
        Ok(GetLogGroupFieldsOutput { log_group_fields: Some(fields.collect()) })
    }
}

/// Some events of a time, from all streams.
fn sample(tx: &ReadTx<'_>, group: &str, start: i64, end: i64) -> Result<Vec<(EventKey, Event)>, LogsError> {
    Group::require(tx, group)?;
    let mut events = Vec::new();
    for stream in tx.prefix(&STREAMS, &(group,)).keys() {
        let (group, stream) = stream?;
        let from = (group.clone(), stream.clone(), start, 0);
        let rows = tx.range(&EVENTS, from..=(group, stream, end, u64::MAX));
        let left = SAMPLE - events.len();
        events.extend(rows.take(left).collect::<Result<Vec<_>, Fault>>()?);
    }
    Ok(events)
}
