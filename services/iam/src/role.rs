//! A role.

use api_iam::{IamError, Role, Tag};
use kernel::{Map, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::{document, errors, names};

/// Roles by name.
pub static ROLES: Table<String, RoleRow> = Table::account("iam.roles");

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RoleRow {
    /// Its unique id.
    pub id: String,
    /// Its path, with a slash at either end.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Who may assume it.
    pub trust: String,
    /// What it is for.
    pub description: Option<String>,
    /// Seconds a session may last.
    pub session: i32,
    /// Its tags.
    pub tags: Map<String, String>,
    /// Its inline policies, by name.
    pub policies: std::collections::BTreeMap<String, String>,
    /// The ARNs of its managed policies.
    pub attached: Vec<String>,
}

impl RoleRow {
    /// The role of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Self, IamError> {
        tx.get(&ROLES, name)?.ok_or_else(|| errors::not_found("role", name))
    }

    /// The role as callers see it; lists leave out the tags.
    pub fn describe(self, scope: &Scope, name: String, in_list: bool) -> Role {
        Role {
            arn: names::arn(scope, "role", &self.path, &name),
            role_name: name,
            path: self.path,
            role_id: self.id,
            create_date: self.created,
            assume_role_policy_document: Some(document::encoded(&self.trust)),
            description: self.description,
            max_session_duration: Some(self.session),
            tags: tags(self.tags).filter(|_| !in_list),
            role_last_used: (!in_list).then(Default::default),
            ..Role::default()
        }
    }
}

/// Tags as callers see them; nothing where there are none.
pub fn tags(tags: Map<String, String>) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| tags.into_iter().map(|(key, value)| Tag { key, value }).collect())
}

/// Tags as callers set them.
pub fn tag_map(tags: Option<Vec<Tag>>) -> Map<String, String> {
    tags.into_iter().flatten().map(|tag| (tag.key, tag.value)).collect()
}
