//! What a FIFO queue remembers for five minutes: messages that were sent, and receives with an attempt id.
//!
//! Rows lie in spans of five minutes, so that what is forgotten goes in one piece and lookups see two spans at most.

use kernel::Fault;
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::limits;
use crate::message::At;
use crate::queue::{Fifo, Queue, Scoped};

/// Messages by queue, span, and what they are recognised by.
pub static SENT: Table<(u64, i64, String), Sent> = Table::global("sqs.sent");
/// Receives by queue, span and attempt id.
pub static ATTEMPTS: Table<(u64, i64, String), Attempt> = Table::global("sqs.attempts");

/// A message that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: u64,
}

/// A receive that may be tried again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was made, in milliseconds since 1970.
    pub at: i64,
    /// Numbers and groups of its messages, and for which time each was received.
    pub messages: Vec<(u64, Option<String>, u32)>,
}

impl Attempt {
    /// Its messages.
    pub fn messages(&self) -> impl Iterator<Item = (At, u32)> {
        self.messages
            .iter()
            .map(|(number, group, received)| (At { number: *number, group: group.clone() }, *received))
    }
}

/// The span of an instant.
pub fn span(millis: i64) -> i64 {
    millis.div_euclid(limits::DEDUPLICATION)
}

/// What a message is recognised by. Ids have no line breaks.
pub fn key(fifo: &Fifo, group: &str, id: &str) -> String {
    if fifo.deduplicates == Scoped::Queue { id.to_owned() } else { format!("{group}\n{id}") }
}

/// The message that was sent already, if it was within five minutes.
pub fn sent(tx: &WriteTx<'_>, queue: &Queue, key: &str, now: i64) -> Result<Option<Sent>, Fault> {
    recall(tx, &SENT, queue, key, now, |sent| sent.at)
}

/// The receive of that attempt id, if it was within five minutes.
pub fn attempt(tx: &WriteTx<'_>, queue: &Queue, id: &str, now: i64) -> Result<Option<Attempt>, Fault> {
    recall(tx, &ATTEMPTS, queue, id, now, |attempt| attempt.at)
}

fn recall<R: Serialize + serde::de::DeserializeOwned>(
    tx: &WriteTx<'_>,
    table: &Table<(u64, i64, String), R>,
    queue: &Queue,
    key: &str,
    now: i64,
    at: impl Fn(&R) -> i64,
) -> Result<Option<R>, Fault> {
    let span = span(now);
    for span in [span, span - 1] {
        if let Some(row) = tx.get(table, &(queue.id, span, key))? {
            return Ok(Some(row).filter(|row| at(row) + limits::DEDUPLICATION > now));
        }
    }
    Ok(None)
}

/// Remembers a message.
pub fn remember(tx: &mut WriteTx<'_>, queue: &Queue, key: &str, sent: &Sent) -> Result<(), Fault> {
    tx.put(&SENT, &(queue.id, span(sent.at), key), sent)
}

/// Remembers a receive.
pub fn remember_attempt(
    tx: &mut WriteTx<'_>,
    queue: &Queue,
    id: &str,
    attempt: &Attempt,
) -> Result<(), Fault> {
    tx.put(&ATTEMPTS, &(queue.id, span(attempt.at), id), attempt)
}
