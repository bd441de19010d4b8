//! `UpdateContributorInsights`, `DescribeContributorInsights`, `ListContributorInsights`.

use api_dynamodb::{
    ContributorInsightsAction, ContributorInsightsMode, ContributorInsightsStatus,
    ContributorInsightsSummary, DescribeContributorInsights, DescribeContributorInsightsInput,
    DescribeContributorInsightsOutput, DynamodbError, ListContributorInsights, ListContributorInsightsInput,
    ListContributorInsightsOutput, UpdateContributorInsights, UpdateContributorInsightsInput,
    UpdateContributorInsightsOutput,
};
use kernel::{Context, Fault, Handler};

use crate::insights::Insights;
use crate::table::{TABLES, Table};
use crate::{Dynamodb, errors, names};

/// The most lines of a page.
const PAGE: usize = 100;

impl Handler<UpdateContributorInsights> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateContributorInsightsInput,
    ) -> Result<UpdateContributorInsightsOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let is_on = input.contributor_insights_action == ContributorInsightsAction::Enable;
        let changed = cx.clock.now();

        let mode = self
            .store
            .write(&scope, |tx| {
                let mut table = Table::find(tx, &name)?;
                table.key_of(input.index_name.as_ref())?;
                let old = table.insights(input.index_name.as_ref()).map(|old| old.mode.clone());
                let mode = input.contributor_insights_mode.clone().or(old);
                let mode = mode.unwrap_or(ContributorInsightsMode::AccessedAndThrottledKeys);
                let index = input.index_name.clone();
                table.set_insights(Insights { index, is_on, mode: mode.clone(), changed })?;
                tx.put(&TABLES, &name, &table)?;
                Ok::<_, DynamodbError>(mode)
            })
            .await?;

        Ok(UpdateContributorInsightsOutput {
            table_name: Some(name),
            index_name: input.index_name,
            contributor_insights_status: Some(if is_on {
                ContributorInsightsStatus::Enabling
            } else {
                ContributorInsightsStatus::Disabling
            }),
            contributor_insights_mode: Some(mode),
        })
    }
}

impl Handler<DescribeContributorInsights> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeContributorInsightsInput,
    ) -> Result<DescribeContributorInsightsOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let table = self.store.read(&scope, |tx| Table::find(tx, &name))?;

        let key = table.key_of(input.index_name.as_ref())?;
        let insights = table.insights(input.index_name.as_ref());
        let rules = insights.filter(|insights| insights.is_on).map(|insights| insights.rules(&table, key));
        Ok(DescribeContributorInsightsOutput {
            table_name: Some(name),
            index_name: input.index_name,
            contributor_insights_rule_list: rules,
            contributor_insights_status: Some(
                insights.map_or(ContributorInsightsStatus::Disabled, Insights::status),
            ),
            last_update_date_time: insights.map(|insights| insights.changed),
            contributor_insights_mode: insights.map(|insights| insights.mode.clone()),
            failure_exception: None,
        })
    }
}

impl Handler<ListContributorInsights> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListContributorInsightsInput,
    ) -> Result<ListContributorInsightsOutput, DynamodbError> {
        let most = input.max_results.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
        let most = most.unwrap_or(PAGE).min(PAGE);
        let skipped = match &input.next_token {
            Some(token) => token.parse().map_err(|_| errors::validation("Invalid NextToken"))?,
            None => 0,
        };
        let (scope, only) = match &input.table_name {
            Some(name) => names::locate(cx, name).map(|(scope, name)| (scope, Some(name)))?,
            None => (cx.scope.clone(), None),
        };

        let all: Vec<ContributorInsightsSummary> = self.store.read(&scope, |tx| {
            let tables: Vec<Table> = match &only {
                Some(name) => vec![Table::find(tx, name)?],
                None => tx
                    .range(&TABLES, ..)
                    .map(|row| row.map(|(_, table)| table))
                    .collect::<Result<_, Fault>>()?,
            };
            let lines = tables.iter().flat_map(|table| table.insights.iter().map(|one| one.summary(table)));
            Ok::<_, DynamodbError>(lines.collect())
        })?;

        let end = skipped + most;
        let next_token = (all.len() > end).then(|| end.to_string());
        let page = all.into_iter().skip(skipped).take(most).collect();
        Ok(ListContributorInsightsOutput { contributor_insights_summaries: Some(page), next_token })
    }
}
