//! `FilterLogEvents`: the events of a group's streams in the order of time, those that match a pattern.

use api_logs::{FilterLogEvents, FilterLogEventsInput, FilterLogEventsOutput, FilteredLogEvent, LogsError};
use kernel::{Context, Fault, Handler, page};
use store::ReadTx;

use crate::event::{EVENTS, Event, EventKey, Place};
use crate::group::Group;
use crate::pattern::Pattern;
use crate::stream::STREAMS;
use crate::{Logs, errors, limits, names};

const LIST: &str = "logs.filtered";

/// Where an event stands among those of all streams: time, stream, number.
type Order = (i64, String, u64);

impl Handler<FilterLogEvents> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: FilterLogEventsInput,
    ) -> Result<FilterLogEventsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE_EVENTS);
        let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
        let group = names::group(input.log_group_name.clone(), input.log_group_identifier.clone())?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(errors::two_choices());
        }
        let after =
            input.next_token.as_deref().map(|token| parse_token(token).ok_or_else(errors::invalid_token));
        let after = after.transpose()?;

        let mut rows: Vec<(EventKey, Event)> = self.store.read(&cx.scope, |tx| {
            Group::require(tx, &group)?;
            let mut rows = Vec::new();
            for stream in streams(tx, &group, &input)? {
                let start = (group.clone(), stream.clone(), input.start_time.unwrap_or(i64::MIN), 0);
                // The end is inclusive here, unlike in GetLogEvents.
                let end = (group.clone(), stream, input.end_time.unwrap_or(i64::MAX), u64::MAX);
                let found = tx.range(&EVENTS, start.clone()..=end.max(start));
                for row in
                    found.filter(|row| row.as_ref().is_ok_and(|(_, event)| pattern.matches(&event.message)))
                {
                    rows.push(row?);
                }
            }
            Ok::<_, LogsError>(rows)
        })?;
        rows.sort_by_key(|(key, _)| order(key));
        if let Some(after) = after {
            rows.retain(|(key, _)| order(key) > after);
        }

        let page = page::cut(rows, most, LIST, |(key, _)| token_key(key));
        let events = page.items.into_iter().map(|(key, event)| describe(&key, event)).collect();
        Ok(FilterLogEventsOutput {
            events: Some(events),
            searched_log_streams: Some(Vec::new()),
            next_token: page.next,
        })
    }
}

/// The streams asked for: by name, by prefix, or all.
fn streams(tx: &ReadTx<'_>, group: &str, input: &FilterLogEventsInput) -> Result<Vec<String>, LogsError> {
    if let Some(names) = &input.log_stream_names {
        for name in names {
            if !tx.contains(&STREAMS, &(group, name.as_str()))? {
                return Err(errors::no_such_stream());
            }
        }
        return Ok(names.clone());
    }
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let keys = tx.starting_with(&STREAMS, &(group, prefix)).keys();
    let names: Result<Vec<_>, Fault> = keys.map(|key| key.map(|(_, name)| name)).collect();
    Ok(names?)
}

fn order(key: &EventKey) -> Order {
    (key.2, key.1.clone(), key.3)
}

fn token_key(key: &EventKey) -> String {
    format!("{} {} {}", key.2, key.3, key.1)
}

fn parse_token(token: &str) -> Option<Order> {
    let key = page::key(LIST, token)?;
    let mut parts = key.splitn(3, ' ');
    let (time, number, stream) = (parts.next()?, parts.next()?, parts.next()?);
    Some((time.parse().ok()?, stream.to_owned(), number.parse().ok()?))
}

fn describe(key: &EventKey, event: Event) -> FilteredLogEvent {
    FilteredLogEvent {
        event_id: Some(Place { time: key.2, number: key.3 }.id()),
        log_stream_name: Some(key.1.clone()),
        timestamp: Some(key.2),
        message: Some(event.message),
        ingestion_time: Some(event.ingested),
    }
}
