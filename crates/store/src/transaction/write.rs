//! Writing: changes are drafted in memory and committed together when the closure has ended well.

use std::collections::BTreeSet;
use std::ops::Deref;

use kernel::{Fault, Scope, Timestamp};
use serde::Serialize;

use super::read::{Own, ReadTx};
use crate::blobs::{self, BlobId};
use crate::engine::{Cursor, Entry, Record, Snapshot, Span};
use crate::key::{Key, KeyRef};
use crate::outbox;
use crate::row::{self, Row};
use crate::table::Table;

/// A transaction that may change the store. It reads as [`ReadTx`] does, and sees its own writes.
pub struct WriteTx<'a>(ReadTx<'a>);

/// What a transaction has written so far.
pub(crate) struct Draft {
    records: BTreeSet<Record>,
    /// What becomes of blobs after the commit.
    pub blobs: Vec<BlobChange>,
    /// Whether the outbox has something new after the commit.
    pub emitted: bool,
    /// When the transaction takes place.
    pub now: Timestamp,
}

/// What a commit decides about a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BlobChange {
    Keep(BlobId),
    Drop(BlobId),
}

impl<'a> WriteTx<'a> {
    pub(crate) fn new(snapshot: &'a dyn Snapshot, scope: &Scope, draft: &'a mut Draft) -> Self {
        Self(ReadTx { snapshot, own: Own::Written(draft), scope: scope.clone() })
    }

    /// The same transaction seen from another scope.
    pub fn in_scope(&mut self, scope: &Scope) -> WriteTx<'_> {
        let snapshot = self.0.snapshot;
        WriteTx(ReadTx { snapshot, scope: scope.clone(), own: Own::Written(self.draft()) })
    }

    /// Writes a row, in the place of one of the same key.
    ///
    /// # Errors
    /// When the row cannot be serialised.
    pub fn put<K: Key, R: Row>(
        &mut self,
        table: &Table<K, R>,
        key: &(impl KeyRef<Key = K> + ?Sized),
        row: &R,
    ) -> Result<(), Fault> {
        let address = table.address(&self.0.scope, key);
        let record = Record::put(&address, |out| row::encode(row, out))?;
        self.draft().records.replace(record);
        Ok(())
    }

    /// Removes a row and tells whether there was one.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn delete<K: Key, R>(
        &mut self,
        table: &Table<K, R>,
        key: &(impl KeyRef<Key = K> + ?Sized),
    ) -> Result<bool, Fault> {
        let address = table.address(&self.0.scope, key);
        let present = self.0.view().entry(&address)?.is_some_and(|entry: Entry<'_>| entry.value().is_some());
        if present {
            self.draft().records.replace(Record::gone(&address));
        }
        Ok(present)
    }

    /// When the transaction takes place.
    pub fn now(&self) -> Timestamp {
        match &self.0.own {
            Own::Written(draft) => draft.now,
            Own::Nothing | Own::Seen(_) => unreachable!("only `new` and `in_scope` make a WriteTx"),
        }
    }

    /// Puts an event of this scope into the outbox, in the same commit.
    ///
    /// # Errors
    /// When the event cannot be serialised.
    pub fn emit(&mut self, kind: &str, event: &(impl Serialize + ?Sized)) -> Result<(), Fault> {
        let now = self.now();
        outbox::emit(self, kind, event, now)?;
        self.draft().emitted = true;
        Ok(())
    }

    /// From this commit on the blob belongs to the data; until then it lives only as long as the process.
    ///
    /// # Errors
    /// None today.
    pub fn keep_blob(&mut self, id: &BlobId) -> Result<(), Fault> {
        self.put(&blobs::KEPT, id, &blobs::Kept {})?;
        self.delete(&blobs::DROPPED, id)?;
        self.draft().blobs.push(BlobChange::Keep(id.clone()));
        Ok(())
    }

    /// After this commit the blob is removed; who is reading it may read on.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn drop_blob(&mut self, id: &BlobId) -> Result<(), Fault> {
        self.delete(&blobs::KEPT, id)?;
        // The mark outlives a crash between the commit and the removal of the file.
        self.put(&blobs::DROPPED, id, &blobs::Kept {})?;
        self.draft().blobs.push(BlobChange::Drop(id.clone()));
        Ok(())
    }

    fn draft(&mut self) -> &mut Draft {
        match &mut self.0.own {
            Own::Written(draft) => draft,
            Own::Nothing | Own::Seen(_) => unreachable!("only `new` and `in_scope` make a WriteTx"),
        }
    }
}

impl<'a> Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.0
    }
}

impl Draft {
    pub fn new(now: Timestamp) -> Self {
        Self { records: BTreeSet::new(), blobs: Vec::new(), emitted: false, now }
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn get(&self, address: &[u8]) -> Option<&Record> {
        self.records.get(address)
    }

    pub fn range(&self, span: Span<'_>) -> Cursor<'_> {
        Box::new(self.records.range::<[u8], _>(span).map(|record| Ok(Entry::Record(record))))
    }

    /// The changes, in key order.
    pub fn take_records(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.records).into_iter().collect()
    }
}
