//! Global indexes that come, change and go while a table lives.

use api_dynamodb::{
    AttributeDefinition, CreateGlobalSecondaryIndexAction, DynamodbError, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, UpdateGlobalSecondaryIndexAction,
};
use kernel::Timestamp;
use store::WriteTx;

use crate::schema::{self, Definitions};
use crate::table::{Filling, Index, TALLIES, Table, Tally, most, warm};
use crate::upkeep::leave_entries;
use crate::{errors, names, throughput};

/// Checks the changes of one request without regard to the table.
pub fn check(updates: &[GlobalSecondaryIndexUpdate]) -> Result<(), DynamodbError> {
    let mut seen = Vec::with_capacity(updates.len());
    let mut big = 0;
    for update in updates {
        let create = update.create.as_ref().map(|create| &create.index_name);
        let delete = update.delete.as_ref().map(|delete| &delete.index_name);
        let Some(name) = create.or(delete).or(update.update.as_ref().map(|update| &update.index_name)) else {
            return Err(errors::invalid(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                 GlobalSecondaryIndexUpdate.Delete must not be null",
            ));
        };
        if seen.contains(&name) {
            return Err(errors::invalid(format_args!(
                "Only one global secondary index update per index is allowed simultaneously. Index: {name}"
            )));
        }
        seen.push(name);
        big += usize::from(create.or(delete).is_some());
    }
    if big > 1 {
        return Err(DynamodbError::limit_exceeded_exception(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        ));
    }
    Ok(())
}

/// Adds an index, which is filled with the items that are there by and by.
pub fn create(
    table: &mut Table,
    create: &CreateGlobalSecondaryIndexAction,
    given: &[AttributeDefinition],
) -> Result<(), DynamodbError> {
    let name = &create.index_name;
    if !names::is_valid(name) {
        return Err(errors::invalid(format_args!("Invalid index name: {name}")));
    }
    if table.index(name).is_some() {
        return Err(errors::validation(format!(
            "Attempting to create an index which already exists, or is being created: {name}"
        )));
    }
    let definitions = definitions(table, given)?;
    let wanted = GlobalSecondaryIndex {
        index_name: name.clone(),
        key_schema: create.key_schema.clone(),
        projection: create.projection.clone(),
        provisioned_throughput: create.provisioned_throughput.clone(),
        on_demand_throughput: create.on_demand_throughput.clone(),
        warm_throughput: create.warm_throughput.clone(),
    };
    let index = schema::global_index(&wanted, &definitions, table.billing.on_demand)?;
    let index = Index { id: table.next_index, filling: Filling::UpTo(None), ..index };
    table.next_index += 1;
    table.definitions = definitions.0;
    table.indexes.push(index);
    schema::check_count(&table.indexes)?;
    schema::check_projected(&table.indexes)
}

/// The table's definitions and those of the request, which must agree.
fn definitions(table: &Table, given: &[AttributeDefinition]) -> Result<Definitions, DynamodbError> {
    let mut all = table.definitions.clone();
    for new in Definitions::new(given)?.0 {
        match all.iter().find(|old| old.name == new.name) {
            Some(old) if old.kind != new.kind => {
                let name = new.name;
                return Err(errors::invalid(format_args!(
                    "Attribute {name} is defined with another type already"
                )));
            }
            Some(_) => {}
            None => all.push(new),
        }
    }
    Ok(Definitions(all))
}

/// Removes an index with its entries.
pub fn delete(tx: &mut WriteTx<'_>, table: &mut Table, name: &str) -> Result<(), DynamodbError> {
    let at = find(table, name)?;
    let index = table.indexes.remove(at);
    leave_entries(tx, table, &index)?;
    let mut tally: Tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
    tally.counts.remove(&index.id);
    Ok(tx.put(&TALLIES, &table.number, &tally)?)
}

/// Changes an index's throughput.
pub fn update(
    table: &mut Table,
    update: &UpdateGlobalSecondaryIndexAction,
    now: Timestamp,
) -> Result<(), DynamodbError> {
    let at = find(table, &update.index_name)?;
    if let Some(units) = &update.provisioned_throughput {
        throughput::check_index(table.billing.on_demand, &update.index_name, Some(units))?;
        table.indexes[at].throughput.set(units, now);
    }
    if update.on_demand_throughput.is_some() {
        table.indexes[at].most = most(update.on_demand_throughput.as_ref());
    }
    if update.warm_throughput.is_some() {
        table.indexes[at].warm = warm(update.warm_throughput.as_ref());
    }
    Ok(())
}

/// Forgets the definitions of attributes that are no longer part of any key.
pub fn forget_unused(table: &mut Table) {
    let Table { definitions, key, indexes, .. } = table;
    definitions.retain(|definition| {
        key.has(&definition.name) || indexes.iter().any(|index| index.key.has(&definition.name))
    });
}

fn find(table: &Table, name: &str) -> Result<usize, DynamodbError> {
    let is_it = |index: &Index| index.is_global && index.name == name;
    table
        .indexes
        .iter()
        .position(is_it)
        .ok_or_else(|| DynamodbError::resource_not_found_exception("Requested resource not found"))
}
