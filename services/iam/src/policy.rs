//! A managed policy of the account.

use api_iam::Policy;
use kernel::{Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;

use crate::role;

/// Policies by ARN.
pub static POLICIES: Table<String, PolicyRow> = Table::account("iam.policies");

/// A managed policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyRow {
    /// Its unique id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its path, with a slash at either end.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// What it allows.
    pub document: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Map<String, String>,
}

impl PolicyRow {
    /// The policy as callers see it.
    pub fn describe(self, arn: String, attachments: usize) -> Policy {
        Policy {
            policy_name: Some(self.name),
            policy_id: Some(self.id),
            arn: Some(arn),
            path: Some(self.path),
            default_version_id: Some("v1".to_owned()),
            attachment_count: i32::try_from(attachments).ok(),
            permissions_boundary_usage_count: Some(0),
            is_attachable: Some(true),
            description: self.description,
            create_date: Some(self.created),
            update_date: Some(self.created),
            tags: role::tags(self.tags),
        }
    }
}
