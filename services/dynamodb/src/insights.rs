//! Contributor insights: which keys of a table are used most.
//!
//! DynamoDB makes rules of CloudWatch for them; their names are told here.

use api_dynamodb::{
    ContributorInsightsMode, ContributorInsightsStatus, ContributorInsightsSummary, DynamodbError,
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::errors;
use crate::key::KeySchema;
use crate::table::Table;

/// Insights of a table or of one of its indexes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insights {
    /// The index, if they are not of the table itself.
    pub index: Option<String>,
    /// Whether they are on, or were once.
    pub is_on: bool,
    /// Which keys they tell of.
    pub mode: ContributorInsightsMode,
    /// When they were last switched.
    pub changed: Timestamp,
}

impl Insights {
    /// Their state.
    pub fn status(&self) -> ContributorInsightsStatus {
        if self.is_on { ContributorInsightsStatus::Enabled } else { ContributorInsightsStatus::Disabled }
    }

    /// The names of the rules.
    ///
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html>
    pub fn rules(&self, table: &Table, key: &KeySchema) -> Vec<String> {
        let resource = match &self.index {
            Some(index) => format!("{}-{index}", table.name),
            None => table.name.clone(),
        };
        let stamp = self.changed.as_millisecond();
        let is_accessed = self.mode == ContributorInsightsMode::AccessedAndThrottledKeys;
        let kinds = [
            ("PKC", is_accessed, true),
            ("SKC", is_accessed, false),
            ("PKT", true, true),
            ("SKT", true, false),
        ];
        let wanted =
            kinds.iter().filter(|(_, is_wanted, is_hash)| *is_wanted && (*is_hash || key.range.is_some()));
        wanted.map(|(kind, ..)| format!("DynamoDBContributorInsights-{kind}-{resource}-{stamp}")).collect()
    }

    /// A line of the list.
    pub fn summary(&self, table: &Table) -> ContributorInsightsSummary {
        ContributorInsightsSummary {
            table_name: Some(table.name.clone()),
            index_name: self.index.clone(),
            contributor_insights_status: Some(self.status()),
            contributor_insights_mode: Some(self.mode.clone()),
        }
    }
}

impl Table {
    /// The key of the table, or of the index of that name.
    pub fn key_of(&self, index: Option<&String>) -> Result<&KeySchema, DynamodbError> {
        let Some(name) = index else { return Ok(&self.key) };
        let found = self.index(name).filter(|index| index.is_global).map(|index| &index.key);
        found.ok_or_else(|| {
            DynamodbError::resource_not_found_exception(format!(
                "Requested resource not found: Table: {} with Index: {name} not found",
                self.name
            ))
        })
    }

    /// The insights of the table, or of the index of that name.
    pub fn insights(&self, index: Option<&String>) -> Option<&Insights> {
        self.insights.iter().find(|insights| insights.index.as_ref() == index)
    }

    /// Switches insights; they keep their mode unless another is named.
    pub fn set_insights(&mut self, new: Insights) -> Result<(), DynamodbError> {
        let old = self.insights(new.index.as_ref());
        if !new.is_on && !old.is_some_and(|old| old.is_on) {
            return Err(errors::validation("ContributorInsights is already disabled"));
        }
        self.insights.retain(|insights| insights.index != new.index);
        self.insights.push(new);
        Ok(())
    }
}
