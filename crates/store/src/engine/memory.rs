//! The engine without a disk: one persistent map, replaced by each commit.

use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use imbl::OrdSet;
use kernel::Fault;

use super::{Attempt, Cursor, Engine, Entry, Record, Snapshot, Span, Wait};

/// Keeps rows as long as the process lives.
#[derive(Default)]
pub(crate) struct MemoryEngine {
    current: ArcSwap<Rows>,
    /// Writers take turns, which is what makes commits serialisable.
    writing: Mutex<()>,
}

/// One state of the map. Clones share all but what is changed afterwards.
#[derive(Clone, Default)]
struct Rows(OrdSet<Record>);

impl Engine for MemoryEngine {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        self.current.load_full()
    }

    fn commit(&self, attempt: Attempt<'_>) -> Result<Wait, Fault> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current.load_full();
        if let Some(records) = attempt(before.clone()) {
            let mut rows = Rows::clone(&before);
            records.into_iter().for_each(|record| rows.apply(record));
            self.current.store(Arc::new(rows));
        }
        Ok(None)
    }

    fn clear(&self) -> Result<(), Fault> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.store(Arc::default());
        Ok(())
    }
}

impl Rows {
    fn apply(&mut self, record: Record) {
        if record.value().is_some() {
            self.0.insert(record);
        } else {
            self.0.remove(record.key());
        }
    }
}

impl Snapshot for Rows {
    fn get(&self, key: &[u8]) -> Result<Option<Entry<'_>>, Fault> {
        Ok(self.0.get(key).map(Entry::Record))
    }

    fn range(&self, span: Span<'_>) -> Result<Cursor<'_>, Fault> {
        Ok(Box::new(self.0.range::<_, [u8]>(span).map(|record| Ok(Entry::Record(record)))))
    }
}

impl RangeBounds<[u8]> for Span<'_> {
    fn start_bound(&self) -> std::ops::Bound<&[u8]> {
        self.start
    }

    fn end_bound(&self) -> std::ops::Bound<&[u8]> {
        self.end
    }
}
