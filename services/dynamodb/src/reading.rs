//! Reading pages: what queries and scans share.

use std::ops::Bound;

use api_dynamodb::{AttributeValue, DynamodbError, ProjectionType, Select};
use store::ReadTx;

use crate::capacity::{Usage, read_units};
use crate::expression::{Condition, Projection};
use crate::item::{Attributes, ITEMS, Item};
use crate::key::{Address, KeySchema};
use crate::scalars::Scalars;
use crate::table::{Filling, Index, Table};
use crate::{errors, limits, writing};

/// A query or a scan, besides the range it reads.
pub struct Reading<'a> {
    /// The index to read instead of the table.
    pub index: Option<&'a str>,
    /// What to answer of each item.
    pub select: Option<&'a Select>,
    /// The parts of items to answer, and whether `AttributesToGet` names them.
    pub projection: Option<(Projection<'a>, bool)>,
    /// What items must be to be answered, and the parameter that says so.
    pub filter: Option<(Condition<'a>, &'static str)>,
    /// Whether the read is consistent.
    pub is_consistent: bool,
    /// The most items to look at.
    pub limit: Option<usize>,
    /// Where the last page ended.
    pub start: Option<&'a Attributes>,
    /// Whether the order of sort keys is turned.
    pub is_backward: bool,
}

/// What a page has.
#[derive(Default)]
pub struct Page {
    /// The items that the filter let pass.
    pub items: Vec<Attributes>,
    /// How many those are.
    pub count: i32,
    /// How many were looked at.
    pub scanned: i32,
    /// The bytes that were read.
    pub bytes: usize,
    /// The key of the last item looked at, if there may be more.
    pub last: Option<Attributes>,
    /// What that consumed.
    pub usage: Usage,
}

/// The rows between two ends.
pub struct Range {
    /// The first address.
    pub start: Vec<u8>,
    /// The address behind the last.
    pub end: Vec<u8>,
}

impl<'a> Reading<'a> {
    /// The index to read, if not the table itself.
    pub fn index<'t>(&self, table: &'t Table) -> Result<Option<&'t Index>, DynamodbError> {
        let Some(name) = self.index else { return Ok(None) };
        let index = table.index(name).ok_or_else(|| errors::no_such_index(name))?;
        if index.is_global && self.is_consistent {
            let message = "Consistent reads are not supported on global secondary indexes";
            return Err(errors::validation(message));
        }
        if index.filling != Filling::Done {
            return Err(errors::validation(format!(
                "Cannot read from backfilling global secondary index: {name}"
            )));
        }
        Ok(Some(index))
    }

    /// Checks what is selected without regard to the table.
    pub fn check_select(&self) -> Result<(), DynamodbError> {
        let parameter = |is_legacy: bool| if is_legacy { "AttributesToGet" } else { "ProjectionExpression" };
        match (self.select, &self.projection) {
            (Some(Select::AllProjectedAttributes), _) if self.index.is_none() => Err(errors::invalid(
                "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
            )),
            (Some(Select::SpecificAttributes), None) => Err(errors::invalid(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
            )),
            (Some(Select::Count), Some((_, is_legacy))) => Err(errors::invalid(format_args!(
                "Cannot specify the {} when choosing to get only the Count",
                parameter(*is_legacy)
            ))),
            (
                Some(select @ (Select::AllAttributes | Select::AllProjectedAttributes)),
                Some((_, is_legacy)),
            ) => Err(errors::invalid(format_args!(
                "Cannot specify the {} when choosing to get {}",
                parameter(*is_legacy),
                select.as_str()
            ))),
            _ => Ok(()),
        }
    }

    /// Whether the items themselves must be read besides the entries of the index.
    fn needs_items(&self, table: &Table, index: &Index) -> Result<bool, DynamodbError> {
        if index.projection == ProjectionType::All {
            return Ok(false);
        }
        let outside = self.projection.as_ref().map(|(paths, _)| paths.outside(|name| index.has(table, name)));
        let outside = outside.filter(|outside| !outside.is_empty());
        let name = &index.name;
        match (outside, self.select) {
            (Some(outside), _) if index.is_global => Err(errors::invalid(format_args!(
                "Global secondary index {name} does not project [{}]",
                outside.join(", ")
            ))),
            (_, Some(Select::AllAttributes)) if index.is_global => Err(errors::invalid(format_args!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because its projection \
                 type is not ALL"
            ))),
            (outside, select) => Ok(outside.is_some() || select == Some(&Select::AllAttributes)),
        }
    }

    /// Checks that neither filter nor projection lead into keys.
    pub fn check_scalars(&self, table: &Table) -> Result<(), DynamodbError> {
        let mut scalars = Scalars::of(table);
        self.filter.iter().for_each(|(filter, _)| filter.paths(&mut |path| scalars.see(path)));
        scalars.check()?;
        self.projection.iter().try_for_each(|(projection, _)| projection.check_scalars(table))
    }

    /// Filters cannot test the key that a query reads by.
    pub fn check_filter(&self, key: &KeySchema) -> Result<(), DynamodbError> {
        let Some((filter, parameter)) = &self.filter else { return Ok(()) };
        let mut found = None;
        filter.paths(&mut |path| {
            if found.is_none() && key.has(path.head) {
                found = Some(path.head);
            }
        });
        match found {
            Some(name) => Err(errors::validation(format!(
                "{parameter} can only contain non-primary key attributes: Primary key attribute: {name}"
            ))),
            None => Ok(()),
        }
    }

    /// Where the last page ended, as an address.
    pub fn start_address(
        &self,
        table: &Table,
        index: Option<&Index>,
    ) -> Result<Option<Address>, DynamodbError> {
        let Some(start) = self.start else { return Ok(None) };
        let invalid = || errors::validation("The provided starting key is invalid");
        let index_only = |index: &Index| {
            index.key.attributes().filter(|attribute| !table.key.has(&attribute.name)).count()
        };
        if start.len() != table.key.attributes().count() + index.map_or(0, index_only) {
            return Err(wrong_start(index.is_some(), &errors::key_mismatch()));
        }
        table.key.check(&table.key.of(start)).map_err(|error| wrong_start(index.is_some(), &error))?;
        let address = match index {
            Some(index) => writing::entry_address(table, index, start),
            None => table.key.address(table.number, 0, start),
        };
        address.map(Some).ok_or_else(invalid)
    }

    /// Reads one page of a range.
    pub fn page(
        &self,
        tx: &ReadTx<'_>,
        table: &Table,
        index: Option<&Index>,
        range: Range,
    ) -> Result<Page, DynamodbError> {
        let fetches = index.map_or(Ok(false), |index| self.needs_items(table, index))?;
        let start = self.start_address(table, index)?;
        let bounds = (Bound::Included(Address(range.start)), Bound::Excluded(Address(range.end)));
        let mut rows = tx.range(&ITEMS, bounds);
        if let Some(start) = &start {
            rows = if self.is_backward { rows.before(start) } else { rows.after(start) };
        }
        let (mut page, mut fetched) = (Page::default(), 0.0);
        while let Some(row) = if self.is_backward { rows.next_back() } else { rows.next() } {
            let (_, entry) = row?;
            page.bytes += entry.size();
            page.scanned += 1;
            let is_last = self.limit.is_some_and(|limit| usize::try_from(page.scanned) == Ok(limit))
                || page.bytes >= limits::PAGE;
            if is_last {
                page.last = Some(last_key(table, index, &entry.0));
            }
            let item =
                if fetches { fetch(tx, table, entry, &mut fetched, self.is_consistent)? } else { entry };
            self.add(&mut page, item.0);
            if is_last {
                break;
            }
        }
        let units = read_units(page.bytes, self.is_consistent);
        match index {
            Some(index) => {
                page.usage.table = fetched;
                page.usage.add_index(index, units);
            }
            None => page.usage.table = units,
        }
        Ok(page)
    }

    /// Adds an item to the page if the filter lets it pass.
    fn add(&self, page: &mut Page, item: Attributes) {
        if self.filter.as_ref().is_some_and(|(filter, _)| !filter.holds(&item)) {
            return;
        }
        page.count += 1;
        match (self.select, &self.projection) {
            (Some(Select::Count), _) => {}
            (_, Some((projection, _))) => page.items.push(projection.apply(item)),
            (_, None) => page.items.push(item),
        }
    }

    /// Whether items are answered at all.
    pub fn answers_items(&self) -> bool {
        self.select != Some(&Select::Count)
    }
}

/// A starting key that is none, in the words for tables or for indexes.
fn wrong_start(is_index: bool, error: &DynamodbError) -> DynamodbError {
    let DynamodbError::Other(fault) = error else { return errors::key_mismatch() };
    if is_index {
        return errors::validation("The provided starting key is invalid");
    }
    errors::validation(format!("The provided starting key is invalid: {}", fault.message()))
}

/// The item of an index's entry.
fn fetch(
    tx: &ReadTx<'_>,
    table: &Table,
    entry: Item,
    units: &mut f64,
    is_consistent: bool,
) -> Result<Item, DynamodbError> {
    let address = table.address(&entry.0)?;
    let item: Item = tx.get(&ITEMS, &address)?.unwrap_or(entry);
    *units += read_units(item.size(), is_consistent);
    Ok(item)
}

/// The key by which the next page starts: the index's and the table's.
fn last_key(table: &Table, index: Option<&Index>, item: &Attributes) -> Attributes {
    let mut key = table.key.of(item);
    if let Some(index) = index {
        key.extend(index.key.of(item));
    }
    key
}

/// The least bytes that sort behind all which begin with `prefix`.
pub fn after_prefix(mut prefix: Vec<u8>) -> Vec<u8> {
    while prefix.pop_if(|byte| *byte == u8::MAX).is_some() {}
    if let Some(last) = prefix.last_mut() {
        *last += 1;
    }
    prefix
}

/// All rows whose addresses begin so.
pub fn under(prefix: Vec<u8>) -> Range {
    Range { end: after_prefix(prefix.clone()), start: prefix }
}

/// Checks the values of a starting key.
pub fn normalise_start(start: Option<&mut Attributes>) -> Result<(), DynamodbError> {
    let Some(start) = start else { return Ok(()) };
    let mut values = start.values_mut();
    values.try_for_each(|value: &mut AttributeValue| {
        crate::value::normalise(value)
            .map_err(|problem| errors::validation(format!("The provided starting key is invalid: {problem}")))
    })
}
