//! `FilterLogEvents`: the events of a group's streams in the order of time, those that match a pattern.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use api_logs::{FilterLogEvents, FilterLogEventsInput, FilterLogEventsOutput, FilteredLogEvent, LogsError};
use kernel::{Context, Fault, Handler, page};
use store::{ReadTx, Rows};

use crate::event::{EVENTS, Event, EventKey, Place};
use crate::group::Group;
use crate::stream::{STREAMS, Stream};
use crate::{Logs, errors, limits, names};

const LIST: &str = "logs.filtered";

impl Handler<FilterLogEvents> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: FilterLogEventsInput,
    ) -> Result<FilterLogEventsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE_EVENTS);
        let text = input.filter_pattern.as_deref().unwrap_or_default();
        let (pattern, is_search) = (self.patterns.get(text)?, !text.trim().is_empty());
        let group = names::group(input.log_group_name.clone(), input.log_group_identifier.clone())?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(errors::two_choices());
        }
        if input.start_from_head == Some(false) {
            return Err(errors::not_emulated("FilterLogEvents from the newest event on"));
        }
        let after = super::after(LIST, input.next_token.clone())?;
        let after = after.map(|key| Place::parse(&key).ok_or_else(errors::invalid_token)).transpose()?;
        // The end is inclusive here, unlike in GetLogEvents.
        let mut span = Span { start: Place::at(input.start_time.unwrap_or(i64::MIN)), end: input.end_time };
        if let Some(after) = after {
            span.start = span.start.max(after.next());
        }

        let (store, scope) = (self.store.clone(), cx.scope.clone());
        let find = move || {
            store.read(&scope, |tx| {
                Group::standard(tx, &group)?;
                let streams = streams(tx, &group, &input, &span)?;
                let merged = Merged::new(tx, &group, &streams, &span)?;
                Ok::<_, LogsError>(page(merged, most, input.unmask, |message| pattern.matches(message))?)
            })
        };
        // A search may take long: it does not hold up others.
        let found = if is_search { spawned(find).await } else { find() };

        let (events, next) = found?;
        Ok(FilterLogEventsOutput {
            events: Some(events),
            searched_log_streams: Some(Vec::new()),
            next_token: next.map(|place| page::token(LIST, &place.id())),
        })
    }
}

async fn spawned<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LogsError> + Send + 'static,
) -> Result<T, LogsError> {
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)?
}

/// From a place on, up to and with a time.
struct Span {
    start: Place,
    end: Option<i64>,
}

impl Span {
    /// Whether a stream can have events in it.
    fn touches(&self, stream: &Stream) -> bool {
        stream.last_event.is_some_and(|last| last >= self.start.time)
            && stream.first_event.is_some_and(|first| self.end.is_none_or(|end| first <= end))
    }
}

/// The streams asked for that have events: by name, by prefix, or all.
fn streams(
    tx: &ReadTx<'_>,
    group: &str,
    input: &FilterLogEventsInput,
    span: &Span,
) -> Result<Vec<String>, LogsError> {
    let mut found = Vec::new();
    if let Some(names) = &input.log_stream_names {
        for name in names {
            let stream = tx.get(&STREAMS, &(group, name.as_str()))?.ok_or_else(errors::no_such_stream)?;
            if span.touches(&stream) && !found.contains(name) {
                found.push(name.clone());
            }
        }
        return Ok(found);
    }
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    for row in tx.starting_with(&STREAMS, &(group, prefix)) {
        let ((_, name), stream) = row?;
        if span.touches(&stream) {
            found.push(name);
        }
    }
    Ok(found)
}

/// The events of several streams in one order.
struct Merged<'t> {
    streams: Vec<Rows<'t, EventKey, Event>>,
    heads: Vec<Option<(EventKey, Event)>>,
    next: BinaryHeap<Reverse<(i64, u64, usize)>>,
}

impl<'t> Merged<'t> {
    fn new(tx: &'t ReadTx<'_>, group: &str, streams: &[String], span: &Span) -> Result<Self, Fault> {
        let mut merged = Self { streams: Vec::new(), heads: Vec::new(), next: BinaryHeap::new() };
        for (at, stream) in streams.iter().enumerate() {
            let start = (group.to_owned(), stream.clone(), span.start.time, span.start.number);
            let end = (group.to_owned(), stream.clone(), span.end.unwrap_or(i64::MAX), u64::MAX);
            merged.streams.push(tx.range(&EVENTS, start.clone()..=end.max(start)));
            merged.heads.push(None);
            merged.advance(at)?;
        }
        Ok(merged)
    }

    fn advance(&mut self, at: usize) -> Result<(), Fault> {
        if let Some(row) = self.streams[at].next() {
            let row = row?;
            self.next.push(Reverse((row.0.2, row.0.3, at)));
            self.heads[at] = Some(row);
        }
        Ok(())
    }

    fn take(&mut self) -> Result<Option<(EventKey, Event)>, Fault> {
        let Some(Reverse((.., at))) = self.next.pop() else { return Ok(None) };
        let row = self.heads[at].take();
        self.advance(at)?;
        Ok(row)
    }
}

/// As many matching events as a page holds, and the last one's place if there are more.
fn page(
    mut merged: Merged<'_>,
    most: usize,
    unmask: Option<bool>,
    matches: impl Fn(&str) -> bool,
) -> Result<(Vec<FilteredLogEvent>, Option<Place>), Fault> {
    let (mut found, mut bytes, mut last) = (Vec::new(), 0, None);
    while let Some((key, event)) = merged.take()? {
        if !matches(&event.message) {
            continue;
        }
        bytes += event.message.len() + limits::EVENT_OVERHEAD;
        if found.len() == most || (bytes > limits::PAGE_BYTES && !found.is_empty()) {
            return Ok((found, last));
        }
        let place = Place { time: key.2, number: key.3 };
        last = Some(place);
        found.push(FilteredLogEvent {
            event_id: Some(place.id()),
            log_stream_name: Some(key.1),
            timestamp: Some(key.2),
            ingestion_time: Some(event.ingested),
            message: Some(event.text(unmask)),
        });
    }
    Ok((found, None))
}
