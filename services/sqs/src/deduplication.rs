//! What a FIFO queue remembers for five minutes: messages that were sent, and receives with an attempt id.

use kernel::Fault;
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::limits;
use crate::message::At;
use crate::queue::{Fifo, Queue, Scoped};
use crate::shelf::Shelf;

/// Messages by queue and number.
pub static SENT: Table<(u64, u64), Sent> = Table::global("sqs.sent");
/// Receives by queue, span of five minutes and attempt id.
pub static ATTEMPTS: Table<(u64, i64, String), Attempt> = Table::global("sqs.attempts");

/// A message that was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sent {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Its id.
    pub id: String,
    /// What it is recognised by.
    pub key: String,
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

/// The message that was sent already and its number, if it was within five minutes.
pub fn sent(
    tx: &WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    key: &str,
    now: i64,
) -> Result<Option<(u64, Sent)>, Fault> {
    let Some(number) = shelf.index(tx, queue)?.recent(tx, queue.id)?.find(key, now) else { return Ok(None) };
    let sent: Option<Sent> = tx.get(&SENT, &(queue.id, number))?;
    let is_same = |sent: &Sent| sent.key == key && sent.at + limits::DEDUPLICATION > now;
    Ok(sent.filter(is_same).map(|sent| (number, sent)))
}

/// Remembers a message.
pub fn remember(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    number: u64,
    sent: &Sent,
) -> Result<(), Fault> {
    shelf.index(tx, queue)?.recent(tx, queue.id)?.insert(&sent.key, number);
    tx.put(&SENT, &(queue.id, number), sent)?;
    Ok(())
}

/// The receive of that attempt id, if it was within five minutes.
pub fn attempt(tx: &WriteTx<'_>, queue: &Queue, id: &str, now: i64) -> Result<Option<Attempt>, Fault> {
    let span = span(now);
    for span in [span, span - 1] {
        if let Some(attempt) = tx.get(&ATTEMPTS, &(queue.id, span, id))? {
            return Ok(Some(attempt).filter(|attempt| attempt.at + limits::DEDUPLICATION > now));
        }
    }
    Ok(None)
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
