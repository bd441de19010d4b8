//! Reading: lookups and ranges of typed tables in one scope.

use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use kernel::{Fault, Scope};

use super::entries::Limits;
use super::rows::{Everywhere, Keys, Rows};
use super::write::Draft;
use crate::decoded::Decoded;
use crate::engine::merge::Merge;
use crate::engine::{Cursor, Entry, Snapshot, Span};
use crate::key::{Key, KeyPrefix, KeyRef, KeyStart};
use crate::row::{self, Row};
use crate::table::Table;

/// A transaction's view of the store: the state of one commit, below what the transaction itself has written.
///
/// [`WriteTx`](super::WriteTx) dereferences to it, so a function that only reads takes `&ReadTx<'_>` and serves both.
pub struct ReadTx<'a> {
    pub(super) snapshot: &'a dyn Snapshot,
    pub(super) own: Own<'a>,
    pub(super) scope: Scope,
}

/// What the transaction itself has written.
pub(super) enum Own<'a> {
    Nothing,
    Seen(&'a Draft),
    Written(&'a mut Draft),
}

impl Own<'_> {
    fn draft(&self) -> Option<&Draft> {
        match self {
            Own::Nothing => None,
            Own::Seen(draft) => Some(draft),
            Own::Written(draft) => Some(draft),
        }
    }
}

impl<'a> ReadTx<'a> {
    pub(crate) fn new(snapshot: &'a dyn Snapshot, scope: &Scope) -> Self {
        Self { snapshot, own: Own::Nothing, scope: scope.clone() }
    }

    /// The scope this sees.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same transaction seen from another scope.
    pub fn in_scope(&self, scope: &Scope) -> ReadTx<'_> {
        let own = self.own.draft().map_or(Own::Nothing, Own::Seen);
        ReadTx { snapshot: self.snapshot, own, scope: scope.clone() }
    }

    /// The row of that key.
    ///
    /// # Errors
    /// When the disk fails or the row's bytes no longer fit its type; so everywhere below.
    pub fn get<K: Key, R: Row>(
        &self,
        table: &Table<K, R>,
        key: &(impl KeyRef<Key = K> + ?Sized),
    ) -> Result<Option<R>, Fault> {
        let view = self.view();
        let entry = view.entry(&table.address(&self.scope, key))?;
        entry.as_ref().and_then(Entry::value).map(row::decode).transpose()
    }

    /// The row of that key, which is decoded once and shared for as long as it does not change.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub fn get_shared<K: Key, R: Row>(
        &self,
        table: &Table<K, R>,
        decoded: &Decoded<R>,
        key: &(impl KeyRef<Key = K> + ?Sized),
    ) -> Result<Option<Arc<R>>, Fault> {
        let (view, address) = (self.view(), table.address(&self.scope, key));
        let entry = view.entry(&address)?;
        entry.as_ref().and_then(Entry::value).map(|bytes| decoded.row(address, bytes)).transpose()
    }

    /// Whether there is a row of that key. Cheaper than [`get`](Self::get).
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub fn contains<K: Key, R>(
        &self,
        table: &Table<K, R>,
        key: &(impl KeyRef<Key = K> + ?Sized),
    ) -> Result<bool, Fault> {
        let view = self.view();
        let entry = view.entry(&table.address(&self.scope, key))?;
        Ok(entry.is_some_and(|entry| entry.value().is_some()))
    }

    /// The rows whose keys lie in a range, in key order; `..` for all.
    pub fn range<'t, K: Key, R: Row>(
        &'t self,
        table: &'t Table<K, R>,
        range: impl RangeBounds<K>,
    ) -> Rows<'t, K, R> {
        let place = table.place(&self.scope);
        let bound = |bound: Bound<&K>| {
            bound.map(|key| {
                let mut bytes = place.clone();
                key.encode(&mut bytes);
                bytes
            })
        };
        let mut limits = Limits::under(place.clone());
        limits.narrow(bound(range.start_bound()), bound(range.end_bound()));
        Rows::new(self.view(), table, place, limits)
    }

    /// The rows whose keys begin with whole components: `&("orders",)` of keys `(queue, number)`.
    pub fn prefix<'t, K: Key, R: Row>(
        &'t self,
        table: &'t Table<K, R>,
        prefix: &(impl KeyPrefix<K::Parts> + ?Sized),
    ) -> Rows<'t, K, R> {
        let place = table.place(&self.scope);
        let mut bytes = place.clone();
        prefix.encode_prefix(&mut bytes);
        Rows::new(self.view(), table, place, Limits::under(bytes))
    }

    /// The rows whose keys begin with components of which the last is itself a beginning: `"logs-"` of string
    /// keys, `&("bucket", "photos/")` of keys `(bucket, name)`.
    pub fn starting_with<'t, K: Key, R: Row>(
        &'t self,
        table: &'t Table<K, R>,
        start: &(impl KeyStart<K::Parts> + ?Sized),
    ) -> Rows<'t, K, R> {
        let place = table.place(&self.scope);
        let mut bytes = place.clone();
        start.encode_start(&mut bytes);
        Rows::new(self.view(), table, place, Limits::under(bytes))
    }

    /// All keys of the table in this scope, without reading rows.
    pub fn keys<'t, K: Key, R: Row>(&'t self, table: &'t Table<K, R>) -> Keys<'t, K, R> {
        self.range(table, ..).keys()
    }

    /// The rows of all accounts and regions, ordered by account, region and key.
    pub fn everywhere<'t, K: Key, R: Row>(&'t self, table: &'t Table<K, R>) -> Everywhere<'t, K, R> {
        Everywhere::new(self.view(), table, &self.scope)
    }

    pub(super) fn view(&self) -> View<'_> {
        View { snapshot: self.snapshot, draft: self.own.draft() }
    }
}

/// A snapshot below what the transaction has written.
#[derive(Clone, Copy)]
pub(super) struct View<'t> {
    snapshot: &'t dyn Snapshot,
    draft: Option<&'t Draft>,
}

impl<'t> View<'t> {
    pub fn entry(self, address: &[u8]) -> Result<Option<Entry<'t>>, Fault> {
        match self.draft.and_then(|draft| draft.get(address)) {
            Some(record) => Ok(Some(Entry::Record(record))),
            None => self.snapshot.get(address),
        }
    }

    pub fn cursor(self, span: Span<'_>) -> Result<Cursor<'t>, Fault> {
        let below = self.snapshot.range(span)?;
        match self.draft {
            Some(draft) if !draft.is_empty() => Ok(Box::new(Merge::new([draft.range(span), below]))),
            _ => Ok(below),
        }
    }
}
