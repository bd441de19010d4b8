//! Durable functions: executions that go on where they were after every wait, failure and restart.
//!
//! An execution is a row with its operations and the events of its history. A function is invoked with what is known of
//! them, tells what it does by checkpoints, and ends when it can only wait. What it waits for comes from the outbox, so it
//! comes after a restart too: timers are events that return until their moment has come, an invocation is an event that is
//! done when the function has ended.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html>, and for the protocol between function
//! and service AWS's SDKs for durable executions, which are the only ones to speak it.

mod answer;
pub mod apply;
pub mod callback;
mod chain;
mod close;
pub mod envelope;
pub mod event;
pub mod execution;
mod invocation;
mod letter;
pub mod operation;
pub mod outcome;
pub mod pause;
pub mod start;
mod timer;
pub mod token;
pub mod update;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::service::ServiceBuilder;
use serde::{Deserialize, Serialize};
use store::Table;
use tokio::sync::Notify;

use crate::Lambda;

/// Executions by function and id. Ids are in the order of starts.
pub static EXECUTIONS: Table<(String, String), execution::Execution> =
    Table::regional("lambda.durable.executions");
/// The ids of executions by function and name.
pub static NAMES: Table<(String, String), String> = Table::regional("lambda.durable.names");
/// How executions have ended, by id: results may be long, and lists do not show them.
pub static OUTCOMES: Table<String, outcome::Outcome> = Table::regional("lambda.durable.outcomes");
/// Operations by execution, in the order in which they were started.
pub static OPERATIONS: Table<(String, u64), operation::Operation> =
    Table::regional("lambda.durable.operations");
/// The places of operations by execution and id.
pub static PLACES: Table<(String, String), u64> = Table::regional("lambda.durable.places");
/// Waits and retries that are to end, by execution and moment.
pub static DUE: Table<(String, kernel::Timestamp, String), bool> = Table::regional("lambda.durable.due");
/// Histories.
pub static EVENTS: Table<(String, u64), event::Event> = Table::regional("lambda.durable.events");

/// What an event of the outbox is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reference {
    /// The function.
    pub function: String,
    /// The execution.
    pub id: String,
    /// The operation, if it is about one.
    #[serde(default)]
    pub operation: Option<String>,
}

impl Reference {
    /// The key of the execution.
    pub fn key(&self) -> (&str, &str) {
        (&self.function, &self.id)
    }
}

/// What is known of executions while the process lives.
#[derive(Default)]
pub struct Durable {
    /// The invocations that run. One that is not here although its execution has it ended with the process.
    running: Mutex<HashSet<String>>,
    /// Who waits for the end of which execution.
    waiting: Mutex<HashMap<String, Arc<Notify>>>,
}

impl Durable {
    fn running(&self) -> MutexGuard<'_, HashSet<String>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is notified when something may have ended an execution.
    fn watch(&self, id: &str) -> Arc<Notify> {
        self.waiting().entry(id.to_owned()).or_default().clone()
    }

    /// An execution has been changed in a way that may have ended it.
    pub fn tell(&self, id: &str) {
        let mut waiting = self.waiting();
        // Who waits looks at the row before each wait, and is there before the row is read.
        if let Some(notify) = waiting.get(id) {
            notify.notify_waiters();
            if Arc::strong_count(notify) == 1 {
                waiting.remove(id);
            }
        }
    }
}

/// Adds who takes durable functions' events from the outbox.
pub fn consumers(builder: ServiceBuilder<Lambda>, lambda: &Arc<Lambda>) -> ServiceBuilder<Lambda> {
    builder
        .consumer(Arc::new(invocation::Invocations(lambda.clone())))
        .consumer(Arc::new(timer::Timers(lambda.clone())))
        .consumer(Arc::new(chain::Chains(lambda.clone())))
        .consumer(Arc::new(letter::Letters(lambda.clone())))
}
