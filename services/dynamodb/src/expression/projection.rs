//! Projections: which parts of an item to answer.

use api_dynamodb::{AttributeValue, DynamodbError};

use super::parser::Parser;
use super::path::{Path, Step};
use crate::item::Attributes;
use crate::scalars::Scalars;
use crate::table::Table;

/// The paths to answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection<'a> {
    /// The paths.
    pub paths: Vec<Path<'a>>,
}

impl<'a> Parser<'_, 'a> {
    /// A list of paths.
    pub fn projection(&mut self) -> Result<Projection<'a>, String> {
        let mut paths = Vec::new();
        loop {
            let path = self.path()?;
            self.check_clash(&path, paths.iter());
            paths.push(path);
            if !self.take(",") {
                return Ok(Projection { paths });
            }
        }
    }
}

impl Projection<'_> {
    /// The projected parts of an item.
    pub fn apply(&self, mut item: Attributes) -> Attributes {
        let mut found = Attributes::with_capacity(self.paths.len());
        for path in &self.paths {
            if found.contains_key(path.head) {
                continue;
            }
            if path.is_nested() {
                let tails = self.paths.iter().filter(|other| other.head == path.head);
                let tails: Vec<&[Step<'_>]> = tails.map(|other| other.rest.as_slice()).collect();
                let part = item.get(path.head).and_then(|value| pick(value, &tails));
                found.extend(part.map(|part| (path.head.to_owned(), part)));
            } else {
                found.extend(item.swap_remove_entry(path.head));
            }
        }
        found
    }

    /// Checks that no path leads into a key.
    pub fn check_scalars(&self, table: &Table) -> Result<(), DynamodbError> {
        let mut scalars = Scalars::of(table);
        self.paths.iter().for_each(|path| scalars.see(path));
        scalars.check()
    }

    /// The attributes at which paths start and for which `is_there` does not hold.
    pub fn outside(&self, is_there: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut heads: Vec<_> =
            self.paths.iter().map(|path| path.head).filter(|head| !is_there(head)).collect();
        heads.dedup();
        heads
    }
}

/// The parts of a value at the ends of `tails`.
fn pick(value: &AttributeValue, tails: &[&[Step<'_>]]) -> Option<AttributeValue> {
    if tails.iter().any(|tail| tail.is_empty()) {
        return Some(value.clone());
    }
    let after = |first: &Step<'_>| -> Vec<&[Step<'_>]> {
        tails
            .iter()
            .filter_map(|tail| tail.split_first().filter(|(step, _)| *step == first))
            .map(|(_, rest)| rest)
            .collect()
    };
    match value {
        AttributeValue::M(map) => {
            let mut part = Attributes::new();
            for first in tails.iter().filter_map(|tail| tail.first()) {
                let Step::Name(name) = first else { continue };
                if part.contains_key(*name) {
                    continue;
                }
                let picked = map.get(*name).and_then(|value| pick(value, &after(first)));
                part.extend(picked.map(|picked| ((*name).to_owned(), picked)));
            }
            (!part.is_empty()).then_some(AttributeValue::M(part))
        }
        AttributeValue::L(list) => {
            let indexes = tails.iter().filter_map(|tail| match tail.first() {
                Some(Step::Index(index)) => Some(*index),
                _ => None,
            });
            // Elements come in their order, closed up.
            let indexes: std::collections::BTreeSet<usize> = indexes.collect();
            let element = |index: usize| pick(list.get(index)?, &after(&Step::Index(index)));
            let part: Vec<_> = indexes.into_iter().filter_map(element).collect();
            (!part.is_empty()).then_some(AttributeValue::L(part))
        }
        _ => None,
    }
}
