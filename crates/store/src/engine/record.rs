//! One key with its value, or with the mark that it is gone, in one shared piece of memory.

use std::borrow::Borrow;
use std::cmp::Ordering;

use bytes::Bytes;
use redb::AccessGuard;

/// Bytes before the key: its length, and whether there is a value.
const HEADER: usize = 5;
const GONE: u8 = 0;
const VALUE: u8 = 1;

/// A written key. Clones share; records compare by key alone.
#[derive(Clone)]
pub(crate) struct Record(Bytes);

impl Record {
    /// A record of `key` whose value `fill` appends.
    pub fn put<E>(key: &[u8], fill: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Self::begin(key, VALUE);
        fill(&mut bytes)?;
        Ok(Self(bytes.into()))
    }

    /// A record which says that `key` is gone.
    pub fn gone(key: &[u8]) -> Self {
        Self(Self::begin(key, GONE).into())
    }

    /// The record that [`Record::bytes`] gave, if these are such bytes. They stay shared, not copied.
    pub fn from_bytes(bytes: Bytes) -> Option<Self> {
        let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        let known = matches!(bytes.get(4), Some(&GONE | &VALUE));
        (known && bytes.len() - HEADER >= length).then(|| Self(bytes))
    }

    /// The whole record, as it is logged.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key.
    pub fn key(&self) -> &[u8] {
        &self.0[HEADER..HEADER + self.key_length()]
    }

    /// The value; `None` when the key is gone.
    pub fn value(&self) -> Option<&[u8]> {
        (self.0[4] == VALUE).then(|| &self.0[HEADER + self.key_length()..])
    }

    fn key_length(&self) -> usize {
        u32::from_le_bytes([self.0[0], self.0[1], self.0[2], self.0[3]]) as usize
    }

    fn begin(key: &[u8], kind: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + key.len() + 256);
        bytes.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(key);
        bytes
    }
}

impl Borrow<[u8]> for Record {
    fn borrow(&self) -> &[u8] {
        self.key()
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Record {}

impl PartialOrd for Record {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Record {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

/// What a lookup or a scan finds, not copied yet.
pub(crate) enum Entry<'a> {
    /// A record in memory.
    Record(&'a Record),
    /// A value of the base, whose key the caller knows.
    Value(AccessGuard<'static, &'static [u8]>),
    /// A key and its value in the base.
    Pair((AccessGuard<'static, &'static [u8]>, AccessGuard<'static, &'static [u8]>)),
}

impl Entry<'_> {
    /// The key; nothing when it was looked up by key.
    pub fn key(&self) -> &[u8] {
        match self {
            Entry::Record(record) => record.key(),
            Entry::Value(_) => &[],
            Entry::Pair((key, _)) => key.value(),
        }
    }

    /// The value; `None` when the key is gone.
    pub fn value(&self) -> Option<&[u8]> {
        match self {
            Entry::Record(record) => record.value(),
            Entry::Value(value) | Entry::Pair((_, value)) => Some(value.value()),
        }
    }
}
