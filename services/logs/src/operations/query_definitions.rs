//! `PutQueryDefinition`, `DescribeQueryDefinitions`, `DeleteQueryDefinition`.

use api_logs::{
    DeleteQueryDefinition, DeleteQueryDefinitionInput, DeleteQueryDefinitionOutput, DescribeQueryDefinitions,
    DescribeQueryDefinitionsInput, DescribeQueryDefinitionsOutput, LogsError, PutQueryDefinition,
    PutQueryDefinitionInput, PutQueryDefinitionOutput, QueryLanguage,
};
use kernel::{Context, Fault, Handler, page};

use crate::query_definition::{QUERY_DEFINITIONS, Row};
use crate::{Logs, errors, limits};

const LIST: &str = "logs.query_definitions";

impl Handler<PutQueryDefinition> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutQueryDefinitionInput,
    ) -> Result<PutQueryDefinitionOutput, LogsError> {
        if input.query_language.is_some_and(|language| language != QueryLanguage::Cwli) {
            return Err(errors::not_emulated("queries in SQL and PPL"));
        }
        if input.parameters.is_some_and(|parameters| !parameters.is_empty()) {
            return Err(errors::not_emulated("parameters of query definitions"));
        }
        let is_known = input.query_definition_id.is_some();
        let id = input.query_definition_id.unwrap_or_else(|| cx.ids.uuid());
        let row = Row {
            name: input.name,
            query: input.query_string,
            groups: input.log_group_names.unwrap_or_default(),
            modified: cx.clock.millis(),
        };

        self.store
            .write(&cx.scope, |tx| {
                if is_known && !tx.contains(&QUERY_DEFINITIONS, &id)? {
                    return Err(errors::no_such_query_definition());
                }
                Ok(tx.put(&QUERY_DEFINITIONS, &id, &row)?)
            })
            .await?;

        Ok(PutQueryDefinitionOutput { query_definition_id: Some(id) })
    }
}

impl Handler<DescribeQueryDefinitions> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeQueryDefinitionsInput,
    ) -> Result<DescribeQueryDefinitionsOutput, LogsError> {
        let most = limits::page(input.max_results, limits::PAGE_DEFINITIONS);
        let prefix = input.query_definition_name_prefix.unwrap_or_default();
        let after = super::pair_after(LIST, input.next_token)?;

        let mut rows: Vec<(String, Row)> = self
            .store
            .read(&cx.scope, |tx| tx.range(&QUERY_DEFINITIONS, ..).collect::<Result<_, Fault>>())?;
        rows.retain(|(_, row)| row.name.starts_with(&prefix));
        rows.sort_by(|(left_id, left), (right_id, right)| {
            (&left.name, left_id).cmp(&(&right.name, right_id))
        });
        if let Some((name, id)) = after {
            rows.retain(|(row_id, row)| (&row.name, row_id) > (&name, &id));
        }

        let key = |(id, row): &(String, Row)| super::pair_key(&(row.name.clone(), id.clone()));
        let page = page::cut(rows, most, LIST, key);
        let definitions = page.items.into_iter().map(|(id, row)| row.describe(id));
        Ok(DescribeQueryDefinitionsOutput {
            query_definitions: Some(definitions.collect()),
            next_token: page.next,
        })
    }
}

impl Handler<DeleteQueryDefinition> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteQueryDefinitionInput,
    ) -> Result<DeleteQueryDefinitionOutput, LogsError> {
        self.store
            .write(&cx.scope, |tx| {
                let is_gone = tx.delete(&QUERY_DEFINITIONS, &input.query_definition_id)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_query_definition()) }
            })
            .await?;
        Ok(DeleteQueryDefinitionOutput { success: Some(true) })
    }
}
