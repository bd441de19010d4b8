//! Resource policies: which services may write to an account's groups, or to one of them.

use api_logs::{PolicyScope, ResourcePolicy};
use serde::{Deserialize, Serialize};
use store::Table;

/// Policies by name.
pub static RESOURCE_POLICIES: Table<String, Row> = Table::regional("logs.resource_policies");

/// Policies of single groups, by the group's name.
pub static GROUP_POLICIES: Table<String, GroupRow> = Table::regional("logs.group_resource_policies");

/// A policy of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupRow {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The document.
    pub document: String,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
    /// Changes with every change: who changes it says which one is known to them.
    pub revision: String,
}

impl GroupRow {
    /// The policy as callers see it.
    pub fn describe(self, resource_arn: String) -> ResourcePolicy {
        ResourcePolicy {
            policy_name: self.name,
            policy_document: Some(self.document),
            last_updated_time: Some(self.updated),
            policy_scope: Some(PolicyScope::Resource),
            resource_arn: Some(resource_arn),
            revision_id: Some(self.revision),
        }
    }
}

/// A policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The document.
    pub document: String,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
}

impl Row {
    /// The policy as callers see it.
    pub fn describe(self, name: String) -> ResourcePolicy {
        ResourcePolicy {
            policy_name: Some(name),
            policy_document: Some(self.document),
            last_updated_time: Some(self.updated),
            policy_scope: Some(PolicyScope::Account),
            ..ResourcePolicy::default()
        }
    }
}
