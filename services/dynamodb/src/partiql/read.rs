//! Running queries.

use api_dynamodb::DynamodbError;
use store::ReadTx;

use super::compile::Selection;
use super::cursor::Cursor;
use super::keys::{self, Split};
use crate::capacity::{Usage, read_units};
use crate::expression::{Path, Projection};
use crate::item::{Attributes, ITEMS, Item};
use crate::key::{KeySchema, partition, place};
use crate::operations::query_range;
use crate::reading::{self, Range, Reading};
use crate::table::{Index, Table};
use crate::{errors, limits, value};

/// How a query is to be run.
pub struct Request<'a> {
    /// The query.
    pub selection: &'a Selection<'a>,
    /// Whether the read is consistent.
    pub is_consistent: bool,
    /// The most items to look at.
    pub limit: Option<usize>,
    /// Where the last page ended.
    pub start: Option<&'a Cursor>,
}

/// What a page of a query has.
#[derive(Default)]
pub struct Answer {
    /// The items.
    pub items: Vec<Attributes>,
    /// Where to go on.
    pub next: Option<Cursor>,
    /// What that consumed.
    pub usage: Usage,
}

impl Request<'_> {
    /// Reads one page.
    pub fn run(&self, tx: &ReadTx<'_>, table: &Table) -> Result<Answer, DynamodbError> {
        let mut reading = self.reading();
        let index = reading.index(table)?;
        let key = index.map_or(&table.key, |index| &index.key);
        let mut split = keys::split(key, self.selection.condition.as_ref())?;
        reading.is_backward = ordered(self.selection, key, &mut split)?;
        reading.filter = split.rest.take().map(|rest| (rest, "Filter Expression"));
        let ranges = ranges(table, index, &split);

        let mut answer = Answer::default();
        let first = self.start.map_or(0, |start| start.partition);
        let mut bytes = 0;
        for (at, range) in ranges.into_iter().enumerate().skip(first) {
            if at == first + limits::PARTIQL_PAGE || bytes >= limits::PAGE {
                answer.next = Some(Cursor { partition: at, last: None });
                break;
            }
            reading.start = self.start.filter(|_| at == first).and_then(|start| start.last.as_ref());
            let page = reading.page(tx, table, index, range)?;
            answer.usage.add(&page.usage);
            answer.items.extend(page.items);
            if let Some(last) = page.last {
                answer.next = Some(Cursor { partition: at, last: Some(last) });
                break;
            }
            bytes += page.bytes;
            let scanned = usize::try_from(page.scanned).unwrap_or(0);
            reading.limit = reading.limit.map(|limit| limit.saturating_sub(scanned));
        }
        if let Some(columns) = &self.selection.columns {
            answer.items = answer.items.iter().map(|item| picked(columns, item)).collect();
        }
        Ok(answer)
    }

    fn reading(&self) -> Reading<'_> {
        Reading {
            index: self.selection.index,
            select: None,
            projection: self.selection.columns.as_deref().map(heads),
            filter: None,
            is_consistent: self.is_consistent,
            limit: self.limit,
            start: None,
            is_backward: false,
        }
    }
}

/// The attributes that columns are or lie in.
fn heads<'a>(columns: &[(String, Path<'a>)]) -> (Projection<'a>, bool) {
    let paths = columns.iter().map(|(_, path)| Path::attribute(path.head)).collect();
    (Projection { paths }, false)
}

/// The item that a query names by its whole key, as batches and transactions read it.
pub struct Point {
    /// The item, if it is there and is what it must be, with the columns asked for.
    pub item: Option<Attributes>,
    /// The key.
    pub key: Attributes,
    /// The bytes read.
    pub size: usize,
}

impl Selection<'_> {
    /// Reads the one item that the query names; nothing when it may name several.
    pub fn point(&self, tx: &ReadTx<'_>, table: &Table) -> Result<Option<Point>, DynamodbError> {
        if self.index.is_some() || !self.order.is_empty() {
            return Ok(None);
        }
        let Some((key, rest)) = keys::whole(&table.key, self.condition.as_ref()) else { return Ok(None) };
        table.key.check(&key)?;
        let address = table.address(&key)?;
        let item: Option<Item> = tx.get(&ITEMS, &address)?;
        let size = item.as_ref().map_or(0, Item::size);
        let found = item.filter(|item| rest.as_ref().is_none_or(|rest| rest.holds(&item.0)));
        let item = found.map(|item| match &self.columns {
            Some(columns) => picked(columns, &item.0),
            None => item.0,
        });
        Ok(Some(Point { item, key, size }))
    }
}

impl Point {
    /// What the read consumes.
    pub fn usage(&self, is_consistent: bool) -> Usage {
        Usage::of_table(read_units(self.size, is_consistent))
    }
}

/// Whether sort keys are read backwards; the partitions are brought into their order.
fn ordered(selection: &Selection<'_>, key: &KeySchema, split: &mut Split<'_>) -> Result<bool, DynamodbError> {
    let Some((first, is_first_turned)) = selection.order.first() else { return Ok(false) };
    if selection.condition.is_none() {
        return Err(errors::validation(
            "Must have WHERE clause in the statement when using ORDER BY clause.",
        ));
    }
    if split.hashes.is_empty() {
        return Err(errors::validation(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ));
    }
    if let Some((name, _)) = selection.order.iter().find(|(name, _)| !key.has(name)) {
        return Err(errors::validation(format!(
            "Variable reference {name} in ORDER BY clause must be part of the primary key"
        )));
    }
    let range =
        key.range.as_ref().and_then(|range| selection.order.iter().find(|(name, _)| *name == range.name));
    if split.hashes.len() > 1 {
        if *first != key.hash.name {
            return Err(errors::not_emulated("ORDER BY a sort key over several partitions"));
        }
        split.hashes.sort_by(|one, two| value::compare(one, two).unwrap_or(std::cmp::Ordering::Equal));
        if *is_first_turned {
            split.hashes.reverse();
        }
        return Ok(range.is_some_and(|(_, is_turned)| *is_turned));
    }
    Ok(range.map_or(*is_first_turned, |(_, is_turned)| *is_turned))
}

/// The rows to read: parts of partitions, or all there are.
fn ranges(table: &Table, index: Option<&Index>, split: &Split<'_>) -> Vec<Range> {
    let id = index.map_or(0, |index| index.id);
    if split.hashes.is_empty() {
        return vec![reading::under(place(table.number, id))];
    }
    let range = |hash| query_range(partition(table.number, id, hash), split.range.as_ref());
    split.hashes.iter().map(|hash| range(hash)).collect()
}

/// The columns of an item, under their own names.
fn picked(columns: &[(String, Path<'_>)], item: &Attributes) -> Attributes {
    let column = |(name, path): &(String, Path<'_>)| Some((name.clone(), path.get(item)?.clone()));
    columns.iter().filter_map(column).collect()
}
