//! The store: where it lives, and its transactions.

use std::sync::Arc;

use kernel::{Clock, Fault, Ids, Scope};
use tokio::sync::watch;

use crate::blobs::{self, Blobs, Folder};
use crate::core::Core;
use crate::engine::Engine;
use crate::engine::disk::DiskEngine;
use crate::engine::memory::MemoryEngine;
use crate::outbox::Outbox;
use crate::settings::{Durability, OpenError, StoreSettings};
use crate::transaction::{ReadTx, WriteTx};

/// All rows, blobs and undelivered events of an emulator. Clones share them.
#[derive(Clone)]
pub struct Store {
    core: Arc<Core>,
    outbox: Arc<Outbox>,
}

impl Store {
    /// A store that lives as long as the process.
    pub fn memory(clock: Clock, ids: Ids) -> Self {
        Self::over(Arc::new(MemoryEngine::default()), Blobs::memory(ids), clock)
    }

    /// A store in a folder, which it makes, or opens after however the last process ended.
    ///
    /// # Errors
    /// When another process has the folder, a newer version wrote it, or it cannot be read.
    pub fn open(settings: &StoreSettings, clock: Clock, ids: Ids) -> Result<Self, OpenError> {
        let engine = Arc::new(DiskEngine::open(settings, ids.clone())?);
        let failed = |error| OpenError::Io { path: settings.path.clone(), error };
        let strict = settings.durability == Durability::Strict;
        let folder = Folder::open(settings.path.join("blobs"), strict).map_err(failed)?;
        let broken = |fault: Fault| failed(std::io::Error::other(fault));
        blobs::recover(&folder, &*engine).map_err(broken)?;
        Ok(Self::over(engine, Blobs::disk(folder, ids), clock))
    }

    fn over(engine: Arc<dyn Engine>, blobs: Blobs, clock: Clock) -> Self {
        let core = Arc::new(Core { engine, blobs, emitted: watch::Sender::new(0), clock });
        Self { outbox: Arc::new(Outbox::new(core.clone())), core }
    }

    /// Runs a closure over one consistent state. Never waits for writers.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn read<T, E: From<Fault>>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.core.read(scope, read)
    }

    /// Runs a closure and commits what it wrote, all or, when it fails, nothing.
    ///
    /// The closure sees its own writes and is serialisable; it may be run again, so it changes nothing but `tx`.
    /// The commit is durable on return, as far as [`Durability`](crate::Durability) promises.
    ///
    /// # Errors
    /// What the closure returns; a fault when the commit fails, such as on a full disk.
    pub async fn write<T: Send, E: From<Fault> + Send>(
        &self,
        scope: &Scope,
        write: impl FnMut(&mut WriteTx<'_>) -> Result<T, E> + Send,
    ) -> Result<T, E> {
        self.core.write(scope, write).await
    }

    /// Bodies too big for rows.
    pub fn blobs(&self) -> &Blobs {
        &self.core.blobs
    }

    /// Events that wait for delivery.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Removes everything: rows, blobs, events.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn reset(&self) -> Result<(), Fault> {
        self.core.engine.clear()?;
        self.core.blobs.clear().await
    }

    /// Makes everything durable before a graceful end; the store answers no writes afterwards.
    pub async fn close(&self) {
        let engine = self.core.engine.clone();
        let closing = tokio::task::spawn_blocking(move || engine.close());
        if let Err(error) = closing.await {
            tracing::error!(%error, "the store did not close well");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
