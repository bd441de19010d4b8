//! A message: its body, its state, and its place in the order of visibility.

use std::sync::atomic::{AtomicU64, Ordering};

use api_sqs::{MessageAttributeValue, SqsError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Bytes, Context, Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::errors;

/// What was sent, by queue and number.
pub static BODIES: Table<(String, u64), Body> = Table::regional("sqs.bodies");
/// What became of it since; there is no row before the first receive.
pub static STATES: Table<(String, u64), State> = Table::regional("sqs.states");
/// The order of visibility: queue, the millisecond from which it can be received, number.
pub static ORDER: Table<(String, i64, u64), ()> = Table::regional("sqs.order");
/// What was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Body {
    /// The message's id.
    pub id: String,
    /// The text.
    pub text: String,
    /// When it was sent, in milliseconds since 1970.
    pub sent: i64,
    /// From when it could first be received, in milliseconds since 1970.
    pub visible_at: i64,
    /// Who sent it.
    pub sender: String,
    /// The attributes its sender gave it.
    pub attributes: Map<String, Attribute>,
    /// `AWSTraceHeader`, if it came with one.
    pub trace: Option<String>,
    /// The queue that gave it up, for messages in a dead-letter queue.
    #[serde(default)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    /// From when it can be received, in milliseconds since 1970.
    pub visible_at: i64,
    /// How often it was received.
    pub received: u32,
    /// When it was first received, in milliseconds since 1970.
    pub first_received: Option<i64>,
}

/// How many messages are in which state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Can be received.
    pub visible: u64,
    /// Were received and are hidden.
    pub in_flight: u64,
    /// Were never received and are hidden by a delay.
    pub delayed: u64,
}

impl State {
    /// The state of a message that nobody has received.
    pub fn fresh(visible_at: i64) -> Self {
        Self { visible_at, received: 0, first_received: None }
    }
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

/// Adds a message behind all others; one that moves from another queue brings its state along.
pub fn add(tx: &mut WriteTx<'_>, queue: &str, body: &Body, state: Option<State>) -> Result<(), Fault> {
    let mut number = next_number(body.sent);
    while tx.contains(&BODIES, &(queue, number))? {
        number = next_number(body.sent);
    }
    tx.put(&BODIES, &(queue, number), body)?;
    if let Some(state) = &state {
        tx.put(&STATES, &(queue, number), state)?;
    }
    tx.put(&ORDER, &(queue, body.visible_at, number), &())
}

/// A number that hardly any other message has: the millisecond, then a count that starts over every million messages.
/// It orders messages that become visible in the same millisecond.
fn next_number(sent: i64) -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed) & 0xF_FFFF;
    u64::try_from(sent).unwrap_or_default() << 20 | count
}

/// What became of a message since it was sent.
pub fn state(tx: &ReadTx<'_>, queue: &str, number: u64, body: &Body) -> Result<State, Fault> {
    Ok(tx.get(&STATES, &(queue, number))?.unwrap_or_else(|| State::fresh(body.visible_at)))
}

/// Removes a message, if it is there.
pub fn remove(tx: &mut WriteTx<'_>, queue: &str, number: u64) -> Result<(), Fault> {
    let Some(body) = tx.get(&BODIES, &(queue, number))? else { return Ok(()) };
    let state = state(tx, queue, number, &body)?;
    tx.delete(&ORDER, &(queue, state.visible_at, number))?;
    tx.delete(&STATES, &(queue, number))?;
    tx.delete(&BODIES, &(queue, number))?;
    Ok(())
}

/// Counts a queue's messages.
pub fn count(tx: &ReadTx<'_>, queue: &str, now: i64) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    for key in tx.prefix(&ORDER, &(queue,)).keys() {
        let (_, visible_at, number) = key?;
        if visible_at <= now {
            counts.visible += 1;
        } else if tx.contains(&STATES, &(queue, number))? {
            counts.in_flight += 1;
        } else {
            counts.delayed += 1;
        }
    }
    Ok(counts)
}

/// The handle of one receipt: which message, of which queue, received when. A later receipt replaces it.
pub fn handle(cx: &Context, arn: &str, number: u64, received: u32) -> String {
    STANDARD.encode(format!("{} {arn} {number} {received}", cx.ids.uuid()))
}

/// The message a handle is for.
pub fn number(handle: &str, arn: &str) -> Result<u64, SqsError> {
    let invalid = || errors::invalid_handle(handle);
    let text = String::from_utf8(STANDARD.decode(handle).map_err(|_| invalid())?).map_err(|_| invalid())?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, of, number, _] = parts.as_slice() else { return Err(invalid()) };
    if *of != arn {
        return Err(errors::foreign_handle(handle));
    }
    number.parse().map_err(|_| invalid())
}

/// Milliseconds since 1970, that many seconds later.
pub fn after(now: Timestamp, seconds: i64) -> i64 {
    now.as_millisecond() + seconds * 1000
}
