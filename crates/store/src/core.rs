//! What a store is inside: an engine, its blobs, and the way a transaction runs.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use kernel::{Clock, Fault, Scope};
use tokio::sync::watch;

use crate::blobs::Blobs;
use crate::engine::{Engine, Snapshot};
use crate::transaction::{Draft, ReadTx, WriteTx};

pub(crate) struct Core {
    pub engine: Arc<dyn Engine>,
    pub blobs: Blobs,
    pub emitted: watch::Sender<u64>,
    /// How often everything was replaced: numbers of events begin anew then.
    pub replaced: AtomicU64,
    pub clock: Clock,
}

impl Core {
    pub fn read<T, E: From<Fault>>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        read(&ReadTx::new(&*self.engine.snapshot(), scope))
    }

    pub async fn write<T: Send, E: From<Fault> + Send>(
        &self,
        scope: &Scope,
        mut write: impl FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        if let Some(room) = self.engine.room() {
            room.await?;
        }
        let mut draft = Draft::new(self.clock.now());
        let mut outcome = None;
        let durable = self.engine.commit(&mut |snapshot: Arc<dyn Snapshot>| {
            draft = Draft::new(draft.now);
            let result = write(&mut WriteTx::new(&*snapshot, scope, &mut draft));
            let commits = result.is_ok() && !draft.is_empty();
            outcome = Some(result);
            commits.then(|| draft.take_records())
        })?;
        if let Some(durable) = durable {
            durable.await?;
        }
        let value = outcome.unwrap_or_else(|| Err(Fault::internal("the transaction did not run").into()))?;
        self.conclude(draft).await?;
        Ok(value)
    }

    /// What follows a commit outside the tables.
    async fn conclude(&self, draft: Draft) -> Result<(), Fault> {
        if draft.emitted {
            self.emitted.send_modify(|count| *count += 1);
        }
        if draft.blobs.is_empty() {
            return Ok(());
        }
        self.blobs.settle(&*self.engine, draft.blobs).await
    }
}
