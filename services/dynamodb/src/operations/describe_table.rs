//! `DescribeTable`: a table's settings and what it holds.

use api_dynamodb::{DescribeTable, DescribeTableInput, DescribeTableOutput, DynamodbError};
use kernel::{Context, Handler};

use crate::description::describe;
use crate::table::{TALLIES, Table};
use crate::{Dynamodb, names};

impl Handler<DescribeTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeTableInput,
    ) -> Result<DescribeTableOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (table, tally) = self.store.read(&scope, |tx| {
            let table = Table::find(tx, &name)?;
            let tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
            Ok::<_, DynamodbError>((table, tally))
        })?;

        Ok(DescribeTableOutput { table: Some(describe(&scope, &table, &tally)) })
    }
}
