//! `DeleteTable`: removes a table with all it holds.

use std::ops::Bound;

use api_dynamodb::{DeleteTable, DeleteTableInput, DeleteTableOutput, DynamodbError, TableStatus};
use kernel::{Context, Fault, Handler};
use store::{KeyRef, WriteTx};

use crate::description::describe;
use crate::item::ITEMS;
use crate::key::Address;
use crate::reading::after_prefix;
use crate::table::{COUNTS, TABLES, TAGS, Table};
use crate::{Dynamodb, errors, names};

impl Handler<DeleteTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteTableInput,
    ) -> Result<DeleteTableOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (table, counts) = self
            .store
            .write(&scope, |tx| {
                let table = Table::find(tx, &name)?;
                if table.deletion_protection {
                    let arn = names::table_arn(&scope, &name);
                    return Err(errors::validation(format!(
                        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
                         protection first. Resource: {arn}"
                    )));
                }
                let counts = tx.get(&COUNTS, &name)?.unwrap_or_default();
                let mut place = Vec::new();
                name.encode(&mut place);
                remove_rows(tx, place)?;
                tx.delete(&COUNTS, &name)?;
                tx.delete(&TAGS, &name)?;
                tx.delete(&TABLES, &name)?;
                Ok((table, counts))
            })
            .await?;

        let description = describe(&scope, &table, &counts, TableStatus::Deleting);
        Ok(DeleteTableOutput {
            table_description: Some(api_dynamodb::TableDescription {
                attribute_definitions: None,
                key_schema: None,
                warm_throughput: None,
                creation_date_time: None,
                ..description
            }),
        })
    }
}

/// Removes all rows whose addresses begin so.
pub fn remove_rows(tx: &mut WriteTx<'_>, place: Vec<u8>) -> Result<(), Fault> {
    let end = Bound::Excluded(Address(after_prefix(place.clone())));
    let range = (Bound::Included(Address(place)), end);
    let addresses: Vec<Address> = tx.range(&ITEMS, range).keys().collect::<Result<_, _>>()?;
    for address in &addresses {
        tx.delete(&ITEMS, address)?;
    }
    Ok(())
}
