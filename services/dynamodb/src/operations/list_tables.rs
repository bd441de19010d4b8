//! `ListTables`: the names of tables, in their order.

use std::ops::Bound;

use api_dynamodb::{DynamodbError, ListTables, ListTablesInput, ListTablesOutput};
use kernel::{Context, Fault, Handler};

use crate::table::TABLES;
use crate::{Dynamodb, limits};

impl Handler<ListTables> for Dynamodb {
    async fn handle(&self, cx: &Context, input: ListTablesInput) -> Result<ListTablesOutput, DynamodbError> {
        let limit = usize::try_from(input.limit.unwrap_or(limits::TABLES)).unwrap_or_default();
        let after = input.exclusive_start_table_name.map_or(Bound::Unbounded, Bound::Excluded);

        let mut names: Vec<String> = self.store.read(&cx.scope, |tx| {
            let tables = tx.range(&TABLES, (after, Bound::Unbounded));
            tables.keys().take(limit + 1).collect::<Result<_, Fault>>()
        })?;

        let has_more = names.len() > limit;
        names.truncate(limit);
        let last = names.last().filter(|_| has_more).cloned();
        Ok(ListTablesOutput { table_names: Some(names), last_evaluated_table_name: last })
    }
}
