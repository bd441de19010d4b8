//! `GetLogEvents`: one stream's events, a page at a time in either direction.

use api_logs::{GetLogEvents, GetLogEventsInput, GetLogEventsOutput, LogsError, OutputLogEvent};
use kernel::{Context, Fault, Handler};

use crate::event::{EVENTS, Event, EventKey, Place, Token};
use crate::group::Group;
use crate::stream::STREAMS;
use crate::{Logs, errors, limits, names};

impl Handler<GetLogEvents> for Logs {
    async fn handle(&self, cx: &Context, input: GetLogEventsInput) -> Result<GetLogEventsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE_EVENTS);
        let group = names::group(input.log_group_name, input.log_group_identifier)?;
        let stream = input.log_stream_name.as_str();
        let token = input.next_token.as_deref();
        let token = token.map(|text| Token::parse(text).ok_or_else(errors::invalid_token)).transpose()?;
        let forward = match token {
            Some(Token::Forward(_)) => true,
            Some(Token::Backward(_)) => false,
            None => input.start_from_head.unwrap_or(false),
        };
        let window = Window::of(input.start_time, input.end_time, token);

        let mut rows: Vec<(EventKey, Event)> = self.store.read(&cx.scope, |tx| {
            Group::standard(tx, &group)?;
            if !tx.contains(&STREAMS, &(group.as_str(), stream))? {
                return Err(errors::no_such_stream());
            }
            let key = |place: Place| (group.clone(), stream.to_owned(), place.time, place.number);
            let rows = tx.range(&EVENTS, key(window.start)..key(window.end));
            Ok(if forward { page(rows, most) } else { page(rows.rev(), most) }?)
        })?;
        if !forward {
            rows.reverse();
        }

        Ok(answer(rows, &window, token, input.unmask))
    }
}

/// The events between two places: from `start` on, before `end`.
struct Window {
    start: Place,
    end: Place,
}

impl Window {
    fn of(start: Option<i64>, end: Option<i64>, token: Option<Token>) -> Self {
        let mut window = Self {
            start: Place { time: start.unwrap_or(i64::MIN), number: 0 },
            end: Place { time: end.unwrap_or(i64::MAX), number: 0 },
        };
        match token {
            Some(Token::Forward(after)) => {
                window.start = window.start.max(after.next());
            }
            Some(Token::Backward(before)) => window.end = window.end.min(before),
            None => {}
        }
        window.end = window.end.max(window.start);
        window
    }
}

/// As many rows as a page holds, by number and by bytes.
fn page(
    rows: impl Iterator<Item = Result<(EventKey, Event), Fault>>,
    most: usize,
) -> Result<Vec<(EventKey, Event)>, Fault> {
    let mut page = Vec::new();
    let mut bytes = 0;
    for row in rows.take(most) {
        let row = row?;
        bytes += row.1.message.len() + limits::EVENT_OVERHEAD;
        if bytes > limits::PAGE_BYTES && !page.is_empty() {
            break;
        }
        page.push(row);
    }
    Ok(page)
}

/// At either end of the stream the token comes back as it was sent: so callers know that they are there.
fn answer(
    rows: Vec<(EventKey, Event)>,
    window: &Window,
    token: Option<Token>,
    unmask: Option<bool>,
) -> GetLogEventsOutput {
    let place = |key: &EventKey| Place { time: key.2, number: key.3 };
    let resting = match token {
        Some(Token::Forward(place) | Token::Backward(place)) => place,
        None => Place { time: window.start.time.max(0), number: 0 },
    };
    let first = rows.first().map_or(resting, |(key, _)| place(key));
    let last = rows.last().map_or(resting, |(key, _)| place(key));
    let events = rows.into_iter().map(|(key, event)| OutputLogEvent {
        timestamp: Some(key.2),
        ingestion_time: Some(event.ingested),
        message: Some(event.text(unmask)),
    });
    GetLogEventsOutput {
        events: Some(events.collect()),
        next_forward_token: Some(Token::Forward(last).text()),
        next_backward_token: Some(Token::Backward(first).text()),
    }
}
