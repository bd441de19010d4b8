//! Blobs: bodies too big for rows, streamed in and out, never held whole on the disk engine.

mod folder;
mod held;
mod reading;
mod writing;

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kernel::{ByteStream, Fault, Ids, Scope};
use serde::{Deserialize, Serialize};

pub(crate) use folder::Folder;
pub use held::Held;
pub use writing::BlobWriter;

use crate::engine::{Engine, Record};
use crate::table::Table;
use crate::transaction::{BlobChange, ReadTx};

/// The blobs that belong to the data.
pub(crate) static KEPT: Table<BlobId, Kept> = Table::global("store.blobs");
/// The blobs whose removal is decided and perhaps not done.
pub(crate) static DROPPED: Table<BlobId, Kept> = Table::global("store.blobs.dropped");

/// That a blob is in a table says all there is to say.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {}

/// Which blob: 24 digits of chance, then the content's CRC-32 in 8, all hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlobId(Arc<str>);

/// A finished blob, as a row refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlobRef {
    /// Which blob.
    pub id: BlobId,
    /// Its length in bytes.
    pub length: u64,
    /// The CRC-32 (IEEE) of its content.
    pub checksum: u32,
}

/// Where blobs are made, read and removed. Clones share.
#[derive(Clone)]
pub struct Blobs {
    home: Home,
    ids: Ids,
    holds: Arc<held::Holds>,
}

#[derive(Clone)]
enum Home {
    Memory(Arc<Mutex<HashMap<BlobId, Bytes>>>),
    Disk(Arc<Folder>),
}

impl Blobs {
    pub(crate) fn memory(ids: Ids) -> Self {
        Self { home: Home::Memory(Arc::default()), ids, holds: Arc::default() }
    }

    pub(crate) fn disk(folder: Arc<Folder>, ids: Ids) -> Self {
        Self { home: Home::Disk(folder), ids, holds: Arc::default() }
    }

    /// Starts a blob. Dropped unfinished, it leaves nothing behind.
    ///
    /// # Errors
    /// None today; the disk is touched when the first bytes are due.
    pub async fn create(&self) -> Result<BlobWriter, Fault> {
        Ok(BlobWriter::new(self.home.clone(), self.ids.hex(24)))
    }

    /// The blob's content, or the given bytes of it, in chunks of 512 KiB.
    ///
    /// A whole read ends in a fault when the content does not have its checksum any more.
    ///
    /// # Errors
    /// When there is no such blob or the disk fails; ranges that end behind the blob are cut.
    pub async fn read(&self, id: &BlobId, range: Option<Range<u64>>) -> Result<ByteStream, Fault> {
        match &self.home {
            Home::Memory(blobs) => {
                let whole = locked(blobs).get(id).cloned().ok_or_else(|| missing(id))?;
                Ok(reading::from_memory(&whole, range))
            }
            Home::Disk(folder) => reading::from_disk(folder.clone(), id.clone(), range).await,
        }
    }

    /// The file with the blob's content, for programs that need a path; `None` in memory.
    pub fn path(&self, id: &BlobId) -> Option<PathBuf> {
        match &self.home {
            Home::Memory(_) => None,
            Home::Disk(folder) => Some(folder.find(id)),
        }
    }

    /// Removes a finished blob that no commit has kept, such as after the transaction failed.
    ///
    /// Without it such a blob goes when the store is next opened.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn discard(&self, id: &BlobId) -> Result<(), Fault> {
        self.remove(vec![id.clone()]).await
    }

    /// Does for blobs what a commit has decided.
    pub(crate) async fn settle(&self, engine: &dyn Engine, changes: Vec<BlobChange>) -> Result<(), Fault> {
        let mut dropped = Vec::new();
        for change in changes {
            match (change, &self.home) {
                (BlobChange::Keep(id), Home::Disk(folder)) => folder.settle(&id)?,
                (BlobChange::Keep(_), Home::Memory(_)) => {}
                (BlobChange::Drop(id), _) => dropped.push(id),
            }
        }
        if dropped.is_empty() {
            return Ok(());
        }
        let mut free = self.holds.begin(dropped);
        let removed = self.remove(free.clone()).await;
        self.holds.end(&free);
        removed?;
        free.extend(self.holds.gone());
        if free.is_empty() { Ok(()) } else { forget(engine, &free) }
    }

    pub(crate) async fn clear(&self) -> Result<(), Fault> {
        match &self.home {
            Home::Memory(blobs) => {
                locked(blobs).clear();
                Ok(())
            }
            Home::Disk(folder) => blocking(folder, Folder::clear).await,
        }
    }

    /// Copies a blob's content to a new file.
    #[allow(clippy::disallowed_methods, reason = "only store knows the disk")]
    pub(crate) fn export(&self, id: &BlobId, to: &Path) -> Result<(), Fault> {
        match &self.home {
            Home::Memory(blobs) => {
                let content = locked(blobs).get(id).cloned().ok_or_else(|| missing(id))?;
                std::fs::write(to, content).map_err(Fault::internal)
            }
            Home::Disk(folder) => std::fs::copy(folder.find(id), to).map(drop).map_err(Fault::internal),
        }
    }

    /// Takes in a file that [`export`](Self::export) wrote, under the id that is its name.
    #[allow(clippy::disallowed_methods, reason = "only store knows the disk")]
    pub(crate) fn import(&self, from: &Path) -> Result<(), Fault> {
        let id = BlobId(from.file_name().unwrap_or_default().to_string_lossy().into());
        match &self.home {
            Home::Memory(blobs) => {
                let content = std::fs::read(from).map_err(Fault::internal)?;
                locked(blobs).insert(id, content.into());
                Ok(())
            }
            Home::Disk(folder) => folder.import(from, &id),
        }
    }

    async fn remove(&self, ids: Vec<BlobId>) -> Result<(), Fault> {
        match &self.home {
            Home::Memory(_) => self.remove_now(&ids),
            Home::Disk(folder) => {
                blocking(folder, move |folder| ids.iter().try_for_each(|id| folder.remove(id))).await
            }
        }
    }

    fn remove_now(&self, ids: &[BlobId]) -> Result<(), Fault> {
        match &self.home {
            Home::Memory(blobs) => {
                let mut blobs = locked(blobs);
                ids.iter().for_each(|id| drop(blobs.remove(id)));
                Ok(())
            }
            Home::Disk(folder) => ids.iter().try_for_each(|id| folder.remove(id)),
        }
    }
}

/// Finishes what the last process left half done.
pub(crate) fn recover(folder: &Folder, engine: &dyn Engine) -> Result<(), Fault> {
    let snapshot = engine.snapshot();
    let tx = ReadTx::new(&*snapshot, &Scope::default());
    folder.recover(|id| tx.contains(&KEPT, id))?;
    let dropped: Vec<BlobId> = tx.keys(&DROPPED).collect::<Result<_, _>>()?;
    dropped.iter().try_for_each(|id| folder.remove(id))?;
    if dropped.is_empty() { Ok(()) } else { forget(engine, &dropped) }
}

/// Takes away the marks of blobs that are removed.
pub(crate) fn forget(engine: &dyn Engine, dropped: &[BlobId]) -> Result<(), Fault> {
    let marks = |id: &BlobId| Record::gone(&DROPPED.address(&Scope::default(), id));
    engine.commit(&mut |_| Some(dropped.iter().map(marks).collect())).map(drop)
}

/// Runs work on files where it may take its time.
async fn blocking<T: Send + 'static>(
    folder: &Arc<Folder>,
    work: impl FnOnce(&Folder) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let folder = folder.clone();
    tokio::task::spawn_blocking(move || work(&folder)).await.map_err(Fault::internal)?
}

fn locked(blobs: &Mutex<HashMap<BlobId, Bytes>>) -> MutexGuard<'_, HashMap<BlobId, Bytes>> {
    blobs.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing(id: &BlobId) -> Fault {
    Fault::internal(format_args!("there is no blob {id}"))
}

impl BlobId {
    fn new(chance: &str, checksum: u32) -> Self {
        Self(format!("{chance}{checksum:08x}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The checksum its content must have; `None` when the id is not one of ours.
    fn checksum(&self) -> Option<u32> {
        u32::from_str_radix(self.0.get(self.0.len().checked_sub(8)?..)?, 16).ok()
    }
}

impl crate::KeyRef for BlobId {
    type Key = Self;

    fn encode(&self, out: &mut Vec<u8>) {
        (*self.0).encode(out);
    }
}

impl crate::Key for BlobId {
    type Parts = (String,);

    fn decode(input: &mut &[u8]) -> Option<Self> {
        Some(Self(<String as crate::Key>::decode(input)?.into()))
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self.home, Home::Disk(_)) { "Blobs(disk)" } else { "Blobs(memory)" })
    }
}
