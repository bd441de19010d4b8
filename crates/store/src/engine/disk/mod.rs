//! The engine on disk: recent commits in memory and in a log, older ones in a base that checkpoints write.

mod base;
mod checkpoint;
mod durable;
mod log;
mod open;
mod state;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use kernel::{Fault, Ids};
use tokio::sync::watch;

use super::{Attempt, Engine, Record, Snapshot, Wait};
use base::Base;
use checkpoint::Request;
use durable::Durable;
use log::Log;
use state::State;

/// What a record takes in memory beside its bytes; without it many tiny rows would outgrow the limit.
const RECORD_OVERHEAD: u64 = 120;

/// Keeps rows in a folder.
pub(crate) struct DiskEngine {
    shared: Arc<Shared>,
    requests: SyncSender<Request>,
    checkpointer: Option<JoinHandle<()>>,
}

/// What committers and the checkpointer share.
struct Shared {
    folder: PathBuf,
    ids: Ids,
    base: Base,
    current: ArcSwap<State>,
    /// Writers take turns, which is what makes commits serialisable.
    writer: Mutex<Writer>,
    /// Present when commits wait until they are durable.
    durable: Option<Arc<Durable>>,
    /// How much the active layer may hold before it is checkpointed.
    limit: u64,
    /// Whether writers have to wait for the checkpointer.
    crowded: AtomicBool,
    /// Whether the last checkpoint failed.
    failed: AtomicBool,
    /// How many checkpoints were begun.
    begun: AtomicU64,
    /// How many checkpoints have ended, well or not.
    ended: watch::Sender<u64>,
    /// What must be durable before rows that refer to it are.
    before_checkpoint: OnceLock<Box<dyn Fn() -> io::Result<()> + Send + Sync>>,
    /// Held for as long as the folder is ours.
    _lock: std::fs::File,
}

/// What only the writer whose turn it is may touch.
struct Writer {
    log: Log,
    /// Bytes in the active layer, overwritten ones included, since the log holds them too.
    weight: u64,
    /// The number of the last log file that the frozen layer holds, while there is one.
    frozen_through: u64,
    closed: bool,
}

impl Engine for DiskEngine {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        self.shared.current.load_full()
    }

    fn room(&self) -> Wait {
        if !self.shared.crowded.load(Ordering::Acquire) {
            return None;
        }
        // An attempt that is under way already may fail for a reason that is gone by now.
        let before = self.shared.begun.load(Ordering::Acquire);
        let mut ended = self.shared.ended.subscribe();
        // A full queue means that a checkpoint will be tried anyway.
        let _ = self.requests.try_send(Request::Checkpoint);
        let shared = self.shared.clone();
        Some(Box::pin(async move {
            while ended.changed().await.is_ok() && shared.crowded.load(Ordering::Acquire) {
                if shared.failed.load(Ordering::Acquire) && *ended.borrow() > before {
                    return Err(Fault::internal(
                        "the store cannot write its checkpoint; perhaps the disk is full",
                    ));
                }
            }
            Ok(())
        }))
    }

    fn commit(&self, attempt: Attempt<'_>) -> Result<Wait, Fault> {
        let mut writer = self.shared.turn();
        let before = self.shared.current.load_full();
        let Some(records) = attempt(before.clone()) else { return Ok(None) };
        if writer.closed {
            return Err(Fault::internal("the store is closed"));
        }
        writer.log.append(&records).map_err(Fault::internal)?;
        let wait = self.shared.durable.as_ref().map(|durable| {
            let place = durable.committed(&writer.log.file);
            Box::pin(durable.clone().reached(place)) as _
        });
        writer.weight += records.iter().map(weight).sum::<u64>();
        let mut after = State::clone(&before);
        for record in records {
            after.active.insert(record);
        }
        let waiting = after.frozen.is_some();
        self.shared.current.store(Arc::new(after));
        if writer.weight >= self.shared.limit {
            self.shared.crowded.store(waiting, Ordering::Release);
            if !waiting {
                let _ = self.requests.try_send(Request::Checkpoint);
            }
        }
        Ok(wait)
    }

    fn clear(&self) -> Result<(), Fault> {
        self.ask(Request::Clear)
    }

    fn close(&self) {
        self.shared.turn().closed = true;
        if let Err(fault) = self.ask(Request::CheckpointAll) {
            tracing::warn!(%fault, "the last checkpoint failed; the log keeps what it would have held");
        }
    }
}

impl DiskEngine {
    /// Has `sync` done before each checkpoint. The first call counts.
    pub fn before_checkpoint(&self, sync: impl Fn() -> io::Result<()> + Send + Sync + 'static) {
        let _ = self.shared.before_checkpoint.set(Box::new(sync));
    }

    /// Has the checkpointer do something and waits for it.
    fn ask(&self, request: impl FnOnce(SyncSender<Result<(), Fault>>) -> Request) -> Result<(), Fault> {
        let (answer, answered) = sync_channel(1);
        let gone = |_| Fault::internal("the store's checkpointer has ended");
        self.requests.send(request(answer)).map_err(|_| gone(()))?;
        answered.recv().map_err(|_| gone(()))?
    }
}

impl Shared {
    fn turn(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DiskEngine {
    fn drop(&mut self) {
        let _ = self.requests.send(Request::End);
        if let Some(checkpointer) = self.checkpointer.take() {
            // Afterwards the folder is free for another store, in this process too.
            let _ = checkpointer.join();
        }
    }
}

fn weight(record: &Record) -> u64 {
    record.bytes().len() as u64 + RECORD_OVERHEAD
}
