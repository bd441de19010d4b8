//! Blobs that somebody reads one after the other: those dropped meanwhile stay until the last reader is done.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kernel::Fault;

use super::{BlobId, Blobs, missing};

/// Who reads what, and what goes.
#[derive(Default)]
pub(super) struct Holds(Mutex<State>);

#[derive(Default)]
struct State {
    /// Held blobs.
    held: HashMap<BlobId, Hold>,
    /// Blobs that are being removed: it is too late to hold them.
    going: HashSet<BlobId>,
    /// Blobs that went with their last reader, and whose marks are still there.
    gone: Vec<BlobId>,
}

#[derive(Default)]
struct Hold {
    readers: usize,
    is_dropped: bool,
}

/// Blobs that stay where they are as long as this lives, whatever commits decide.
pub struct Held {
    blobs: Blobs,
    ids: Vec<BlobId>,
}

impl Holds {
    /// Those of the dropped blobs that can be removed at once.
    pub fn begin(&self, dropped: Vec<BlobId>) -> Vec<BlobId> {
        let mut state = self.state();
        let State { held, going, .. } = &mut *state;
        let is_free = |id: &BlobId| match held.get_mut(id) {
            Some(hold) => {
                hold.is_dropped = true;
                false
            }
            None => true,
        };
        let free: Vec<_> = dropped.into_iter().filter(is_free).collect();
        going.extend(free.iter().cloned());
        free
    }

    /// The blobs were removed.
    pub fn end(&self, removed: &[BlobId]) {
        let mut state = self.state();
        for id in removed {
            state.going.remove(id);
        }
    }

    /// Blobs that went with their last reader since the last call.
    pub fn gone(&self) -> Vec<BlobId> {
        std::mem::take(&mut self.state().gone)
    }

    fn hold(&self, ids: &[BlobId]) -> Result<(), Fault> {
        let mut state = self.state();
        if let Some(id) = ids.iter().find(|id| state.going.contains(*id)) {
            return Err(missing(id));
        }
        ids.iter().for_each(|id| state.held.entry(id.clone()).or_default().readers += 1);
        Ok(())
    }

    /// Lets go, and tells which blobs nobody wants any more.
    fn release(&self, ids: &[BlobId]) -> Vec<BlobId> {
        let mut state = self.state();
        let mut unwanted = Vec::new();
        for id in ids {
            let Some(hold) = state.held.get_mut(id) else { continue };
            hold.readers -= 1;
            if hold.readers > 0 {
                continue;
            }
            if hold.is_dropped {
                unwanted.push(id.clone());
            }
            state.held.remove(id);
        }
        state.going.extend(unwanted.iter().cloned());
        unwanted
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Blobs {
    /// Keeps blobs where they are until the answer is dropped, for who reads them one after the other.
    ///
    /// # Errors
    /// When one of them is being removed. Blobs that are gone already are found so when they are read.
    pub fn hold(&self, ids: Vec<BlobId>) -> Result<Held, Fault> {
        self.holds.hold(&ids)?;
        Ok(Held { blobs: self.clone(), ids })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let unwanted = self.blobs.holds.release(&self.ids);
        if unwanted.is_empty() {
            return;
        }
        let blobs = self.blobs.clone();
        let remove = move || {
            // What cannot be removed keeps its mark, and goes when the store is next opened.
            let removed = blobs.remove_now(&unwanted);
            blobs.holds.end(&unwanted);
            if removed.is_ok() {
                blobs.holds.state().gone.extend(unwanted);
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({} blobs)", self.ids.len())
    }
}
