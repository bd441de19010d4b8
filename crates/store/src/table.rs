//! Tables: a name, how far a row is seen, and the types of key and row.

use std::marker::PhantomData;

use kernel::Scope;

use crate::key::text::{terminate, unescape};
use crate::key::{Key, KeyRef};

/// A typed table, declared beside its row as a `static`.
///
/// Names are unique across all services (`sqs.queues`) and never change: they are part of what is on disk.
pub struct Table<K, R> {
    name: &'static str,
    reach: Reach,
    types: PhantomData<fn() -> (K, R)>,
}

/// Who shares the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Regional,
    Account,
    Global,
}

impl<K, R> Table<K, R> {
    /// A table with separate rows for each account and region.
    pub const fn regional(name: &'static str) -> Self {
        Self { name, reach: Reach::Regional, types: PhantomData }
    }

    /// A table with separate rows for each account, whatever the region.
    pub const fn account(name: &'static str) -> Self {
        Self { name, reach: Reach::Account, types: PhantomData }
    }

    /// A table whose rows everybody shares.
    pub const fn global(name: &'static str) -> Self {
        Self { name, reach: Reach::Global, types: PhantomData }
    }

    /// The table's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The bytes with which all keys of the table begin.
    pub(crate) fn root(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        terminate(self.name.as_bytes(), &mut bytes);
        bytes
    }

    /// The bytes with which all keys of the table in that scope begin.
    pub(crate) fn place(&self, scope: &Scope) -> Vec<u8> {
        let mut bytes = self.root();
        if self.reach != Reach::Global {
            scope.account.encode(&mut bytes);
        }
        if self.reach == Reach::Regional {
            scope.region.encode(&mut bytes);
        }
        bytes
    }
}

impl<K: Key, R> Table<K, R> {
    /// The whole key of a row.
    pub(crate) fn address(&self, scope: &Scope, key: &(impl KeyRef<Key = K> + ?Sized)) -> Vec<u8> {
        let mut bytes = self.place(scope);
        key.encode(&mut bytes);
        bytes
    }

    /// Splits a whole key into scope and key; parts that the table does not tell apart are as in `seen_from`.
    pub(crate) fn split(&self, seen_from: &Scope, mut address: &[u8]) -> Option<(Scope, K)> {
        let mut scope = seen_from.clone();
        unescape(&mut address)?;
        if self.reach != Reach::Global {
            scope.account = Key::decode(&mut address)?;
        }
        if self.reach == Reach::Regional {
            scope.region = Key::decode(&mut address)?;
        }
        let key = K::decode(&mut address)?;
        address.is_empty().then_some((scope, key))
    }
}

impl<K, R> std::fmt::Debug for Table<K, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({}, {:?})", self.name, self.reach)
    }
}
