//! `DeleteTable`: removes a table with all it holds.

use std::time::Duration;

use api_dynamodb::{
    DeleteTable, DeleteTableInput, DeleteTableOutput, DynamodbError, TableDescription, TableStatus,
};
use kernel::{Context, Handler, Scope};

use crate::description::describe;
use crate::table::{Status, TABLES, TALLIES, Table};
use crate::upkeep::remove_table;
use crate::{Dynamodb, errors, names};

/// How long DynamoDB keeps the backup it makes of a deleted table.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html>
const KEPT: Duration = Duration::from_hours(24 * 35);

impl Dynamodb {
    /// Backs up a table that can be restored to a point in time, before it is deleted.
    async fn back_up_last(&self, cx: &Context, scope: &Scope, name: &str) -> Result<(), DynamodbError> {
        let table = self.store.read(scope, |tx| Table::idle(tx, name))?;
        if table.recovery.is_some() && !table.deletion_protection {
            let backup = format!("{name}$DeletedTableBackup");
            self.back_up(cx, scope, table, backup, Some(cx.clock.now() + KEPT)).await?;
        }
        Ok(())
    }
}

impl Handler<DeleteTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteTableInput,
    ) -> Result<DeleteTableOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        self.back_up_last(cx, &scope, &name).await?;

        let (table, tally) = self
            .store
            .write(&scope, |tx| {
                let mut table = Table::idle(tx, &name)?;
                if table.deletion_protection {
                    let arn = names::table_arn(&scope, &name);
                    return Err(errors::validation(format!(
                        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
                         protection first. Resource: {arn}"
                    )));
                }
                let tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
                match self.end_of_state(cx) {
                    Some(until) => {
                        table.status = Status::Deleting(until);
                        tx.put(&TABLES, &name, &table)?;
                    }
                    None => remove_table(tx, table.clone())?,
                }
                Ok((table, tally))
            })
            .await?;
        self.tables_changed.notify_one();

        let description = describe(&scope, &table, &tally);
        Ok(DeleteTableOutput {
            table_description: Some(TableDescription {
                table_status: Some(TableStatus::Deleting),
                attribute_definitions: None,
                key_schema: None,
                warm_throughput: None,
                creation_date_time: None,
                ..description
            }),
        })
    }
}
