//! Resource policies: which services may write to an account's groups.

use api_logs::{PolicyScope, ResourcePolicy};
use serde::{Deserialize, Serialize};
use store::Table;

/// Policies by name.
pub static RESOURCE_POLICIES: Table<String, Row> = Table::regional("logs.resource_policies");

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
