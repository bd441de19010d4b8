//! Simple Queue Service: standard and FIFO queues, dead-letter queues, move tasks.
//!
//! A message is one row, and a second one while it is hidden. What else a receive needs to know follows from these rows
//! and is kept in memory (`shelf`), so a receive costs the same with ten messages as with a million, and counts are
//! known without counting.

mod arrival;
mod attempts;
mod attributes;
mod batch;
mod content;
mod deduplication;
mod dialect;
mod digest;
mod errors;
mod limits;
mod listing;
mod message;
mod mover;
mod names;
mod operations;
mod options;
mod permissions;
mod queue;
mod receipt;
mod receive;
mod redrive;
mod sending;
mod shelf;
mod shown;
mod sweeper;
mod tasks;
mod waiting;

use std::sync::Arc;

use api_sqs::SqsError;
use kernel::{Scope, Service};
use store::{Store, WriteTx};
use tokio::sync::Notify;

pub use options::{Options, Urls};
use shelf::{Memory, Shelf};
use waiting::Waiting;

/// The service's state.
pub struct Sqs {
    store: Store,
    options: Options,
    memory: Memory,
    waiting: Waiting,
    /// Told when messages were left to the sweeper.
    discarded: Notify,
    /// Told when there is a move task.
    tasks_changed: Notify,
}

impl Sqs {
    /// Runs a transaction over rows and shelf.
    async fn write<T: Send>(
        &self,
        scope: &Scope,
        write: impl FnMut(&mut WriteTx<'_>, &mut Shelf) -> Result<T, SqsError> + Send,
    ) -> Result<T, SqsError> {
        self.memory.write(&self.store, scope, write).await
    }
}

/// The service, with all its routes.
pub fn service(store: &Store, options: Options) -> Service {
    let sqs = Arc::new(Sqs {
        store: store.clone(),
        options,
        memory: Memory::default(),
        waiting: Waiting::default(),
        discarded: Notify::new(),
        tasks_changed: Notify::new(),
    });
    let forgetful = sqs.clone();
    operations::routes(Service::new(&api_sqs::SERVICE).with(sqs.clone()))
        .dialect(dialect::SqsDialect)
        .edge(Arc::new(listing::Listing(sqs.clone())))
        .worker(Arc::new(mover::Mover(sqs.clone())))
        .worker(Arc::new(sweeper::Sweeper(sqs)))
        .forget(move || forgetful.memory.clear())
        .build()
}
