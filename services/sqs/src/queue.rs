//! A queue: its settings and when they were set.

use api_sqs::SqsError;
use kernel::{Fault, Map, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::errors;
use crate::message::{TALLIES, Tally};
use crate::shelf::Shelf;

/// Queues by name.
pub static QUEUES: Table<String, Queue> = Table::regional("sqs.queue");
/// When queues were deleted whose names may not be used again yet, in milliseconds since 1970.
pub static DELETED: Table<String, i64> = Table::regional("sqs.deleted");
/// The ids under which messages lie that nobody can reach any more.
pub static DISCARDED: Table<u64, ()> = Table::global("sqs.discarded");

/// Where a queue is: account, region and name.
pub type Place = (Scope, String);

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Under what its messages lie. A purge gives it another.
    pub id: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When its attributes were last set.
    pub modified: Timestamp,
    /// When it was last purged, in milliseconds since 1970.
    pub purged: Option<i64>,
    /// Seconds until a message can first be received.
    pub delay: i64,
    /// The largest message, in bytes.
    pub maximum_message_size: i64,
    /// Seconds a message is kept.
    pub retention: i64,
    /// Seconds a receive waits for messages.
    pub wait: i64,
    /// Seconds a received message stays hidden.
    pub visibility: i64,
    /// What makes it a FIFO queue.
    pub fifo: Option<Fifo>,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// Which queues may send their dead letters here.
    pub redrive_allow: Option<String>,
    /// Who may do what.
    pub policy: Option<String>,
    /// How messages are encrypted.
    pub encryption: Encryption,
    /// Its tags.
    pub tags: Map<String, String>,
}

/// What only FIFO queues have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fifo {
    /// Whether messages without a deduplication id are recognised by what they say.
    pub content_based: bool,
    /// `DeduplicationScope`, as last set.
    pub scope: Scoped,
    /// `FifoThroughputLimit`, as last set.
    pub throughput: Scoped,
    /// The scope in which duplicates are looked for: the one the queue was made with. On AWS a later change of the
    /// attribute showed no effect.
    pub deduplicates: Scoped,
}

/// What a setting of a FIFO queue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scoped {
    /// The whole queue.
    Queue,
    /// Each message group.
    Group,
}

/// How messages are encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// Not at all.
    Off,
    /// With keys of SQS's own.
    Managed,
    /// With a key of KMS, whose data keys are used for so many seconds.
    Kms {
        /// Its id, alias or ARN.
        key: String,
        /// The seconds.
        reuse: i64,
    },
}

/// A dead-letter queue and when messages go there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redrive {
    /// The dead-letter queue's ARN.
    #[serde(rename = "deadLetterTargetArn")]
    pub target: String,
    /// How often a message may be received.
    #[serde(rename = "maxReceiveCount")]
    pub max_receive_count: u32,
}

impl Queue {
    /// A queue with AWS's defaults.
    pub fn new(now: Timestamp, is_fifo: bool) -> Self {
        let fifo = Fifo {
            content_based: false,
            scope: Scoped::Queue,
            throughput: Scoped::Queue,
            deduplicates: Scoped::Queue,
        };
        Self {
            id: 0,
            created: now,
            modified: now,
            purged: None,
            delay: 0,
            maximum_message_size: crate::limits::MESSAGE,
            retention: 345_600,
            wait: 0,
            visibility: 30,
            fifo: is_fifo.then_some(fifo),
            redrive: None,
            redrive_allow: None,
            policy: None,
            encryption: Encryption::Managed,
            tags: Map::new(),
        }
    }

    /// The queue of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Self, SqsError> {
        tx.get(&QUEUES, name)?.ok_or_else(errors::no_such_queue)
    }

    /// Changes the queue of that name.
    pub fn change(
        tx: &mut WriteTx<'_>,
        name: &str,
        change: impl FnOnce(&mut Self) -> Result<(), SqsError>,
    ) -> Result<(), SqsError> {
        let mut queue = Self::get(tx, name)?;
        change(&mut queue)?;
        Ok(tx.put(&QUEUES, name, &queue)?)
    }
}

/// An id under which nothing lies yet.
pub fn new_id(tx: &mut WriteTx<'_>, shelf: &mut Shelf, millis: i64) -> Result<u64, Fault> {
    let mut id = shelf.number(millis);
    while tx.contains(&TALLIES, &id)? {
        id = shelf.number(millis);
    }
    tx.put(&TALLIES, &id, &Tally { messages: 0, last: id })?;
    Ok(id)
}

/// Leaves the messages under an id to the sweeper.
pub fn discard(tx: &mut WriteTx<'_>, id: u64) -> Result<(), Fault> {
    tx.put(&DISCARDED, &id, &())
}
