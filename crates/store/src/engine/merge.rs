//! Several layers seen as one: newer layers hide what older ones hold under the same key.

use std::cmp::Ordering;

use kernel::Fault;

use super::{Cursor, Entry};

/// The entries of all layers in key order, from either end.
pub(crate) struct Merge<'a> {
    /// Newest first.
    layers: Vec<Layer<'a>>,
}

struct Layer<'a> {
    cursor: Cursor<'a>,
    front: Option<Entry<'a>>,
    back: Option<Entry<'a>>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Front,
    Back,
}

impl<'a> Merge<'a> {
    /// Lays `layers` over each other, the newest first.
    pub fn new(layers: impl IntoIterator<Item = Cursor<'a>>) -> Self {
        let layers = layers.into_iter().map(|cursor| Layer { cursor, front: None, back: None });
        Self { layers: layers.collect() }
    }

    fn step(&mut self, end: End) -> Option<Result<Entry<'a>, Fault>> {
        loop {
            match self.pull(end) {
                Ok(Some(entry)) if entry.value().is_none() => {}
                Ok(entry) => return entry.map(Ok),
                Err(fault) => return Some(Err(fault)),
            }
        }
    }

    /// Takes the outermost key off every layer that holds it and gives the newest layer's entry.
    fn pull(&mut self, end: End) -> Result<Option<Entry<'a>>, Fault> {
        let mut chosen: Option<usize> = None;
        for index in 0..self.layers.len() {
            self.layers[index].fill(end)?;
            let Some(key) = self.layers[index].key(end) else { continue };
            let better = match chosen.and_then(|chosen| self.layers[chosen].key(end)) {
                None => true,
                Some(best) => {
                    let order = if end == End::Front { key.cmp(best) } else { best.cmp(key) };
                    if order == Ordering::Equal {
                        self.layers[index].take(end);
                    }
                    order == Ordering::Less
                }
            };
            if better {
                chosen = Some(index);
            }
        }
        Ok(chosen.and_then(|chosen| self.layers[chosen].take(end)))
    }
}

impl<'a> Layer<'a> {
    /// Has the outermost entry ready; the last one left may have been fetched from the other end.
    fn fill(&mut self, end: End) -> Result<(), Fault> {
        let (near, far) = match end {
            End::Front => (&mut self.front, &mut self.back),
            End::Back => (&mut self.back, &mut self.front),
        };
        if near.is_none() {
            let fetched = if end == End::Front { self.cursor.next() } else { self.cursor.next_back() };
            *near = fetched.transpose()?.or_else(|| far.take());
        }
        Ok(())
    }

    fn key(&self, end: End) -> Option<&[u8]> {
        if end == End::Front { &self.front } else { &self.back }.as_ref().map(Entry::key)
    }

    fn take(&mut self, end: End) -> Option<Entry<'a>> {
        if end == End::Front { &mut self.front } else { &mut self.back }.take()
    }
}

impl<'a> Iterator for Merge<'a> {
    type Item = Result<Entry<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step(End::Front)
    }
}

impl DoubleEndedIterator for Merge<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.step(End::Back)
    }
}
