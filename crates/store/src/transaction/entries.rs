//! A range of entries that is opened when the first is asked for.

use std::ops::Bound;

use kernel::Fault;

use super::read::View;
use crate::engine::{Cursor, Entry, Span};

/// The entries within limits.
pub(super) struct Entries<'t> {
    view: View<'t>,
    pub(super) limits: Limits,
    cursor: Option<Cursor<'t>>,
}

impl<'t> Entries<'t> {
    pub fn new(view: View<'t>, limits: Limits) -> Self {
        Self { view, limits, cursor: None }
    }

    fn opened(&mut self) -> Result<&mut Cursor<'t>, Fault> {
        let cursor = match self.cursor.take() {
            Some(cursor) => cursor,
            None if self.limits.is_empty() => Box::new(std::iter::empty()),
            None => self.view.cursor(self.limits.span())?,
        };
        Ok(self.cursor.insert(cursor))
    }

    /// A range that cannot be opened is one fault, then nothing.
    fn fail(&mut self, fault: Fault) -> Option<Result<Entry<'t>, Fault>> {
        self.cursor = Some(Box::new(std::iter::empty()));
        Some(Err(fault))
    }
}

impl<'t> Iterator for Entries<'t> {
    type Item = Result<Entry<'t>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.opened() {
            Ok(cursor) => cursor.next(),
            Err(fault) => self.fail(fault),
        }
    }
}

impl DoubleEndedIterator for Entries<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self.opened() {
            Ok(cursor) => cursor.next_back(),
            Err(fault) => self.fail(fault),
        }
    }
}

/// The encoded ends of a range.
pub(super) struct Limits {
    start: Bound<Vec<u8>>,
    end: Bound<Vec<u8>>,
}

impl Limits {
    /// All keys that begin with `prefix`.
    pub fn under(prefix: Vec<u8>) -> Self {
        let end = successor(&prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self { start: Bound::Included(prefix), end }
    }

    /// Cuts off what lies outside; unbounded ends cut nothing.
    pub fn narrow(&mut self, start: Bound<Vec<u8>>, end: Bound<Vec<u8>>) {
        self.raise(start);
        self.lower(end);
    }

    /// Cuts off what lies before `start`.
    pub fn raise(&mut self, start: Bound<Vec<u8>>) {
        let tighter = bytes(&start).cmp(&bytes(&self.start));
        if tighter.is_gt() || tighter.is_eq() && matches!(start, Bound::Excluded(_)) {
            self.start = start;
        }
    }

    /// Cuts off what lies behind `end`.
    pub fn lower(&mut self, end: Bound<Vec<u8>>) {
        let Some(key) = bytes(&end) else { return };
        let tighter =
            bytes(&self.end).is_none_or(|old| key < old || key == old && matches!(end, Bound::Excluded(_)));
        if tighter {
            self.end = end;
        }
    }

    fn span(&self) -> Span<'_> {
        Span { start: self.start.as_ref().map(Vec::as_slice), end: self.end.as_ref().map(Vec::as_slice) }
    }

    fn is_empty(&self) -> bool {
        match (bytes(&self.start), bytes(&self.end)) {
            (Some(start), Some(end)) => {
                let both = matches!((&self.start, &self.end), (Bound::Included(_), Bound::Included(_)));
                start > end || start == end && !both
            }
            _ => false,
        }
    }
}

fn bytes(bound: &Bound<Vec<u8>>) -> Option<&[u8]> {
    match bound {
        Bound::Included(key) | Bound::Excluded(key) => Some(key),
        Bound::Unbounded => None,
    }
}

/// The least key that does not begin with `prefix` and sorts after those which do.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut next = prefix[..=last].to_vec();
    next[last] += 1;
    Some(next)
}
