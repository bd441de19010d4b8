//! What is known of queues beside their rows: which messages are hidden and until when, whose turn it is.
//!
//! All of it follows from the rows and is read from them when a queue is first used, so a crash loses nothing; what is
//! read then are the messages under way and the names of groups, never the backlog. It changes inside the transactions
//! that change the rows, which take turns, so it always shows the rows as the running transaction sees them; where a
//! transaction fails after all, what it touched is forgotten and read again.

mod groups;
mod hidden;
mod index;
pub mod recent;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::{Fault, Scope};
use store::{ReadTx, Store, WriteTx};

use crate::message::TALLIES;
use crate::queue::Queue;

pub use index::{Counts, Index};

/// The shelf, for whoever's turn it is.
#[derive(Default)]
pub struct Memory(Mutex<Shelf>);

/// The indexes of queues in use, and the last number given out.
#[derive(Default)]
pub struct Shelf {
    last: u64,
    indexes: HashMap<u64, Index>,
    touched: Vec<u64>,
}

impl Memory {
    /// Runs a transaction that may use and change the shelf.
    pub async fn write<T: Send, E: From<Fault> + Send>(
        &self,
        store: &Store,
        scope: &Scope,
        mut write: impl FnMut(&mut WriteTx<'_>, &mut Shelf) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        let mut touched = Vec::new();
        let written = store
            .write(scope, |tx| {
                let mut shelf = self.lock();
                let result = write(tx, &mut shelf);
                touched = std::mem::take(&mut shelf.touched);
                if result.is_err() {
                    shelf.forget(&touched);
                }
                result
            })
            .await;
        if written.is_err() {
            self.lock().forget(&touched);
        }
        written
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *self.lock() = Shelf::default();
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// A number that is greater than all before: the millisecond, then a count.
    pub fn number(&mut self, millis: i64) -> u64 {
        let least = u64::try_from(millis).unwrap_or_default() << 20;
        self.last = least.max(self.last + 1);
        self.last
    }

    /// The index of a queue.
    pub fn index(&mut self, tx: &ReadTx<'_>, queue: &Queue) -> Result<&mut Index, Fault> {
        if self.touched.last() != Some(&queue.id) {
            self.touched.push(queue.id);
        }
        if !self.indexes.contains_key(&queue.id) {
            let index = Index::load(tx, queue)?;
            // The clock may have been ahead when they were sent.
            let last = tx.get(&TALLIES, &queue.id)?.unwrap_or_default().last;
            self.last = self.last.max(last).max(queue.id);
            self.indexes.insert(queue.id, index);
        }
        Ok(self.indexes.entry(queue.id).or_default())
    }

    /// What was done so far holds even if the transaction writes nothing: its error tells of the rows as they are.
    pub fn keep(&mut self) {
        self.touched.clear();
    }

    /// Forgets queues, to read them again if they are still there.
    pub fn forget(&mut self, ids: &[u64]) {
        for id in ids {
            self.indexes.remove(id);
        }
    }
}
