//! What a reader sees: recent commits, over those being checkpointed, over the base.

use std::sync::Arc;

use imbl::OrdSet;
use kernel::Fault;

use super::base::Table;
use crate::engine::merge::Merge;
use crate::engine::{Cursor, Entry, Record, Snapshot, Span};

/// The layers at one commit.
#[derive(Clone, Default)]
pub(super) struct State {
    /// What the current log file holds.
    pub active: OrdSet<Record>,
    /// What is on its way into the base.
    pub frozen: Option<OrdSet<Record>>,
    /// `None` before the first checkpoint.
    pub base: Option<Arc<Table>>,
}

impl Snapshot for State {
    fn get(&self, key: &[u8]) -> Result<Option<Entry<'_>>, Fault> {
        let recent = self.active.get(key).or_else(|| self.frozen.as_ref()?.get(key));
        if let Some(record) = recent {
            return Ok(Some(Entry::Record(record)));
        }
        let Some(base) = &self.base else { return Ok(None) };
        Ok(base.get(key).map_err(Fault::internal)?.map(Entry::Value))
    }

    fn range(&self, span: Span<'_>) -> Result<Cursor<'_>, Fault> {
        let recent = [Some(&self.active), self.frozen.as_ref()].into_iter().flatten();
        let mut layers: Vec<Cursor<'_>> = Vec::with_capacity(3);
        for set in recent.filter(|set| !set.is_empty()) {
            let records = set.range::<_, [u8]>(span);
            layers.push(Box::new(records.map(|record| Ok(Entry::Record(record)))));
        }
        if let Some(base) = &self.base {
            let range = base.range::<&[u8]>((span.start, span.end));
            let pairs = range.map_err(Fault::internal)?;
            let entry = |pair: Result<_, redb::StorageError>| pair.map(Entry::Pair).map_err(Fault::internal);
            layers.push(Box::new(pairs.map(entry)));
        }
        Ok(Box::new(Merge::new(layers)))
    }
}
