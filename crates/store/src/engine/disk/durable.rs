//! Strict durability: committers that wait at the same time share one sync.

use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::Fault;

/// Which commits are durable, counted across all log files.
#[derive(Default)]
pub(super) struct Durable {
    synced: AtomicU64,
    /// Files with commits that are perhaps not durable, and the last commit in them.
    unsynced: Mutex<Unsynced>,
    /// One committer at a time has the files synced; those who come meanwhile are served by the next.
    leader: tokio::sync::Mutex<()>,
    /// Held while files are synced, also when the leader has gone away meanwhile.
    syncing: Mutex<()>,
    /// A sync failed, after which nobody can say what is on disk.
    lost: AtomicBool,
}

#[derive(Default)]
struct Unsynced {
    files: Vec<Arc<File>>,
    last: u64,
}

impl Durable {
    /// Notes a commit to `file` and gives its place.
    pub fn committed(&self, file: &Arc<File>) -> u64 {
        let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
        if unsynced.files.last().is_none_or(|last| !Arc::ptr_eq(last, file)) {
            unsynced.files.push(file.clone());
        }
        unsynced.last += 1;
        unsynced.last
    }

    /// Returns once commit `place` is durable.
    pub async fn reached(self: Arc<Self>, place: u64) -> Result<(), Fault> {
        let _leading = self.leader.lock().await;
        if self.synced.load(Ordering::Acquire) >= place {
            return Ok(());
        }
        let durable = self.clone();
        tokio::task::spawn_blocking(move || durable.sync()).await.map_err(Fault::internal)?
    }

    fn sync(&self) -> Result<(), Fault> {
        let _syncing = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let unsynced = {
            let mut unsynced = self.unsynced.lock().unwrap_or_else(PoisonError::into_inner);
            Unsynced { files: std::mem::take(&mut unsynced.files), last: unsynced.last }
        };
        if self.lost.load(Ordering::Acquire) {
            return Err(Fault::internal("the log could not be made durable; the server has to be restarted"));
        }
        let synced = unsynced.files.iter().try_for_each(|file| file.sync_data());
        self.lost.store(synced.is_err(), Ordering::Release);
        synced.map_err(Fault::internal)?;
        self.synced.store(unsynced.last, Ordering::Release);
        Ok(())
    }
}
