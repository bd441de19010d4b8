//! What an engine is: an ordered map of bytes with snapshots and atomic commits.

pub(crate) mod disk;
pub(crate) mod memory;
pub(crate) mod merge;
pub(crate) mod record;

use std::ops::Bound;
use std::pin::Pin;
use std::sync::Arc;

use kernel::Fault;

pub(crate) use record::{Entry, Record};

/// Entries in key order, from either end; none is read before it is asked for.
pub(crate) type Cursor<'a> = Box<dyn DoubleEndedIterator<Item = Result<Entry<'a>, Fault>> + 'a>;

/// What must still happen before the caller may go on; `None` where there is nothing to wait for.
pub(crate) type Wait = Option<Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>>;

/// Both ends of a range of keys.
#[derive(Clone, Copy)]
pub(crate) struct Span<'a> {
    pub start: Bound<&'a [u8]>,
    pub end: Bound<&'a [u8]>,
}

/// The rows as they were at one commit.
pub(crate) trait Snapshot: Send + Sync {
    /// The entry of that key; it may be one that says the key is gone.
    fn get(&self, key: &[u8]) -> Result<Option<Entry<'_>>, Fault>;

    /// The entries of a range, without those that are gone.
    fn range(&self, span: Span<'_>) -> Result<Cursor<'_>, Fault>;
}

/// Decides, from a snapshot that nobody else can change meanwhile, what to write; `None` for nothing.
pub(crate) type Attempt<'a> = &'a mut dyn FnMut(Arc<dyn Snapshot>) -> Option<Vec<Record>>;

/// An ordered key-value store.
///
/// Commits are atomic and serialisable. An engine may run an attempt again when it lost a race.
pub(crate) trait Engine: Send + Sync {
    /// The rows as of the last commit. Never waits for writers.
    fn snapshot(&self) -> Arc<dyn Snapshot>;

    /// What a writer waits for before it starts: room, when writers are faster than the disk.
    fn room(&self) -> Wait {
        None
    }

    /// Runs an attempt and commits what it decided; what is returned tells when that is durable.
    fn commit(&self, attempt: Attempt<'_>) -> Result<Wait, Fault>;

    /// Forgets every row.
    fn clear(&self) -> Result<(), Fault>;

    /// Makes everything durable, for a graceful end.
    fn close(&self) {}
}
