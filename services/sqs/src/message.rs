//! Messages: what was sent, what became of it since, and where the rows of both are.

use api_sqs::MessageAttributeValue;
use kernel::{Bytes, Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

/// Messages of standard queues, by the queue's id and the message's number.
pub static MESSAGES: Table<(u64, u64), Body> = Table::global("sqs.messages");
/// Messages of FIFO queues: the queue's id, the group, the number.
pub static LINES: Table<(u64, String, u64), Body> = Table::global("sqs.lines");
/// The groups of FIFO queues that have messages.
pub static GROUPS: Table<(u64, String), ()> = Table::global("sqs.groups");
/// What became of messages; there is no row for one that nobody has received and nothing delays.
pub static STATES: Table<(u64, u64), State> = Table::global("sqs.states");
/// How many messages a queue has.
pub static TALLIES: Table<u64, Tally> = Table::global("sqs.tallies");

/// Set in the numbers of messages that were sent with a delay: they lie behind all others, so that a look at the front
/// does not meet them. Their turn comes through their state.
pub const DELAYED: u64 = 1 << 63;

/// What is counted of a queue.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Its messages.
    #[serde(rename = "m")]
    pub messages: u64,
    /// The last number given out: sequence numbers grow whatever becomes of the clock.
    #[serde(rename = "l")]
    pub last: u64,
}

/// What was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// The message's id.
    pub id: String,
    /// The text.
    pub text: String,
    /// The text's digest.
    pub md5: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    /// Who sent it.
    pub sender: String,
    /// The attributes its sender gave it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Attribute>,
    /// `AWSTraceHeader`, if it came with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// The message group; standard queues may have them too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// By what a FIFO queue recognises it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduplication: Option<String>,
    /// The queue that gave it up, for messages in a dead-letter queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letter_source: Option<String>,
}

/// A message attribute.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attribute {
    data_type: String,
    text: Option<String>,
    bytes: Option<Bytes>,
}

/// What became of a message since it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// From when it can be received, in milliseconds since 1970.
    pub visible_at: i64,
    /// How often it was received.
    pub received: u32,
    /// When it was first received, in milliseconds since 1970.
    pub first_received: Option<i64>,
    /// When it was last received, in milliseconds since 1970.
    pub last_received: i64,
}

/// Which message of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Its number; numbers grow in the order of sends.
    pub number: u64,
    /// Its group, in FIFO queues.
    pub group: Option<String>,
}

/// The number without the mark of a delay: the order of sends.
pub fn age(number: u64) -> u64 {
    number & !DELAYED
}

/// The message, if it is there.
pub fn body(tx: &ReadTx<'_>, id: u64, at: &At) -> Result<Option<Body>, Fault> {
    match &at.group {
        Some(group) => tx.get(&LINES, &(id, group.as_str(), at.number)),
        None => tx.get(&MESSAGES, &(id, at.number)),
    }
}

/// Whether the message is there.
pub fn exists(tx: &ReadTx<'_>, id: u64, at: &At) -> Result<bool, Fault> {
    match &at.group {
        Some(group) => tx.contains(&LINES, &(id, group.as_str(), at.number)),
        None => tx.contains(&MESSAGES, &(id, at.number)),
    }
}

/// Counts messages that came in, the last of which has that number.
pub fn came(tx: &mut WriteTx<'_>, id: u64, messages: u64, last: u64) -> Result<(), Fault> {
    let tally = tx.get(&TALLIES, &id)?.unwrap_or_default();
    let last = tally.last.max(age(last));
    tx.put(&TALLIES, &id, &Tally { messages: tally.messages + messages, last })
}

/// Counts messages that are gone.
pub fn went(tx: &mut WriteTx<'_>, id: u64, messages: u64) -> Result<(), Fault> {
    if messages == 0 {
        return Ok(());
    }
    let tally = tx.get(&TALLIES, &id)?.unwrap_or_default();
    tx.put(&TALLIES, &id, &Tally { messages: tally.messages.saturating_sub(messages), ..tally })
}

/// Milliseconds since 1970, that many seconds later.
pub fn after(now: Timestamp, seconds: i64) -> i64 {
    now.as_millisecond() + seconds * 1000
}

impl From<MessageAttributeValue> for Attribute {
    fn from(value: MessageAttributeValue) -> Self {
        Self { data_type: value.data_type, text: value.string_value, bytes: value.binary_value }
    }
}

impl From<Attribute> for MessageAttributeValue {
    fn from(attribute: Attribute) -> Self {
        Self {
            data_type: attribute.data_type,
            string_value: attribute.text,
            binary_value: attribute.bytes,
            ..Self::default()
        }
    }
}
