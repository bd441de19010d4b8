//! `GetQueryResults`, `StopQuery`, `DescribeQueries`, `ListLogGroupsForQuery`.

use api_logs::{
    DescribeQueries, DescribeQueriesInput, DescribeQueriesOutput, GetQueryResults, GetQueryResultsInput,
    GetQueryResultsOutput, ListLogGroupsForQuery, ListLogGroupsForQueryInput, ListLogGroupsForQueryOutput,
    LogsError, QueryLanguage, QueryStatus, ResultField, StopQuery, StopQueryInput, StopQueryOutput,
};
use kernel::{Context, Fault, Handler, page};

use crate::query::{QUERIES, RESULTS, Results, Row};
use crate::{Logs, errors, limits, names};

const LIST: &str = "logs.queries";
const RESULT: &str = "logs.query_results";
const GROUPS: &str = "logs.query_groups";

impl Logs {
    fn query(&self, cx: &Context, id: &str) -> Result<Row, LogsError> {
        let row = self.store.read(&cx.scope, |tx| tx.get(&QUERIES, id))?;
        row.ok_or_else(|| errors::no_such_query(id))
    }
}

impl Handler<GetQueryResults> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetQueryResultsInput,
    ) -> Result<GetQueryResultsOutput, LogsError> {
        let id = input.query_id.as_str();
        let most = limits::page(input.max_items, limits::QUERY_RESULTS);
        let after = super::after(RESULT, input.next_token)?;
        let skipped: usize = match after {
            Some(key) => key.parse().map_err(|_| errors::invalid_token())?,
            None => 0,
        };
        let row = self.query(cx, id)?;
        let results: Option<Results> = self.store.read(&cx.scope, |tx| tx.get(&RESULTS, id))?;
        let results = results.ok_or_else(|| errors::no_such_query(id))?;

        let statistics = results.statistics(row.groups.len());
        let end = skipped.saturating_add(most);
        let next = (end < results.rows.len()).then(|| page::token(RESULT, &end.to_string()));
        let field = |(field, value)| ResultField { field: Some(field), value: Some(value) };
        let rows = results.rows.into_iter().skip(skipped).take(most);
        Ok(GetQueryResultsOutput {
            query_language: Some(QueryLanguage::Cwli),
            results: Some(rows.map(|row| row.into_iter().map(field).collect()).collect()),
            statistics: Some(statistics),
            status: Some(QueryStatus::Complete),
            encryption_key: None,
            next_token: next,
        })
    }
}

impl Handler<StopQuery> for Logs {
    async fn handle(&self, cx: &Context, input: StopQueryInput) -> Result<StopQueryOutput, LogsError> {
        self.query(cx, &input.query_id)?;
        // It has ended already.
        Ok(StopQueryOutput { success: Some(false) })
    }
}

impl Handler<DescribeQueries> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeQueriesInput,
    ) -> Result<DescribeQueriesOutput, LogsError> {
        let most = limits::page(input.max_results, limits::PAGE_DEFINITIONS);
        let after = super::pair_after(LIST, input.next_token)?;
        let mut rows: Vec<(String, Row)> =
            self.store.read(&cx.scope, |tx| tx.range(&QUERIES, ..).collect::<Result<_, Fault>>())?;

        rows.retain(|(_, row)| {
            input.log_group_name.as_ref().is_none_or(|group| row.groups.contains(group))
                && input.status.as_ref().is_none_or(|status| *status == QueryStatus::Complete)
                && input.query_language.as_ref().is_none_or(|language| *language == QueryLanguage::Cwli)
        });
        // The newest first.
        let key = |(id, row): &(String, Row)| (format!("{:020}", i64::MAX - row.created), id.clone());
        rows.sort_by_key(key);
        if let Some(after) = after {
            rows.retain(|row| key(row) > after);
        }

        let page = page::cut(rows, most, LIST, |row| super::pair_key(&key(row)));
        let queries = page.items.into_iter().map(|(id, row)| row.describe(id));
        Ok(DescribeQueriesOutput { queries: Some(queries.collect()), next_token: page.next })
    }
}

impl Handler<ListLogGroupsForQuery> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListLogGroupsForQueryInput,
    ) -> Result<ListLogGroupsForQueryOutput, LogsError> {
        let most = limits::page(input.max_results, limits::PAGE_DEFINITIONS);
        let after = super::after(GROUPS, input.next_token)?;
        let mut groups = self.query(cx, &input.query_id)?.groups;
        groups.sort();
        if let Some(after) = after {
            groups.retain(|group| *group > after);
        }
        let page = page::cut(groups, most, GROUPS, Clone::clone);
        let arns = page.items.iter().map(|group| names::group_arn(&cx.scope, group));
        Ok(ListLogGroupsForQueryOutput { log_group_identifiers: Some(arns.collect()), next_token: page.next })
    }
}
