//! A user.

use api_iam::{IamError, User};
use kernel::{Map, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::{errors, names, role};

/// Users by name.
pub static USERS: Table<String, UserRow> = Table::account("iam.users");

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRow {
    /// Its unique id.
    pub id: String,
    /// Its path, with a slash at either end.
    pub path: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Map<String, String>,
}

impl UserRow {
    /// The user of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Self, IamError> {
        tx.get(&USERS, name)?.ok_or_else(|| errors::not_found("user", name))
    }

    /// The user as callers see it; lists leave out the tags.
    pub fn describe(self, scope: &Scope, name: String, in_list: bool) -> User {
        User {
            arn: names::arn(scope, "user", &self.path, &name),
            user_name: name,
            path: self.path,
            user_id: self.id,
            create_date: self.created,
            tags: role::tags(self.tags).filter(|_| !in_list),
            ..User::default()
        }
    }
}
