//! Simple Queue Service: standard queues with delays, visibility timeouts, long polls and dead-letter queues.
//!
//! A message is three rows: its body, its state, and its place in the order of visibility. A receive looks only at
//! the front of that order, so it costs the same with ten messages as with a million.

mod attributes;
mod dialect;
mod digest;
mod errors;
mod limits;
mod message;
mod names;
mod operations;
mod queue;
mod receive;
mod waiting;

use std::sync::Arc;

use kernel::Service;
use store::Store;

use waiting::Waiting;

/// The service's state.
pub struct Sqs {
    store: Store,
    waiting: Waiting,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let sqs = Arc::new(Sqs { store: store.clone(), waiting: Waiting::default() });
    operations::routes(Service::new(&api_sqs::SERVICE).with(sqs)).dialect(dialect::SqsDialect).build()
}
