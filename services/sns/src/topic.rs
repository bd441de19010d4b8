//! A topic, as it is stored.

use std::collections::BTreeMap;

use api_sns::SnsError;
use kernel::Fault;
use kernel::tags::Tags;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::errors;

/// The topics, by name.
pub static TOPICS: Table<String, Topic> = Table::regional("sns.topics");

/// A topic.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Topic {
    /// Whether it keeps the order of its messages.
    pub is_fifo: bool,
    /// What was set, by AWS's names.
    pub attributes: BTreeMap<String, String>,
    /// Its tags.
    pub tags: Tags,
    /// Its data protection policy.
    pub data_protection: Option<String>,
    /// Its subscriptions that were confirmed.
    pub confirmed: u64,
    /// Those that wait for it.
    pub pending: u64,
    /// Those that are gone.
    pub deleted: u64,
    /// Grows with every change of the topic and its subscriptions.
    pub revision: u64,
    /// Milliseconds since 1970 at which its archive begins, if it has one.
    pub archive_begins: Option<i64>,
}

impl Topic {
    /// The topic of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Self, SnsError> {
        tx.get(&TOPICS, name)?.ok_or_else(errors::no_topic)
    }

    /// Writes the topic as changed.
    pub fn put(mut self, tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
        self.revision += 1;
        tx.put(&TOPICS, name, &self)
    }

    /// An attribute that is `true` or `false`.
    pub fn is(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// How messages are signed: `1` with SHA-1, `2` with SHA-256.
    pub fn signature_version(&self) -> &str {
        self.attributes.get("SignatureVersion").map_or("1", String::as_str)
    }
}
