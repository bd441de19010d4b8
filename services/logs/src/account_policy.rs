//! Policies of a whole account in a region.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html>

use api_logs::{AccountPolicy, PolicyType, Scope as PolicyScope};
use kernel::{Fault, Scope};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

/// Policies by type and name.
pub static ACCOUNT_POLICIES: Table<(String, String), Row> = Table::regional("logs.account_policies");

/// The type of policies that mask.
pub const DATA_PROTECTION: &str = "DATA_PROTECTION_POLICY";
/// The type of policies that subscribe.
pub const SUBSCRIPTION: &str = "SUBSCRIPTION_FILTER_POLICY";
/// The type of policies that name fields to be found fast.
pub const FIELD_INDEX: &str = "FIELD_INDEX_POLICY";
/// The type of policies that transform.
pub const TRANSFORMER: &str = "TRANSFORMER_POLICY";

/// A policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The document.
    pub document: String,
    /// Which groups it is for; all, if nothing is said.
    pub selection: Option<String>,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
}

impl Row {
    /// The policy as callers see it.
    pub fn describe(self, scope: &Scope, kind: String, name: String) -> AccountPolicy {
        AccountPolicy {
            policy_name: Some(name),
            policy_document: Some(self.document),
            last_updated_time: Some(self.updated),
            policy_type: Some(PolicyType::from(kind.as_str())),
            scope: Some(PolicyScope::All),
            selection_criteria: self.selection,
            account_id: Some(scope.account.to_string()),
        }
    }

    /// Whether it is for a group: `LogGroupName NOT IN ["a", "b"]` leaves some out, `LogGroupNamePrefix IN ["a"]` names
    /// what they begin with.
    pub fn covers(&self, group: &str) -> bool {
        match self.selection.as_deref().map(Selection::parse) {
            None => true,
            Some(Some(Selection::NotIn(names))) => !names.iter().any(|name| name == group),
            Some(Some(Selection::Prefix(prefixes))) => {
                prefixes.iter().any(|prefix| group.starts_with(prefix))
            }
            Some(None) => false,
        }
    }
}

/// What an account's policies have to say of events that arrive in a group.
#[derive(Debug, Default)]
pub struct Policies {
    /// Documents of those that mask.
    pub protection: Vec<String>,
    /// Names of those that subscribe, and themselves.
    pub subscriptions: Vec<(String, Row)>,
    /// The document of the one that transforms.
    pub transformer: Option<String>,
}

impl Policies {
    /// Reads them all at once: every batch of events asks for them.
    pub fn of(tx: &ReadTx<'_>, group: &str) -> Result<Self, Fault> {
        let mut all = Self::default();
        for row in tx.range(&ACCOUNT_POLICIES, ..) {
            let ((kind, name), row) = row?;
            match kind.as_str() {
                DATA_PROTECTION => all.protection.push(row.document),
                SUBSCRIPTION if row.covers(group) => all.subscriptions.push((name, row)),
                TRANSFORMER if row.covers(group) => all.transformer = Some(row.document),
                _ => {}
            }
        }
        Ok(all)
    }
}

/// Which groups.
#[derive(Debug, PartialEq, Eq)]
pub enum Selection {
    /// All but these.
    NotIn(Vec<String>),
    /// Those that begin so.
    Prefix(Vec<String>),
}

impl Selection {
    /// Whether both could be for the same group.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Prefix(left), Self::Prefix(right)) => left
                .iter()
                .any(|left| right.iter().any(|right| left.starts_with(right) || right.starts_with(left))),
            _ => true,
        }
    }

    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let at = text.find('[')?;
        let names: Vec<String> = serde_json::from_str(text[at..].trim()).ok()?;
        let words: Vec<_> = text[..at].split_whitespace().collect();
        match words.as_slice() {
            ["LogGroupName", "NOT", "IN"] => Some(Self::NotIn(names)),
            ["LogGroupNamePrefix", "IN"] => Some(Self::Prefix(names)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections_leave_out_or_take_in() {
        let names = || vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(Selection::parse("LogGroupName NOT IN [\"a\", \"b\"]"), Some(Selection::NotIn(names())));
        assert_eq!(Selection::parse("LogGroupNamePrefix IN [\"a\",\"b\"]"), Some(Selection::Prefix(names())));
        assert_eq!(Selection::parse("LogGroupName = \"a\""), None);
    }
}
