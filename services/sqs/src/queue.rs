//! A queue: its settings and when they were set.

use api_sqs::SqsError;
use kernel::{Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::errors;

/// Queues by name.
pub static QUEUES: Table<String, Queue> = Table::regional("sqs.queues");

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// When it was made.
    pub created: Timestamp,
    /// When its attributes were last set.
    pub modified: Timestamp,
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
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
    /// Attributes that only come back as they were set: policies and encryption.
    pub others: Map<String, String>,
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
    pub fn new(now: Timestamp) -> Self {
        Self {
            created: now,
            modified: now,
            delay: 0,
            maximum_message_size: crate::limits::MESSAGE,
            retention: 345_600,
            wait: 0,
            visibility: 30,
            redrive: None,
            others: Map::new(),
        }
    }

    /// The queue of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Self, SqsError> {
        tx.get(&QUEUES, name)?.ok_or_else(errors::no_such_queue)
    }
}
