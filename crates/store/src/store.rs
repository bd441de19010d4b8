//! The store: where it lives, and its transactions.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kernel::{Clock, Fault, Ids, Scope};
use tokio::sync::watch;

use crate::blobs::{self, Blobs, Folder};
use crate::core::Core;
use crate::engine::disk::DiskEngine;
use crate::engine::memory::MemoryEngine;
use crate::engine::{Engine, Snapshot};
use crate::outbox::Outbox;
use crate::settings::{Durability, OpenError, StoreSettings};
use crate::snapshot;
use crate::transaction::{ReadTx, WriteTx};

/// All rows, blobs and undelivered events of an emulator. Clones share them.
#[derive(Clone)]
pub struct Store {
    core: Arc<Core>,
    outbox: Arc<Outbox>,
}

/// The rows as they were at one commit. It keeps what was overwritten since: not for long.
#[derive(Clone)]
pub struct Frozen(Arc<dyn Snapshot>);

impl Frozen {
    /// Runs a closure over the state.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn read<T, E: From<Fault>>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        read(&ReadTx::new(&*self.0, scope))
    }
}

impl std::fmt::Debug for Frozen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Frozen")
    }
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
        let folder = Arc::new(Folder::open(settings.path.join("blobs"), strict).map_err(failed)?);
        let synced = folder.clone();
        engine.before_checkpoint(move || synced.sync());
        let broken = |fault: Fault| failed(std::io::Error::other(fault));
        blobs::recover(&folder, &*engine).map_err(broken)?;
        Ok(Self::over(engine, Blobs::disk(folder, ids), clock))
    }

    fn over(engine: Arc<dyn Engine>, blobs: Blobs, clock: Clock) -> Self {
        let core =
            Arc::new(Core { engine, blobs, emitted: watch::Sender::new(0), replaced: 0.into(), clock });
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

    /// The rows as they are now, to be read in several goes while others write on.
    pub fn frozen(&self) -> Frozen {
        Frozen(self.core.engine.snapshot())
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
        let engine = self.core.engine.clone();
        tokio::task::spawn_blocking(move || engine.clear()).await.map_err(Fault::internal)??;
        self.core.replaced.fetch_add(1, Ordering::AcqRel);
        self.core.emitted.send_modify(|count| *count += 1);
        self.core.blobs.clear().await
    }

    /// Writes everything as it is at one commit into `folder`, which must not hold a snapshot yet.
    ///
    /// # Errors
    /// When the disk fails, there is a snapshot already, or a blob was removed meanwhile.
    pub async fn snapshot_to(&self, folder: &Path) -> Result<(), Fault> {
        let (core, folder) = (self.core.clone(), folder.to_owned());
        let save = tokio::task::spawn_blocking(move || snapshot::save(&core, &folder));
        save.await.map_err(Fault::internal)?
    }

    /// Replaces everything with what [`snapshot_to`](Self::snapshot_to) wrote, from whatever engine.
    ///
    /// Others who write meanwhile may find their rows gone or among the snapshot's.
    ///
    /// # Errors
    /// When the snapshot is not whole, in which case nothing has changed; when the disk fails.
    pub async fn load_from(&self, folder: &Path) -> Result<(), Fault> {
        let from = folder.to_owned();
        let check = tokio::task::spawn_blocking(move || snapshot::check(&from));
        let records = check.await.map_err(Fault::internal)??;
        self.reset().await?;
        let (core, from) = (self.core.clone(), folder.to_owned());
        let load = tokio::task::spawn_blocking(move || snapshot::load(&core, &from, &records));
        load.await.map_err(Fault::internal)??;
        self.core.emitted.send_modify(|count| *count += 1);
        Ok(())
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
