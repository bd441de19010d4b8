//! Records: how a change is kept and shown.

use api_dynamodb::{AttributeValue, StreamViewType};
use api_dynamodbstreams as api;
use kernel::{Fault, Map, Scope, Timestamp};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use store::{Table as Rows, WriteTx};

use crate::change::{Cause, Change};
use crate::item::{Attributes, Item};
use crate::table::Table;

/// Changes by the table's number and their own.
pub static RECORDS: Rows<(u32, u64), Record> = Rows::regional("dynamodb.stream_records");

/// A change as streams show it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// When it happened.
    pub time: Timestamp,
    /// Whether there was an item before, and whether there is one after.
    pub was_and_is: (bool, bool),
    /// The item's key.
    pub keys: Item,
    /// The item before, if the stream shows it.
    pub old: Option<Item>,
    /// The item after, if the stream shows it.
    pub new: Option<Item>,
    /// Whether the item's time had come.
    pub is_expiry: bool,
}

/// Keeps a change for those who read the table's stream.
pub fn record(
    tx: &mut WriteTx<'_>,
    table: &Table,
    view: &StreamViewType,
    change: &Change<'_>,
    number: u64,
) -> Result<(), Fault> {
    let Some(record) = Record::of(tx.now(), table, view, change) else { return Ok(()) };
    tx.put(&RECORDS, &(table.number, number), &record)
}

/// The number of a change as AWS writes it: at least 21 digits.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html>
pub fn sequence_number(number: u64) -> String {
    format!("1{number:020}")
}

/// The number that a sequence number stands for.
pub fn parse_sequence_number(text: &str) -> Option<u64> {
    text.strip_prefix('1').filter(|digits| digits.len() == 20)?.parse().ok()
}

impl Record {
    /// What a view shows of a change.
    pub fn of(time: Timestamp, table: &Table, view: &StreamViewType, change: &Change<'_>) -> Option<Self> {
        let item = change.after.or(change.before)?;
        let shows_old = matches!(view, StreamViewType::OldImage | StreamViewType::NewAndOldImages);
        let shows_new = matches!(view, StreamViewType::NewImage | StreamViewType::NewAndOldImages);
        Some(Self {
            time,
            was_and_is: (change.before.is_some(), change.after.is_some()),
            keys: Item(table.key.of(&item.0)),
            old: change.before.filter(|_| shows_old).cloned(),
            new: change.after.filter(|_| shows_new).cloned(),
            is_expiry: change.cause == Cause::Expiry,
        })
    }

    /// The bytes that AWS counts.
    pub fn size(&self) -> usize {
        self.keys.size() + self.old.as_ref().map_or(0, Item::size) + self.new.as_ref().map_or(0, Item::size)
    }

    /// The record as readers get it; `source` is the ARN of what they read.
    pub fn show(self, scope: &Scope, source: &str, view: &StreamViewType, number: u64) -> api::Record {
        let size = i64::try_from(self.size()).unwrap_or(i64::MAX);
        let digest = Md5::new().chain_update(source).chain_update(number.to_be_bytes()).finalize();
        let event_name = match self.was_and_is {
            (false, _) => api::OperationType::Insert,
            (true, true) => api::OperationType::Modify,
            (true, false) => api::OperationType::Remove,
        };
        api::Record {
            event_id: Some(base16ct::lower::encode_string(&digest)),
            event_name: Some(event_name),
            event_version: Some("1.1".to_owned()),
            event_source: Some("aws:dynamodb".to_owned()),
            aws_region: Some(scope.region.to_string()),
            dynamodb: Some(api::StreamRecord {
                // Streams tell the second.
                approximate_creation_date_time: Timestamp::from_second(self.time.as_second()).ok(),
                keys: Some(attributes(self.keys.0)),
                new_image: self.new.map(|item| attributes(item.0)),
                old_image: self.old.map(|item| attributes(item.0)),
                sequence_number: Some(sequence_number(number)),
                size_bytes: Some(size),
                stream_view_type: Some(api::StreamViewType::from(view.as_str())),
            }),
            user_identity: self.is_expiry.then(|| api::Identity {
                principal_id: Some("dynamodb.amazonaws.com".to_owned()),
                r#type: Some("Service".to_owned()),
            }),
        }
    }
}

/// The attributes as the types of DynamoDB Streams, which AWS models apart.
fn attributes(attributes: Attributes) -> Map<String, api::AttributeValue> {
    attributes.into_iter().map(|(name, value)| (name, shown(value))).collect()
}

fn shown(value: AttributeValue) -> api::AttributeValue {
    match value {
        AttributeValue::S(text) => api::AttributeValue::S(text),
        AttributeValue::N(number) => api::AttributeValue::N(number),
        AttributeValue::B(bytes) => api::AttributeValue::B(bytes),
        AttributeValue::Ss(set) => api::AttributeValue::Ss(set),
        AttributeValue::Ns(set) => api::AttributeValue::Ns(set),
        AttributeValue::Bs(set) => api::AttributeValue::Bs(set),
        AttributeValue::M(map) => api::AttributeValue::M(attributes(map)),
        AttributeValue::L(list) => api::AttributeValue::L(list.into_iter().map(shown).collect()),
        AttributeValue::Null(is_null) => api::AttributeValue::Null(is_null),
        AttributeValue::Bool(truth) => api::AttributeValue::Bool(truth),
        AttributeValue::Unknown => api::AttributeValue::Unknown,
    }
}
