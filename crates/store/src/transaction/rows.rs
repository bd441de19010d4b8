//! Ranges of rows, decoded one at a time as they are asked for.

use std::ops::Bound;

use kernel::{Fault, Scope};

use super::entries::{Entries, Limits};
use super::read::View;
use crate::engine::Entry;
use crate::key::{Key, KeyRef};
use crate::row::{self, Row};
use crate::table::Table;

/// Rows in key order, from either end. Nothing is read before it is asked for, and `nth` skips without decoding.
pub struct Rows<'t, K, R> {
    entries: Entries<'t>,
    table: &'t Table<K, R>,
    /// What stands before each key: table and scope.
    place: Vec<u8>,
}

/// The keys of [`Rows`], without the rows.
pub struct Keys<'t, K, R>(Rows<'t, K, R>);

/// Rows of all accounts and regions.
pub struct Everywhere<'t, K, R> {
    entries: Entries<'t>,
    table: &'t Table<K, R>,
    seen_from: Scope,
}

impl<'t, K: Key, R> Rows<'t, K, R> {
    pub(super) fn new(view: View<'t>, table: &'t Table<K, R>, place: Vec<u8>, limits: Limits) -> Self {
        Self { entries: Entries::new(view, limits), table, place }
    }

    /// Only the rows behind `key`, such as a page token's.
    ///
    /// Call before the first row is taken.
    #[must_use]
    pub fn after(mut self, key: &(impl KeyRef<Key = K> + ?Sized)) -> Self {
        self.entries.limits.raise(Bound::Excluded(self.address(key)));
        self
    }

    /// Only the rows before `key`. Call before the first row is taken.
    #[must_use]
    pub fn before(mut self, key: &(impl KeyRef<Key = K> + ?Sized)) -> Self {
        self.entries.limits.lower(Bound::Excluded(self.address(key)));
        self
    }

    /// The keys alone.
    pub fn keys(self) -> Keys<'t, K, R> {
        Keys(self)
    }

    fn address(&self, key: &(impl KeyRef<Key = K> + ?Sized)) -> Vec<u8> {
        let mut bytes = self.place.clone();
        key.encode(&mut bytes);
        bytes
    }

    fn key(&self, entry: &Entry<'_>) -> Result<K, Fault> {
        let mut bytes = entry.key().get(self.place.len()..).unwrap_or_default();
        let key = K::decode(&mut bytes).filter(|_| bytes.is_empty());
        key.ok_or_else(|| not_a_key(self.table.name()))
    }
}

impl<'t, K: Key, R> Everywhere<'t, K, R> {
    pub(super) fn new(view: View<'t>, table: &'t Table<K, R>, seen_from: &Scope) -> Self {
        let entries = Entries::new(view, Limits::under(table.root()));
        Self { entries, table, seen_from: seen_from.clone() }
    }
}

impl<K: Key, R: Row> Rows<'_, K, R> {
    fn read(&self, entry: Result<Entry<'_>, Fault>) -> Result<(K, R), Fault> {
        let entry = entry?;
        Ok((self.key(&entry)?, value(&entry)?))
    }
}

impl<K: Key, R: Row> Everywhere<'_, K, R> {
    fn read(&self, entry: Result<Entry<'_>, Fault>) -> Result<(Scope, K, R), Fault> {
        let entry = entry?;
        let split = self.table.split(&self.seen_from, entry.key());
        let (scope, key) = split.ok_or_else(|| not_a_key(self.table.name()))?;
        Ok((scope, key, value(&entry)?))
    }
}

fn value<R: Row>(entry: &Entry<'_>) -> Result<R, Fault> {
    row::decode(entry.value().unwrap_or_default())
}

fn not_a_key(table: &str) -> Fault {
    Fault::internal(format_args!("a key of the table {table} does not have the table's type"))
}

macro_rules! iterator {
    ($name:ident, $item:ty, $needs:path, |$this:ident| $entries:expr, $read:expr) => {
        impl<K: Key, R: $needs> Iterator for $name<'_, K, R> {
            type Item = Result<$item, Fault>;

            fn next(&mut self) -> Option<Self::Item> {
                let $this = &mut *self;
                let entry = $entries.next()?;
                Some($read(&*$this, entry))
            }

            fn nth(&mut self, n: usize) -> Option<Self::Item> {
                let $this = &mut *self;
                let entry = $entries.nth(n)?;
                Some($read(&*$this, entry))
            }

            fn count(self) -> usize {
                let mut this = self;
                let $this = &mut this;
                $entries.by_ref().count()
            }
        }

        impl<K: Key, R: $needs> DoubleEndedIterator for $name<'_, K, R> {
            fn next_back(&mut self) -> Option<Self::Item> {
                let $this = &mut *self;
                let entry = $entries.next_back()?;
                Some($read(&*$this, entry))
            }

            fn nth_back(&mut self, n: usize) -> Option<Self::Item> {
                let $this = &mut *self;
                let entry = $entries.nth_back(n)?;
                Some($read(&*$this, entry))
            }
        }
    };
}

iterator!(Rows, (K, R), Row, |this| this.entries, Self::read);
iterator!(Everywhere, (Scope, K, R), Row, |this| this.entries, Self::read);
iterator!(Keys, K, Sized, |this| this.0.entries, |keys: &Self, entry: Result<Entry<'_>, Fault>| {
    entry.and_then(|entry| keys.0.key(&entry))
});
