//! Updating items: what an update may not touch, and what it makes of an item.

use api_dynamodb::DynamodbError;

use crate::expression::Update;
use crate::item::{Attributes, Item};
use crate::scalars::Scalars;
use crate::table::Table;
use crate::{errors, limits, value};

/// Checks an update by itself: the key stays, and what it sets keys of indexes to has their types.
pub fn check(table: &Table, update: &Update<'_>) -> Result<(), DynamodbError> {
    check_paths(table, update)?;
    for index in &table.indexes {
        for attribute in index.key.attributes() {
            let Some(actual) = update.type_set(&attribute.name) else { continue };
            let (expected, name, index) = (attribute.kind.as_str(), &attribute.name, &index.name);
            if actual != expected {
                return Err(errors::index_key_type(name, expected, actual, index));
            }
        }
    }
    check_filled(table, update)
}

/// The key cannot be changed.
fn check_paths(table: &Table, update: &Update<'_>) -> Result<(), DynamodbError> {
    let mut scalars = Scalars::of(table);
    update.all_paths(&mut |path| scalars.see(path));
    scalars.check()?;
    match update.paths().find(|path| table.key.has(path.head)) {
        Some(path) => Err(errors::invalid(format_args!(
            "Cannot update attribute {}. This attribute is part of the key",
            path.head
        ))),
        None => Ok(()),
    }
}

/// No key of an index is set to nothing.
pub fn check_filled(table: &Table, update: &Update<'_>) -> Result<(), DynamodbError> {
    for index in &table.indexes {
        for attribute in index.key.attributes() {
            if let Some(kind) = update.value_set(&attribute.name).and_then(value::empty_kind) {
                return Err(errors::empty_index_update(kind));
            }
        }
    }
    Ok(())
}

/// The item after an update.
pub fn apply(
    table: &Table,
    key: &Attributes,
    update: &Update<'_>,
    before: Option<&Item>,
) -> Result<Item, DynamodbError> {
    let before = before.map_or(key, |item| &item.0);
    let item = Item(update.apply(before).map_err(errors::validation)?);
    value::check_depth(&item.0).map_err(errors::validation)?;
    check_index_keys(table, &item.0)?;
    if item.size() > limits::ITEM {
        return Err(errors::large_update());
    }
    Ok(item)
}

/// Keys of indexes that were computed: an update words them otherwise than a put.
fn check_index_keys(table: &Table, item: &Attributes) -> Result<(), DynamodbError> {
    for index in &table.indexes {
        for attribute in index.key.attributes() {
            let Some(value) = item.get(&attribute.name) else { continue };
            if !attribute.kind.fits(value) {
                let message =
                    "The update expression attempted to update the secondary index key to unsupported type";
                return Err(errors::validation(message));
            }
            if let Some(kind) = value::empty_kind(value) {
                return Err(errors::empty_index_update(kind));
            }
            if index.key.check_size(attribute, value).is_err() {
                return Err(errors::validation(
                    "The update expression attempted to update the secondary index key beyond allowed size limits",
                ));
            }
        }
    }
    Ok(())
}
