//! A table: its keys, indexes and settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use api_dynamodb::{
    BillingMode, DynamodbError, OnDemandThroughput, ProjectionType, ProvisionedThroughput, SSEType,
    StreamViewType, TableClass, WarmThroughput,
};
use kernel::{Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Decoded, ReadTx, Table as Rows, WriteTx};

use crate::errors;
use crate::insights::Insights;
use crate::item::Attributes;
use crate::key::{Address, KeyAttribute, KeySchema};
use crate::kinesis::Destination;
use crate::recovery::Recovery;
use crate::replicas::Replica;
use crate::spool::Loading;

/// Tables by name.
pub static TABLES: Rows<String, Table> = Rows::regional("dynamodb.tables");

/// Tables as requests for items see them.
static DECODED: Decoded<Table> = Decoded::new();

/// How much each table holds and how often it changed, by its number.
pub static TALLIES: Rows<u32, Tally> = Rows::regional("dynamodb.tallies");

/// The number that the next table of a region gets, under the one key there is.
static NUMBERS: Rows<u8, u32> = Rows::regional("dynamodb.numbers");

/// The tags of tables, by the table's name.
pub static TAGS: Rows<String, Map<String, String>> = Rows::regional("dynamodb.tags");

/// Items and bytes by the number of the index; 0 is the table itself.
pub type Counts = BTreeMap<u16, (i64, i64)>;

/// What is counted of a table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Items and bytes.
    pub counts: Counts,
    /// The number of the last change that somebody follows.
    pub changes: u64,
}

/// A table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// AWS's id of it.
    pub id: String,
    /// Its number in addresses, never used again.
    pub number: u32,
    /// When it was made.
    pub created: Timestamp,
    /// What is happening to it.
    pub status: Status,
    /// The attributes of all keys, as they were defined.
    pub definitions: Vec<KeyAttribute>,
    /// Its key.
    pub key: KeySchema,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// The number that the next index gets.
    pub next_index: u16,
    /// How it is paid for.
    pub billing: Billing,
    /// Whether it cannot be deleted.
    pub deletion_protection: bool,
    /// Its class and when that was last changed, if ever it was set.
    pub class: Option<(TableClass, Option<Timestamp>)>,
    /// The key that encrypts it, if it is one that the account sees.
    pub encryption: Option<Encryption>,
    /// What its stream shows, while it has one.
    pub stream: Option<StreamViewType>,
    /// The label of its last stream.
    pub stream_label: Option<String>,
    /// By which attribute its items expire.
    pub expiry: Option<Expiry>,
    /// Its copies in other regions.
    pub replicas: Vec<Replica>,
    /// The data streams that get its changes.
    pub kinesis: Vec<Destination>,
    /// How far back it can be restored.
    pub recovery: Option<Recovery>,
    /// What it is still filled with.
    pub loading: Option<Loading>,
    /// What it was restored from.
    pub restored: Option<Restored>,
    /// Its contributor insights.
    #[serde(default)]
    pub insights: Vec<Insights>,
    /// Whether its replicas are of the first version of global tables.
    #[serde(default)]
    pub is_first_version: bool,
}

/// What a table was restored from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Restored {
    /// The backup's ARN.
    pub backup: Option<String>,
    /// The ARN of the table that was backed up.
    pub table: String,
    /// The instant whose items it has.
    pub at: Timestamp,
}

/// What is happening to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It is made; until that instant, or until whatever fills it is done.
    Creating(Option<Timestamp>),
    /// Nothing.
    Active,
    /// It is changed; until that instant, or until its new index is filled.
    Updating(Option<Timestamp>),
    /// It goes at that instant.
    Deleting(Timestamp),
}

/// What is happening to an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Filling {
    /// It has the items up to that address.
    UpTo(Option<Address>),
    /// It has every item.
    Done,
}

impl Filling {
    /// Whether the item at that address is in it already; else it gets there later, as it is then.
    pub fn covers(&self, address: &Address) -> bool {
        match self {
            Self::Done => true,
            Self::UpTo(last) => last.as_ref().is_some_and(|last| address <= last),
        }
    }
}

/// The attribute by which items expire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// Its name.
    pub attribute: String,
    /// Whether every item's time is known.
    pub filling: Filling,
}

/// How a table or index is paid for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Billing {
    /// Whether by request.
    pub on_demand: bool,
    /// When that was chosen.
    pub on_demand_since: Option<Timestamp>,
    /// Whether the mode was ever named, which `DescribeTable` shows.
    pub named: bool,
    /// The units of provisioned throughput.
    pub throughput: Throughput,
    /// The most units by request.
    pub most: Option<(Option<i64>, Option<i64>)>,
    /// The units a second that the table was warmed up for.
    pub warm: Option<(i64, i64)>,
}

/// Provisioned throughput and its changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Throughput {
    /// Units of reads.
    pub read: i64,
    /// Units of writes.
    pub write: i64,
    /// When one was last raised.
    pub increased: Option<Timestamp>,
    /// When one was last lowered.
    pub decreased: Option<Timestamp>,
}

/// Encryption with a key of KMS.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Encryption {
    /// Always KMS today.
    pub kind: SSEType,
    /// The key's ARN.
    pub key: String,
}

/// A secondary index.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Index {
    /// Its number in addresses, never used again.
    pub id: u16,
    /// Its name.
    pub name: String,
    /// Whether it has partitions of its own.
    pub is_global: bool,
    /// Its key.
    pub key: KeySchema,
    /// What it has of each item.
    pub projection: ProjectionType,
    /// The attributes it has besides keys.
    pub included: Vec<String>,
    /// The units of a global index.
    pub throughput: Throughput,
    /// The most units by request of a global index.
    pub most: Option<(Option<i64>, Option<i64>)>,
    /// The units a second that a global index was warmed up for.
    pub warm: Option<(i64, i64)>,
    /// Whether it has every item.
    pub filling: Filling,
}

impl Table {
    /// The table of that name, where items are read and written: not before it is made.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Arc<Self>, DynamodbError> {
        let table = tx.get_shared(&TABLES, &DECODED, name)?;
        let is_made = |table: &Arc<Self>| !matches!(table.status, Status::Creating(_));
        table.filter(is_made).ok_or_else(errors::no_such_resource)
    }

    /// The table of that name, where tables are managed.
    pub fn find(tx: &ReadTx<'_>, name: &str) -> Result<Self, DynamodbError> {
        tx.get(&TABLES, name)?.ok_or_else(|| errors::no_such_table(name))
    }

    /// The table of that name, where it is changed: only while nothing else happens to it.
    pub fn idle(tx: &ReadTx<'_>, name: &str) -> Result<Self, DynamodbError> {
        let table = Self::find(tx, name)?;
        let what = match table.status {
            Status::Active => return Ok(table),
            Status::Creating(_) => "created",
            Status::Updating(_) => "updated",
            Status::Deleting(_) => "deleted",
        };
        Err(DynamodbError::resource_in_use_exception(format!(
            "Attempt to change a resource which is still in use: Table is being {what}: {name}"
        )))
    }

    /// A number for a new table.
    pub fn next_number(tx: &mut WriteTx<'_>) -> Result<u32, Fault> {
        let number: u32 = tx.get(&NUMBERS, &0_u8)?.unwrap_or(1);
        tx.put(&NUMBERS, &0_u8, &(number + 1))?;
        Ok(number)
    }

    /// The address of an item with that key.
    pub fn address(&self, key: &Attributes) -> Result<Address, DynamodbError> {
        self.key.address(self.number, 0, key).ok_or_else(errors::key_mismatch)
    }

    /// Whether somebody follows its changes, so that they are numbered.
    pub fn is_followed(&self) -> bool {
        self.stream.is_some() || self.recovery.is_some() || !self.kinesis.is_empty()
    }

    /// The index of that name.
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// The global or the local indexes.
    pub fn indexes_of(&self, is_global: bool) -> impl Iterator<Item = &Index> {
        self.indexes.iter().filter(move |index| index.is_global == is_global)
    }
}

impl Index {
    /// Whether the index has that attribute of every item that has it.
    pub fn has(&self, table: &Table, name: &str) -> bool {
        self.projection == ProjectionType::All
            || table.key.has(name)
            || self.key.has(name)
            || self.included.iter().any(|included| included == name)
    }

    /// What the index has of an item.
    pub fn project(&self, table: &Table, item: &Attributes) -> Attributes {
        let attributes = item.iter().filter(|(name, _)| self.has(table, name));
        attributes.map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

impl Billing {
    /// The mode as AWS writes it.
    pub fn mode(&self) -> BillingMode {
        if self.on_demand { BillingMode::PayPerRequest } else { BillingMode::Provisioned }
    }
}

impl From<&ProvisionedThroughput> for Throughput {
    fn from(units: &ProvisionedThroughput) -> Self {
        let ProvisionedThroughput { read_capacity_units: read, write_capacity_units: write } = *units;
        Self { read, write, ..Self::default() }
    }
}

/// The most units by request, as they are kept.
pub fn most(units: Option<&OnDemandThroughput>) -> Option<(Option<i64>, Option<i64>)> {
    units.map(|units| (units.max_read_request_units, units.max_write_request_units))
}

/// The units of a warm-up, as they are kept.
pub fn warm(units: Option<&WarmThroughput>) -> Option<(i64, i64)> {
    let units = units?;
    units.read_units_per_second.zip(units.write_units_per_second)
}
