//! FIFO topics: what is told twice is taken once, and what comes in order goes in order.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html>

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api_sns::SnsError;
use kernel::{Fault, Scope};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Table, WriteTx};

use crate::message::Message;
use crate::topic::Topic;
use crate::{errors, limits};

/// The last numbers given out, by topic.
static SEQUENCES: Table<String, u64> = Table::regional("sns.fifo.sequences");
/// What was taken in the last five minutes, by topic and what tells it from others.
static TAKEN: Table<(String, String), Taken> = Table::regional("sns.fifo.taken");
/// The same by topic and the milliseconds at which it is forgotten.
static FORGOTTEN: Table<(String, i64, String), bool> = Table::regional("sns.fifo.forgotten");
/// What waits for its turn, by topic and number, with the topic's revision.
pub static WAITING: Table<(String, u64), (u64, Message)> = Table::regional("sns.fifo.waiting");

/// The first number of a topic.
const FIRST: u64 = 10_000_000_000_000_000_000;
/// How many forgotten entries a publication clears away.
const CLEARED: usize = 8;

#[derive(Serialize, Deserialize)]
struct Taken {
    until: i64,
    id: String,
    sequence: String,
}

/// The lock of a topic.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// One turn at a time for each topic.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<(Scope, String), Turn>>);

impl Turns {
    /// The lock of a topic.
    pub fn of(&self, scope: &Scope, name: &str) -> Turn {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > 1000 {
            all.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        all.entry((scope.clone(), name.to_owned())).or_default().clone()
    }
}

/// Checks what topics of either kind ask of a message, and names it by its content where the topic says so.
pub fn check(topic: &Topic, message: &mut Message) -> Result<(), SnsError> {
    if !topic.is_fifo {
        return match message.deduplication {
            Some(_) => Err(errors::because(
                "MessageDeduplicationId",
                "The request includes MessageDeduplicationId parameter that is not valid for this topic type",
            )),
            None => Ok(()),
        };
    }
    if message.group.is_none() {
        return Err(errors::invalid("The MessageGroupId parameter is required for FIFO topics"));
    }
    if message.deduplication.is_none() {
        if !topic.is("ContentBasedDeduplication") {
            return Err(errors::invalid(
                "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly",
            ));
        }
        let digest = Sha256::digest(message.text.as_bytes());
        message.deduplication = Some(base16ct::lower::encode_string(&digest));
    }
    Ok(())
}

/// Takes a message, unless it was taken before: then the earlier one's id and number are answered.
pub fn take(
    tx: &mut WriteTx<'_>,
    name: &str,
    topic: &Topic,
    message: &mut Message,
) -> Result<Option<(String, String)>, Fault> {
    let now = message.time;
    clear(tx, name, now)?;
    let of_group = topic.attributes.get("FifoThroughputScope").is_some_and(|scope| scope == "MessageGroup");
    let group = message.group.as_deref().filter(|_| of_group).unwrap_or_default();
    let key = format!("{group}\0{}", message.deduplication.as_deref().unwrap_or_default());
    if let Some(taken) = tx.get(&TAKEN, &(name, key.as_str()))?.filter(|taken| taken.until > now) {
        return Ok(Some((taken.id, taken.sequence)));
    }
    let number = tx.get(&SEQUENCES, name)?.unwrap_or(FIRST) + 1;
    tx.put(&SEQUENCES, name, &number)?;
    let sequence = number.to_string();
    let until = now + limits::DEDUPLICATION.as_millis() as i64;
    let taken = Taken { until, id: message.id.clone(), sequence: sequence.clone() };
    tx.put(&TAKEN, &(name, key.as_str()), &taken)?;
    tx.put(&FORGOTTEN, &(name, until, key.as_str()), &true)?;
    message.sequence = Some(sequence);
    tx.put(&WAITING, &(name, number), &(topic.revision, message.clone()))?;
    Ok(None)
}

/// Clears some of what need not be remembered any more.
fn clear(tx: &mut WriteTx<'_>, name: &str, now: i64) -> Result<(), Fault> {
    let old: Vec<_> = tx
        .prefix(&FORGOTTEN, &(name,))
        .keys()
        .take(CLEARED)
        .take_while(|key| key.as_ref().map_or(true, |(_, until, _)| *until <= now))
        .collect::<Result<_, _>>()?;
    for (_, until, key) in old {
        tx.delete(&FORGOTTEN, &(name, until, key.as_str()))?;
        let taken = tx.get(&TAKEN, &(name, key.as_str()))?;
        if taken.is_some_and(|taken| taken.until <= now) {
            tx.delete(&TAKEN, &(name, key.as_str()))?;
        }
    }
    Ok(())
}

/// Forgets everything of a topic that is gone.
pub fn forget(tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
    let taken: Vec<_> = tx.prefix(&TAKEN, &(name,)).keys().collect::<Result<_, _>>()?;
    for key in &taken {
        tx.delete(&TAKEN, key)?;
    }
    let forgotten: Vec<_> = tx.prefix(&FORGOTTEN, &(name,)).keys().collect::<Result<_, _>>()?;
    for key in &forgotten {
        tx.delete(&FORGOTTEN, key)?;
    }
    let waiting: Vec<_> = tx.prefix(&WAITING, &(name,)).keys().collect::<Result<_, _>>()?;
    for key in &waiting {
        tx.delete(&WAITING, key)?;
    }
    tx.delete(&SEQUENCES, name).map(drop)
}
