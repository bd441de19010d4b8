//! DynamoDB: tables with local and global secondary indexes, items, expressions, queries, scans, transactions, PartiQL.
//!
//! An item is one row; so is each entry of an index, written in the same transaction. Rows lie in the order of a hash
//! of their partition key, then of their sort key, so a query reads only its range and a scan's segments are ranges.

mod backup;
mod capacity;
mod change;
mod codec;
mod conditional;
mod description;
mod dialect;
mod encryption;
mod errors;
mod expired;
mod expiry;
mod expression;
pub mod fuzz;
mod global_table;
mod index_changes;
mod insights;
mod item;
mod key;
mod kinesis;
mod legacy;
mod limits;
mod meter;
mod names;
mod number;
mod operations;
mod partiql;
mod reading;
mod recovery;
mod replicas;
mod resource_policy;
mod scalars;
mod schema;
mod spool;
mod stream;
mod table;
mod throughput;
mod transaction;
mod transfer;
mod updating;
mod upkeep;
mod value;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use kernel::Service;
use store::Store;
use tokio::sync::Notify;

pub use stream::service as streams;

/// The service's state.
pub struct Dynamodb {
    store: Store,
    options: Options,
    meter: meter::Meter,
    /// Told when a table has something to wait for.
    tables_changed: Notify,
    /// Told when a table gets a time to live.
    expiry_set: Notify,
    /// Told when changes of a table are kept.
    recovery_set: Notify,
    /// Told when a table is to go to S3 or to come from there.
    transfers_asked: Notify,
}

/// What can be chosen of the service.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long tables and indexes are in passing states such as `CREATING`.
    pub states: Duration,
    /// Whether throughput runs out.
    pub throttles: bool,
}

/// The service, with all its routes.
pub fn service(store: &Store, options: Options) -> Service {
    let dynamodb = Arc::new(Dynamodb {
        store: store.clone(),
        meter: meter::Meter::new(options.throttles),
        options,
        tables_changed: Notify::new(),
        expiry_set: Notify::new(),
        recovery_set: Notify::new(),
        transfers_asked: Notify::new(),
    });
    operations::routes(Service::new(&api_dynamodb::SERVICE).with(dynamodb.clone()))
        .dialect(dialect::DynamodbDialect)
        .edge(Arc::new(expired::ExpiredItems(dynamodb.clone())))
        .consumer(Arc::new(kinesis::Sender))
        .worker(Arc::new(upkeep::Upkeep(dynamodb.clone())))
        .worker(Arc::new(expiry::Reaper(dynamodb.clone())))
        .worker(Arc::new(recovery::Forgetter(dynamodb.clone())))
        .worker(Arc::new(transfer::Carrier(dynamodb)))
        .build()
}
