//! Streams: what changed in tables, kept for a day.
//!
//! The changes of a table are numbered. A stream is the numbers from its beginning to its end, a shard a part of those.
//! One shard is open at a time and is closed after four hours, as DynamoDB closes those it does not split.

mod iterator;
mod operations;
mod problems;
mod record;
mod trim;

use api_dynamodb::{DynamodbError, StreamSpecification, StreamViewType};
use kernel::{Context, Fault, Ids, Scope, Service, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::{ReadTx, Store, Table as Rows, WriteTx};

use crate::key::KeySchema;
use crate::table::{TALLIES, Table, Tally};
use crate::{errors, names};

pub use record::{Record, record};

/// Streams by the table's name and their label.
pub static STREAMS: Rows<(String, String), Stream> = Rows::regional("dynamodb.streams");

/// A stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    /// The table's name.
    pub table: String,
    /// The table's number.
    pub number: u32,
    /// When it was made, as a part of its ARN.
    pub label: String,
    /// When it was made.
    pub created: Timestamp,
    /// What records show.
    pub view: StreamViewType,
    /// The table's key.
    pub key: KeySchema,
    /// Its shards, the oldest first.
    pub shards: Vec<Shard>,
    /// When it was switched off.
    pub ended: Option<Timestamp>,
}

/// A part of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Shard {
    /// Its id.
    pub id: String,
    /// The shard before it.
    pub parent: Option<String>,
    /// The number of its first change.
    pub first: u64,
    /// The number of its last change, once it is closed.
    pub last: Option<u64>,
    /// When it was opened.
    pub opened: Timestamp,
}

/// The service's state: the streams of DynamoDB's tables are among its rows.
struct Streams {
    store: Store,
}

/// The service that reads streams.
pub fn service(store: &Store) -> Service {
    let streams = Arc::new(Streams { store: store.clone() });
    operations::routes(Service::new(&api_dynamodbstreams::SERVICE).with(streams.clone()))
        .worker(streams)
        .build()
}

/// What a new stream is to show; nothing when none is wanted.
pub fn view(given: Option<&StreamSpecification>) -> Result<Option<StreamViewType>, DynamodbError> {
    match given {
        Some(given) if given.stream_enabled => match &given.stream_view_type {
            Some(view) => Ok(Some(view.clone())),
            None => {
                Err(errors::invalid("Stream StreamViewType is required when StreamEnabled is set to true"))
            }
        },
        Some(given) if given.stream_view_type.is_some() => Err(errors::invalid(
            "Table is being created with Stream disabled, UpdateViewType should not be specified",
        )),
        _ => Ok(None),
    }
}

/// Begins a stream of the table, whose row the caller writes.
pub fn begin(
    tx: &mut WriteTx<'_>,
    ids: &Ids,
    table: &mut Table,
    view: StreamViewType,
) -> Result<(), DynamodbError> {
    if table.stream.is_some() {
        return Err(errors::validation(format!(
            "Table already has an enabled stream: TableName: {}",
            table.name
        )));
    }
    let now = tx.now();
    let mut created = now;
    while tx.contains(&STREAMS, &(table.name.as_str(), label(created).as_str()))? {
        created += std::time::Duration::from_millis(1);
    }
    let label = label(created);
    let tally: Tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
    let stream = Stream {
        table: table.name.clone(),
        number: table.number,
        label: label.clone(),
        created,
        view: view.clone(),
        key: table.key.clone(),
        shards: vec![Shard::open(ids, now, None, tally.changes + 1)],
        ended: None,
    };
    tx.put(&STREAMS, &(table.name.as_str(), label.as_str()), &stream)?;
    table.stream = Some(view);
    table.stream_label = Some(label);
    Ok(())
}

/// Ends the table's stream, which can be read for another day.
pub fn end(tx: &mut WriteTx<'_>, table: &mut Table) -> Result<(), DynamodbError> {
    if table.stream.take().is_none() {
        return Err(errors::validation(format!("Table has no stream to disable: TableName: {}", table.name)));
    }
    let Some(label) = &table.stream_label else { return Ok(()) };
    let key = (table.name.as_str(), label.as_str());
    let Some(mut stream) = tx.get(&STREAMS, &key)? else { return Ok(()) };
    stream.close(tx)?;
    stream.ended = Some(tx.now());
    Ok(tx.put(&STREAMS, &key, &stream)?)
}

/// The ARN of a stream.
pub fn arn(scope: &Scope, table: &str, label: &str) -> String {
    format!("{}/stream/{label}", names::table_arn(scope, table))
}

fn label(created: Timestamp) -> String {
    created.strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string()
}

impl Stream {
    /// Closes the open shard at the table's last change, and tells its id and that change.
    fn close(&mut self, tx: &ReadTx<'_>) -> Result<Option<(String, u64)>, Fault> {
        let tally: Tally = tx.get(&TALLIES, &self.number)?.unwrap_or_default();
        let Some(shard) = self.shards.last_mut().filter(|shard| shard.last.is_none()) else {
            return Ok(None);
        };
        shard.last = Some(tally.changes);
        Ok(Some((shard.id.clone(), tally.changes)))
    }

    /// Closes the open shard and opens the one after it.
    fn roll(&mut self, tx: &ReadTx<'_>, cx: &Context) -> Result<(), Fault> {
        if let Some((parent, last)) = self.close(tx)? {
            self.shards.push(Shard::open(&cx.ids, cx.clock.now(), Some(parent), last + 1));
        }
        Ok(())
    }

    fn shard(&self, id: &str) -> Option<&Shard> {
        self.shards.iter().find(|shard| shard.id == id)
    }
}

impl Shard {
    fn open(ids: &Ids, now: Timestamp, parent: Option<String>, first: u64) -> Self {
        let id = format!("shardId-{:020}-{}", now.as_millisecond(), ids.hex(8));
        Self { id, parent, first, last: None, opened: now }
    }
}
