//! DynamoDB: tables with local and global secondary indexes, items, expressions, queries, scans and transactions.
//!
//! An item is one row; so is each entry of an index, written in the same transaction. Rows lie in the order of a hash
//! of their partition key, then of their sort key, so a query reads only its range and a scan's segments are ranges.

mod capacity;
mod codec;
mod conditional;
mod description;
mod dialect;
mod encryption;
mod errors;
mod expression;
mod index_changes;
mod item;
mod key;
mod legacy;
mod limits;
mod names;
mod number;
mod operations;
mod reading;
mod scalars;
mod schema;
mod table;
mod throughput;
mod transaction;
mod updating;
mod value;
mod writing;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct Dynamodb {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let dynamodb = Arc::new(Dynamodb { store: store.clone() });
    operations::routes(Service::new(&api_dynamodb::SERVICE).with(dynamodb))
        .dialect(dialect::DynamodbDialect)
        .build()
}
