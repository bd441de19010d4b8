//! `DescribeTable`: a table's settings and what it holds.

use api_dynamodb::{DescribeTable, DescribeTableInput, DescribeTableOutput, DynamodbError, TableStatus};
use kernel::{Context, Handler};

use crate::description::describe;
use crate::table::{COUNTS, Table};
use crate::{Dynamodb, names};

impl Handler<DescribeTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeTableInput,
    ) -> Result<DescribeTableOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (table, counts) = self.store.read(&scope, |tx| {
            let table = Table::find(tx, &name)?;
            Ok::<_, DynamodbError>((table, tx.get(&COUNTS, &name)?.unwrap_or_default()))
        })?;

        Ok(DescribeTableOutput { table: Some(describe(&scope, &table, &counts, TableStatus::Active)) })
    }
}
