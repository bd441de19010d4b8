//! The engine of transactions that write.

use std::collections::HashSet;
use std::sync::Arc;

use api_dynamodb::{DynamodbError, ItemCollectionMetrics, ReturnItemCollectionMetrics};
use kernel::Scope;
use store::{ReadTx, WriteTx};

use super::plan::{Change, Place, Write};
use super::{cancelled, usage};
use crate::capacity::Usage;
use crate::item::{Attributes, ITEMS, Item};
use crate::key::Address;
use crate::table::Table;
use crate::{errors, limits, updating, value, writing};

/// What a write consumed and told.
pub struct Done {
    /// The units it consumed.
    pub usage: Usage,
    /// The size of its item collection.
    pub metrics: Option<ItemCollectionMetrics>,
}

/// Does all writes, or none.
pub fn write(
    tx: &mut WriteTx<'_>,
    writes: &[Write<'_>],
    metrics: Option<&ReturnItemCollectionMetrics>,
) -> Result<Vec<Done>, DynamodbError> {
    let targets = targets(tx, writes)?;
    let both = || writes.iter().zip(&targets);
    let changes = cancelled::each(both(), |(write, target)| target.after(tx, write))?;
    check_total(&changes)?;
    let mut done = Vec::with_capacity(writes.len());
    for ((write, target), (before, after)) in both().zip(changes) {
        let tx = &mut tx.in_scope(&write.place.scope);
        let usage = match write.change {
            Change::Check(_) => usage::of_check(before.as_ref()),
            _ => writing::replace(tx, &target.table, &target.address, before.as_ref(), after.as_ref())?,
        };
        let metrics = match write.change {
            Change::Check(_) => None,
            _ => writing::metrics(&target.table, write.change.attributes(), metrics),
        };
        done.push(Done { usage, metrics });
    }
    Ok(done)
}

/// The bytes of the items that the writes name, as they are.
pub fn look(tx: &ReadTx<'_>, writes: &[Write<'_>]) -> Result<Vec<usize>, DynamodbError> {
    let size = |(write, target): (&Write<'_>, &Target)| {
        let item: Option<Item> = tx.in_scope(&write.place.scope).get(&ITEMS, &target.address)?;
        Ok(item.as_ref().map_or(0, Item::size))
    };
    writes.iter().zip(&targets(tx, writes)?).map(size).collect()
}

/// The row that a write is for.
struct Target {
    table: Arc<Table>,
    address: Address,
}

/// An item before and after.
type Outcome = (Option<Item>, Option<Item>);

/// Finds the rows. What is wrong with a request as a whole is an error of its own; what does not fit a table's schema is
/// a reason to cancel.
fn targets(tx: &ReadTx<'_>, writes: &[Write<'_>]) -> Result<Vec<Target>, DynamodbError> {
    let tables = tables(tx, writes.iter().map(|write| &write.place))?;
    let both = || writes.iter().zip(&tables);
    both().try_for_each(|(write, table)| check_filled(table, &write.change))?;
    let addresses = cancelled::each(both(), |(write, table)| {
        let address = address(table, &write.change)?;
        write.guard.check_scalars(table).map(|()| address)
    })?;
    check_distinct(writes.iter().map(|write| &write.place.scope).zip(&addresses))?;
    let targets = tables.into_iter().zip(addresses);
    Ok(targets.map(|(table, address)| Target { table, address }).collect())
}

/// The table of every action.
pub fn tables<'p>(
    tx: &ReadTx<'_>,
    places: impl Iterator<Item = &'p Place>,
) -> Result<Vec<Arc<Table>>, DynamodbError> {
    places.map(|place| Table::get(&tx.in_scope(&place.scope), &place.table)).collect()
}

/// No two actions are for the same item.
pub fn check_distinct<'a>(
    mut addresses: impl Iterator<Item = (&'a Scope, &'a Address)>,
) -> Result<(), DynamodbError> {
    let mut seen = HashSet::new();
    if addresses.all(|(scope, address)| seen.insert((scope, &address.0))) {
        return Ok(());
    }
    Err(errors::validation("Transaction request cannot include multiple operations on one item"))
}

/// Where the item lies, if the change fits the table.
fn address(table: &Table, change: &Change<'_>) -> Result<Address, DynamodbError> {
    match change {
        Change::Put(item) => writing::check_item(table, &item.0)?,
        Change::Check(key) | Change::Delete(key) => table.key.check(key)?,
        Change::Update(key, update) => {
            table.key.check(key)?;
            updating::check(table, update)?;
        }
    }
    table.address(change.attributes())
}

/// Keys that are empty are errors of the request, not reasons to cancel it.
fn check_filled(table: &Table, change: &Change<'_>) -> Result<(), DynamodbError> {
    let attributes = change.attributes();
    table.key.check_filled(attributes)?;
    match change {
        Change::Put(item) => check_indexes_filled(table, &item.0),
        Change::Update(_, update) => updating::check_filled(table, update),
        Change::Check(_) | Change::Delete(_) => Ok(()),
    }
}

fn check_indexes_filled(table: &Table, item: &Attributes) -> Result<(), DynamodbError> {
    for index in &table.indexes {
        for attribute in index.key.attributes() {
            let kind = item.get(&attribute.name).and_then(value::empty_kind);
            if let Some(kind) = kind {
                return Err(errors::empty_index_key(kind, &index.name, &attribute.name));
            }
        }
    }
    Ok(())
}

impl Target {
    /// The item before and after a write whose condition holds.
    fn after(&self, tx: &ReadTx<'_>, write: &Write<'_>) -> Result<Outcome, DynamodbError> {
        let before: Option<Item> = tx.in_scope(&write.place.scope).get(&ITEMS, &self.address)?;
        write.guard.check(before.as_ref())?;
        let after = match &write.change {
            Change::Check(_) => before.clone(),
            Change::Delete(_) => None,
            Change::Put(item) => Some(item.clone()),
            Change::Update(key, update) => Some(updating::apply(&self.table, key, update, before.as_ref())?),
        };
        Ok((before, after))
    }
}

/// All items together, as they become, are no larger than AWS allows.
fn check_total(changes: &[Outcome]) -> Result<(), DynamodbError> {
    let total: usize = changes.iter().filter_map(|(_, after)| after.as_ref()).map(Item::size).sum();
    if total > limits::TRANSACTION { Err(errors::large_transaction()) } else { Ok(()) }
}
