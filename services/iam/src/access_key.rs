//! Access keys: given out to users, found by whoever checks a signature.

use kernel::service::{AccessKey, AccessKeys};
use kernel::{AccountId, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::user::USERS;
use crate::{Iam, names};

/// Keys by id, which is unique across accounts.
pub static KEYS: Table<String, KeyRow> = Table::global("iam.access_keys");
/// The keys of each user.
pub static KEYS_OF_USERS: Table<(String, String), ()> = Table::account("iam.access_keys_of_users");

/// An access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyRow {
    /// Whose account it is.
    pub account: AccountId,
    /// Whose key it is.
    pub user: String,
    /// What signs.
    pub secret: String,
    /// When it was made.
    pub created: Timestamp,
}

/// The ids of a user's keys.
pub fn of_user(tx: &ReadTx<'_>, user: &str) -> Result<Vec<String>, Fault> {
    tx.prefix(&KEYS_OF_USERS, &(user,)).keys().map(|key| key.map(|(_, id)| id)).collect()
}

impl AccessKeys for Iam {
    fn find(&self, id: &str) -> Result<Option<AccessKey>, Fault> {
        self.store.read(&Scope::default(), |tx| {
            let Some(key) = tx.get(&KEYS, id)? else { return Ok(None) };
            let scope = Scope { account: key.account.clone(), ..Scope::default() };
            let Some(user) = tx.in_scope(&scope).get(&USERS, &key.user)? else { return Ok(None) };
            Ok(Some(AccessKey {
                secret: key.secret,
                account: key.account,
                session_token: None,
                expires: None,
                arn: names::arn(&scope, "user", &user.path, &key.user),
                user_id: user.id,
            }))
        })
    }
}
