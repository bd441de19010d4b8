//! Brings what functions print to CloudWatch Logs, in order, behind their backs.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api_logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogStream, CreateLogStreamInput, InputLogEvent, PutLogEvents,
    PutLogEventsInput,
};
use kernel::{Context, Fault, Scope, Timestamp};
use runner::{LogPlace, LogSink};
use tokio::sync::mpsc;

/// Bytes that may wait; what comes beyond is dropped, with a warning.
const BACKLOG: usize = 32 << 20;

/// Batches that are looked at together.
const AT_ONCE: usize = 256;
/// Bytes and events of one request, well below what CloudWatch Logs takes.
const BYTES: usize = 512 << 10;
const EVENTS: usize = 5000;

struct Batch {
    place: LogPlace,
    stream: String,
    events: Vec<(Timestamp, String)>,
    bytes: usize,
}

/// The runner's log sink.
pub struct FunctionLogs {
    sender: mpsc::UnboundedSender<Batch>,
    waiting: Arc<AtomicUsize>,
}

impl FunctionLogs {
    /// A sink whose batches are put in the background, for as long as it lives.
    pub fn start(cx: Context) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        tokio::spawn(deliver(cx, receiver, waiting.clone()));
        Self { sender, waiting }
    }
}

impl LogSink for FunctionLogs {
    fn log(&self, place: &LogPlace, stream: &str, events: Vec<(Timestamp, String)>) {
        let bytes = events.iter().map(|(_, line)| line.len()).sum();
        if self.waiting.fetch_add(bytes, Ordering::Relaxed) > BACKLOG {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            tracing::warn!(
                group = place.group,
                bytes,
                "a function prints faster than its log is written: lines are lost"
            );
            return;
        }
        let _ = self.sender.send(Batch { place: place.clone(), stream: stream.to_owned(), events, bytes });
    }
}

async fn deliver(cx: Context, mut receiver: mpsc::UnboundedReceiver<Batch>, waiting: Arc<AtomicUsize>) {
    let mut known = HashSet::new();
    let mut arrived = Vec::with_capacity(AT_ONCE);
    while receiver.recv_many(&mut arrived, AT_ONCE).await > 0 {
        for batch in joined(arrived.drain(..)) {
            let bytes = batch.bytes;
            let group = batch.place.group.clone();
            if let Err(fault) = put(&cx, batch, &mut known).await {
                tracing::warn!(group, %fault, "a function's log could not be written");
            }
            waiting.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}

/// Makes one of those that belong to the same stream: a commit costs more than a line.
fn joined(batches: impl Iterator<Item = Batch>) -> Vec<Batch> {
    let mut all: Vec<Batch> = Vec::new();
    for batch in batches {
        let is_same = |other: &&mut Batch| other.stream == batch.stream && other.place == batch.place;
        match all.iter_mut().rev().find(is_same) {
            Some(other)
                if other.bytes + batch.bytes < BYTES && other.events.len() + batch.events.len() < EVENTS =>
            {
                other.bytes += batch.bytes;
                other.events.extend(batch.events);
            }
            _ => all.push(batch),
        }
    }
    all
}

async fn put(cx: &Context, batch: Batch, known: &mut HashSet<(LogPlace, String)>) -> Result<(), Fault> {
    let Batch { place, stream, events, .. } = batch;
    let cx = cx.in_scope(Scope::new(&place.account, &place.region)).on_behalf_of("lambda.amazonaws.com");
    let mut log_events: Vec<_> = events
        .into_iter()
        .map(|(at, line)| InputLogEvent { timestamp: at.as_millisecond(), message: line })
        .filter(|event| !event.message.is_empty())
        .collect();
    log_events.sort_by_key(|event| event.timestamp);
    let input = PutLogEventsInput {
        log_group_name: place.group.clone(),
        log_stream_name: stream.clone(),
        log_events,
        ..PutLogEventsInput::default()
    };
    let key = (place, stream);
    if !known.contains(&key) {
        create(&cx, &key.0.group, &key.1).await?;
        known.insert(key.clone());
    }
    match cx.call::<PutLogEvents>(input.clone()).await {
        // Somebody deleted the group in the meantime: as on AWS, it comes back with the next line.
        Err(fault) if fault.code() == "ResourceNotFoundException" => {
            create(&cx, &key.0.group, &key.1).await?;
            cx.call::<PutLogEvents>(input).await.map(drop)
        }
        other => other.map(drop),
    }
}

/// Makes the group and the stream, unless they are there.
async fn create(cx: &Context, group: &str, stream: &str) -> Result<(), Fault> {
    let made = |result: Result<(), Fault>| match result {
        Err(fault) if fault.code() != "ResourceAlreadyExistsException" => Err(fault),
        _ => Ok(()),
    };
    let input = CreateLogGroupInput { log_group_name: group.to_owned(), ..CreateLogGroupInput::default() };
    made(cx.call::<CreateLogGroup>(input).await.map(drop))?;
    let input = CreateLogStreamInput { log_group_name: group.to_owned(), log_stream_name: stream.to_owned() };
    made(cx.call::<CreateLogStream>(input).await.map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_stream_stay_in_order_and_go_together() {
        let batch = |stream: &str, line: &str, bytes: usize| Batch {
            place: LogPlace { account: String::new(), region: String::new(), group: String::new() },
            stream: stream.to_owned(),
            events: vec![(Timestamp::UNIX_EPOCH, line.to_owned())],
            bytes,
        };
        let batches = [
            batch("a", "1", 1),
            batch("b", "2", 1),
            batch("a", "3", 1),
            batch("a", "4", BYTES),
            batch("a", "5", 1),
        ];
        let shown: Vec<(String, String)> = joined(batches.into_iter())
            .into_iter()
            .map(|batch| (batch.stream, batch.events.into_iter().map(|(_, line)| line).collect()))
            .collect();
        let expected = [("a", "13"), ("b", "2"), ("a", "4"), ("a", "5")];
        assert_eq!(shown, expected.map(|(stream, lines)| (stream.to_owned(), lines.to_owned())));
    }
}
