//! Writing items: the row, the entries of indexes, the counts, and what that consumes.

use api_dynamodb::{AttributeValue, DynamodbError, ItemCollectionMetrics, ReturnItemCollectionMetrics};
use kernel::Fault;
use store::WriteTx;

use crate::capacity::{self, Usage};
use crate::change::{self, Cause, Change};
use crate::item::{Attributes, ITEMS, Item};
use crate::key::{Address, end};
use crate::table::{Index, TALLIES, Table, Tally};
use crate::{errors, expiry, limits, replicas, value};

/// The address of an item's entry in an index, if the item has the index's key.
pub fn entry_address(table: &Table, index: &Index, item: &Attributes) -> Option<Address> {
    let is_typed =
        |name: &String, kind: crate::key::Scalar| item.get(name).is_some_and(|value| kind.fits(value));
    if !index.key.attributes().all(|attribute| is_typed(&attribute.name, attribute.kind)) {
        return None;
    }
    let mut address = index.key.address(table.number, index.id, item)?;
    if index.key.range.is_none() {
        end(&AttributeValue::Unknown, &mut address.0);
    }
    for attribute in table.key.attributes() {
        end(item.get(&attribute.name)?, &mut address.0);
    }
    Some(address)
}

/// Checks an item that is to be written: its size, its key and the keys of indexes.
pub fn check_item(table: &Table, item: &Attributes) -> Result<(), DynamodbError> {
    table.key.check_item(item)?;
    check_index_keys(table, item)
}

/// Attributes of an index's key may be absent, but not of another type or empty.
pub fn check_index_keys(table: &Table, item: &Attributes) -> Result<(), DynamodbError> {
    for index in &table.indexes {
        for attribute in index.key.attributes() {
            let Some(value) = item.get(&attribute.name) else { continue };
            let (name, index_name) = (&attribute.name, &index.name);
            if !attribute.kind.fits(value) {
                let (expected, actual) = (attribute.kind.as_str(), value::type_name(value));
                return Err(errors::index_key_type(name, expected, actual, index_name));
            }
            if let Some(kind) = value::empty_kind(value) {
                return Err(errors::empty_index_key(kind, index_name, name));
            }
            index.key.check_size(attribute, value)?;
        }
    }
    Ok(())
}

/// No item is larger than AWS allows.
pub fn check_size(item: &Attributes) -> Result<usize, DynamodbError> {
    let size = value::item_size(item);
    if size > limits::ITEM { Err(errors::large_item()) } else { Ok(size) }
}

/// Puts `after` in the place of `before` for a caller, in the table and its indexes.
pub fn replace(
    tx: &mut WriteTx<'_>,
    table: &Table,
    address: &Address,
    before: Option<&Item>,
    after: Option<&Item>,
) -> Result<Usage, Fault> {
    carry_out(tx, table, &Change { address, before, after, cause: Cause::Request })
}

/// Makes a change in the table and its indexes, with all that follows from it.
pub fn carry_out(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>) -> Result<Usage, Fault> {
    let Change { address, before, after, .. } = *change;
    let size = |item: Option<&Item>| item.map_or(0, Item::size);
    let (old, new) = (size(before), size(after));
    match after {
        Some(item) => tx.put(&ITEMS, address, item)?,
        None if before.is_some() => drop(tx.delete(&ITEMS, address)?),
        None => return Ok(Usage::of_table(capacity::write_units(0))),
    }
    let mut usage = Usage::of_table(capacity::write_units(old.max(new)));
    let mut changes = vec![(0, difference(before.map(|_| old), after.map(|_| new)))];
    for index in table.indexes.iter().filter(|index| index.filling.covers(address)) {
        let changed = replace_entry(tx, table, index, before, after, &mut usage)?;
        changes.push((index.id, changed));
    }
    let is_followed = table.is_followed() && before != after;
    let number = tally(tx, table, changes, is_followed)?;
    if is_followed {
        change::follow(tx, table, change, number)?;
    }
    expiry::follow(tx, table, change)?;
    replicas::spread(tx, table, change)?;
    Ok(usage)
}

fn replace_entry(
    tx: &mut WriteTx<'_>,
    table: &Table,
    index: &Index,
    before: Option<&Item>,
    after: Option<&Item>,
    usage: &mut Usage,
) -> Result<(i64, i64), Fault> {
    let entry = |item: Option<&Item>| {
        let item = &item?.0;
        Some((entry_address(table, index, item)?, Item(index.project(table, item))))
    };
    let (old, new) = (entry(before), entry(after));
    if old == new {
        return Ok((0, 0));
    }
    let (old_size, new_size) =
        (old.as_ref().map(|(_, item)| item.size()), new.as_ref().map(|(_, item)| item.size()));
    let moves = old.as_ref().zip(new.as_ref()).is_some_and(|(old, new)| old.0 != new.0);
    // An entry that moves is one write where it was and one where it comes to.
    let units = match (old_size, new_size) {
        (Some(old), Some(new)) if moves => capacity::write_units(old) + capacity::write_units(new),
        (old, new) => capacity::write_units(old.unwrap_or(0).max(new.unwrap_or(0))),
    };
    usage.add_index(index, units);
    if let Some((address, _)) = &old
        && (moves || new.is_none())
    {
        tx.delete(&ITEMS, address)?;
    }
    if let Some((address, item)) = &new {
        tx.put(&ITEMS, address, item)?;
    }
    Ok(difference(old_size, new_size))
}

/// How many items and bytes more there are.
fn difference(old: Option<usize>, new: Option<usize>) -> (i64, i64) {
    let bytes = |size: Option<usize>| i64::try_from(size.unwrap_or(0)).unwrap_or(i64::MAX);
    let items = i64::from(new.is_some()) - i64::from(old.is_some());
    (items, bytes(new) - bytes(old))
}

/// Adds to the counts of a table and its indexes, and numbers the change if somebody follows it.
pub fn tally(
    tx: &mut WriteTx<'_>,
    table: &Table,
    changes: impl IntoIterator<Item = (u16, (i64, i64))>,
    is_followed: bool,
) -> Result<u64, Fault> {
    let mut changes = changes.into_iter().filter(|(_, change)| *change != (0, 0)).peekable();
    if changes.peek().is_none() && !is_followed {
        return Ok(0);
    }
    let mut tally: Tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
    for (index, (items, bytes)) in changes {
        let count = tally.counts.entry(index).or_default();
        *count = (count.0 + items, count.1 + bytes);
    }
    tally.changes += u64::from(is_followed);
    tx.put(&TALLIES, &table.number, &tally)?;
    Ok(tally.changes)
}

/// The size of an item collection, which only tables with local indexes have.
pub fn metrics(
    table: &Table,
    key: &Attributes,
    wanted: Option<&ReturnItemCollectionMetrics>,
) -> Option<ItemCollectionMetrics> {
    if wanted != Some(&ReturnItemCollectionMetrics::Size) || table.indexes_of(false).next().is_none() {
        return None;
    }
    let hash = &table.key.hash.name;
    Some(ItemCollectionMetrics {
        item_collection_key: Some([(hash.clone(), key.get(hash)?.clone())].into_iter().collect()),
        size_estimate_range_gb: Some(vec![0.0, 1.0]),
    })
}
