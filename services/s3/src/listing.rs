//! Listing keys: by prefix, rolled up at a delimiter, a page at a time.
//!
//! What a common prefix hides is skipped by seeking behind it, so a page costs the same in a bucket of a million keys.

use std::cell::Cell;
use std::iter::Peekable;
use std::ops::Bound;

use kernel::{Fault, page};
use store::{Key, ReadTx, Row, Table};

use crate::object::{OBJECTS, Object};
use crate::upload::{UPLOADS, Upload};
use crate::version::VERSIONS;

/// Which part of which keys.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Keys that begin so.
    pub prefix: &'a str,
    /// Keys that have this behind the prefix are rolled up there; none when empty.
    pub delimiter: &'a str,
    /// Where the page starts.
    pub start: Start,
    /// How many entries it has at most.
    pub limit: usize,
}

/// Where a page starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Behind this key.
    After(String),
    /// At the first key.
    Beginning,
    /// At this key, or the next if it is not there.
    From(String),
    /// Nowhere: behind everything.
    End,
}

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<T> {
    /// A key with what belongs to it.
    Item(String, T),
    /// All keys that begin so.
    Prefix(String),
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// In order of keys and prefixes, mixed.
    pub entries: Vec<Entry<T>>,
    /// Whether there are more.
    pub truncated: bool,
}

impl Start {
    /// Behind all keys that begin with `prefix`.
    pub fn behind(prefix: &str) -> Self {
        successor(prefix).map_or(Self::End, Self::From)
    }

    /// Behind a marker, which stands for all keys of the common prefix it lies in.
    pub fn after_marker(marker: Option<&str>, prefix: &str, delimiter: &str) -> Self {
        match marker.filter(|marker| !marker.is_empty()) {
            None => Self::Beginning,
            Some(marker) => match common_prefix(marker, prefix, delimiter) {
                Some(common) => Self::behind(common),
                None => Self::After(marker.to_owned()),
            },
        }
    }

    /// Where a token continues; nothing when it is not one of `list`.
    pub fn after_token(token: &str, list: &str) -> Option<Self> {
        let place = page::key(list, token)?;
        match place.split_at_checked(1)? {
            ("k", key) => Some(Self::After(key.to_owned())),
            ("p", prefix) => Some(Self::behind(prefix)),
            _ => None,
        }
    }

    /// The ends of the keys behind this that begin with `prefix`.
    fn bounds(&self, prefix: &str) -> Option<(Bound<String>, Option<String>)> {
        let start = match self {
            Self::After(key) if key.as_str() >= prefix => Bound::Excluded(key.clone()),
            Self::From(key) if key.as_str() >= prefix => Bound::Included(key.clone()),
            Self::End => return None,
            _ => Bound::Included(prefix.to_owned()),
        };
        Some((start, successor(prefix)))
    }
}

impl<T> Listed<T> {
    /// The token of the next page of `list`.
    pub fn token(&self, list: &str) -> Option<String> {
        let place = match self.entries.last().filter(|_| self.truncated)? {
            Entry::Item(key, _) => format!("k{key}"),
            Entry::Prefix(prefix) => format!("p{prefix}"),
        };
        Some(page::token(list, &place))
    }

    /// The last key or prefix, where the next page continues.
    pub fn last(&self) -> Option<&str> {
        match self.entries.last().filter(|_| self.truncated)? {
            Entry::Item(text, _) | Entry::Prefix(text) => Some(text),
        }
    }
}

/// A page of what `open` gives from a place on, in order of keys.
pub fn list<T, I>(query: &Query<'_>, open: impl Fn(&Start) -> I) -> Result<Listed<T>, Fault>
where
    I: Iterator<Item = Result<(String, T), Fault>>,
{
    let mut entries = Vec::new();
    if query.limit == 0 {
        return Ok(Listed { entries, truncated: false });
    }
    let mut rows = open(&query.start);
    while let Some(row) = rows.next() {
        let (key, item) = row?;
        if entries.len() == query.limit {
            return Ok(Listed { entries, truncated: true });
        }
        match common_prefix(&key, query.prefix, query.delimiter) {
            None => entries.push(Entry::Item(key, item)),
            Some(common) => {
                rows = open(&Start::behind(common));
                entries.push(Entry::Prefix(common.to_owned()));
            }
        }
    }
    Ok(Listed { entries, truncated: false })
}

/// A page of a bucket's objects.
pub fn objects(tx: &ReadTx<'_>, bucket: &str, query: &Query<'_>) -> Result<Listed<Object>, Fault> {
    list(query, |start| {
        let ends = start.bounds(query.prefix);
        let key = |key: String| (bucket.to_owned(), key);
        let end = (format!("{bucket}\0"), String::new());
        rows(tx, &OBJECTS, ends, key, end).map(|row| row.map(|((_, key), object)| (key, object)))
    })
}

/// A page of everything a bucket holds: versions and markers, each with whether it is the latest of its key; behind
/// `after`, a key and a place among its versions, where that is given, be the version still there or not.
pub fn versions(
    tx: &ReadTx<'_>,
    bucket: &str,
    query: &Query<'_>,
    after: Option<(&str, u64)>,
) -> Result<Listed<(Object, bool)>, Fault> {
    // The place within a key counts only where the page starts.
    let first = Cell::new(after);
    list(query, |start| {
        let ends = start.bounds(query.prefix);
        let key = |key: String| (bucket.to_owned(), key);
        let current = rows(tx, &OBJECTS, ends.clone(), key, (format!("{bucket}\0"), String::new()))
            .map(|row| row.map(|((_, key), object)| (key, object)));
        let start_of = |key: String| (bucket.to_owned(), key, 0);
        let old =
            rows(tx, &VERSIONS, ends.map(behind_key), start_of, (format!("{bucket}\0"), String::new(), 0))
                .map(|row| row.map(|((_, key, _), object)| (key, object)));
        let place = first.take().map(|(key, place)| (key.to_owned(), place));
        Merged { current: current.peekable(), old: old.peekable(), key: None }.filter(move |row| {
            match (row, &place) {
                (Ok((key, (object, _))), Some((skipped, place))) if key == skipped => {
                    object.sequence < *place
                }
                _ => true,
            }
        })
    })
}

/// Current objects and all else, in order of keys: the current one of a key first.
struct Merged<C: Iterator, O: Iterator> {
    current: Peekable<C>,
    old: Peekable<O>,
    /// The key whose latest version went by.
    key: Option<String>,
}

impl<C, O> Iterator for Merged<C, O>
where
    C: Iterator<Item = Result<(String, Object), Fault>>,
    O: Iterator<Item = Result<(String, Object), Fault>>,
{
    type Item = Result<(String, (Object, bool)), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let takes_current = match (self.current.peek(), self.old.peek()) {
            (Some(Ok((current, _))), Some(Ok((old, _)))) => current <= old,
            (Some(_), _) => true,
            (None, _) => false,
        };
        let row = if takes_current { self.current.next() } else { self.old.next() }?;
        Some(row.map(|(key, object)| {
            let is_latest = self.key.as_ref() != Some(&key);
            if is_latest {
                self.key = Some(key.clone());
            }
            (key, (object, is_latest))
        }))
    }
}

/// A page of a bucket's uploads; behind `after`, a key and the id of one of its uploads, where that is given.
pub fn uploads(
    tx: &ReadTx<'_>,
    bucket: &str,
    query: &Query<'_>,
    after: Option<(&str, &str)>,
) -> Result<Listed<(String, Upload)>, Fault> {
    // The place within a key counts only where the page starts.
    let first = Cell::new(after);
    list(query, |start| {
        let ends = start.bounds(query.prefix).map(behind_key);
        let key = |key: String| (bucket.to_owned(), key, String::new());
        let end = (format!("{bucket}\0"), String::new(), String::new());
        let after = first.take().map(|(key, id)| (key.to_owned(), id.to_owned()));
        let rows = rows(tx, &UPLOADS, ends, key, end).filter(move |row| match (row, &after) {
            (Ok(((_, key, id), _)), Some(after)) => (key, id) > (&after.0, &after.1),
            _ => true,
        });
        rows.map(|row| row.map(|((_, key, id), upload)| (key, (id, upload))))
    })
}

/// Behind a key means, where keys have many rows, behind all of them: at the next key there can be.
fn behind_key((start, stop): (Bound<String>, Option<String>)) -> (Bound<String>, Option<String>) {
    match start {
        Bound::Excluded(key) => (Bound::Included(key + "\0"), stop),
        start => (start, stop),
    }
}

/// The rows within ends; `key` makes a whole key. `end` stands behind the last of the bucket: a name with a zero byte
/// more is the next there can be.
fn rows<'t, K: Key, R: Row>(
    tx: &'t ReadTx<'_>,
    table: &'t Table<K, R>,
    ends: Option<(Bound<String>, Option<String>)>,
    key: impl Fn(String) -> K,
    end: K,
) -> impl Iterator<Item = Result<(K, R), Fault>> {
    let range = ends.map(|(start, stop)| (start.map(&key), Bound::Excluded(stop.map_or(end, &key))));
    range.map(|range| tx.range(table, range)).into_iter().flatten()
}

/// The part of a key that ends with the first delimiter behind the prefix.
fn common_prefix<'k>(key: &'k str, prefix: &str, delimiter: &str) -> Option<&'k str> {
    if delimiter.is_empty() {
        return None;
    }
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

/// The least text that sorts behind all that begin with `text`; nothing when there is none.
fn successor(text: &str) -> Option<String> {
    let mut letters = text.chars();
    while let Some(last) = letters.next_back() {
        // UTF-8 sorts as code points do; between two of them lie the surrogates, which are none.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            let mut after = letters.as_str().to_owned();
            after.push(next);
            return Some(after);
        }
    }
    None
}
