//! `CreateUser`, `GetUser`, `ListUsers`, `DeleteUser`.

use api_iam::{
    CreateUser, CreateUserInput, CreateUserOutput, DeleteUser, DeleteUserInput, DeleteUserOutput, GetUser,
    GetUserInput, GetUserOutput, IamError, ListUsers, ListUsersInput, ListUsersOutput, User,
};
use kernel::{Arn, Context, Fault, Handler};

use crate::access_key::{self, KEYS};
use crate::user::{USERS, UserRow};
use crate::{Iam, errors, names, page, role};

const LIST: &str = "iam.users";

impl Handler<CreateUser> for Iam {
    async fn handle(&self, cx: &Context, input: CreateUserInput) -> Result<CreateUserOutput, IamError> {
        if input.permissions_boundary.is_some() {
            return Err(errors::not_emulated("permissions boundaries"));
        }
        let name = input.user_name;
        let row = UserRow {
            id: names::unique_id(cx, "AIDA"),
            path: input.path.unwrap_or_else(|| "/".to_owned()),
            created: cx.clock.now_in_seconds(),
            tags: role::tag_map(input.tags),
        };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&USERS, &name)? {
                    return Err(errors::exists("User", &name));
                }
                Ok(tx.put(&USERS, &name, &row)?)
            })
            .await?;

        Ok(CreateUserOutput { user: Some(row.describe(&cx.scope, name, false)) })
    }
}

impl Handler<GetUser> for Iam {
    async fn handle(&self, cx: &Context, input: GetUserInput) -> Result<GetUserOutput, IamError> {
        self.store.read(&cx.scope, |tx| {
            let name = match input.user_name {
                Some(name) => name,
                // Without a name it is the caller: the owner of the key, or the account's root.
                None => match tx.get(&KEYS, &cx.caller.access_key)? {
                    Some(key) => key.user,
                    None => return Ok(GetUserOutput { user: root(cx) }),
                },
            };
            let row = UserRow::get(tx, &name)?;
            Ok(GetUserOutput { user: row.describe(&cx.scope, name, false) })
        })
    }
}

fn root(cx: &Context) -> User {
    User {
        path: "/".to_owned(),
        user_name: "root".to_owned(),
        user_id: cx.scope.account.to_string(),
        arn: Arn::global("iam", &cx.scope, "root").to_string(),
        ..User::default()
    }
}

impl Handler<ListUsers> for Iam {
    async fn handle(&self, cx: &Context, input: ListUsersInput) -> Result<ListUsersOutput, IamError> {
        let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());

        let mut rows: Vec<(String, UserRow)> =
            self.store.read(&cx.scope, |tx| tx.range(&USERS, ..).collect::<Result<_, Fault>>())?;
        rows.retain(|(_, row)| row.path.starts_with(&prefix));

        let page = page::list(rows, LIST, input.marker.as_deref(), input.max_items)?;
        let users = page.items.into_iter().map(|(name, row)| row.describe(&cx.scope, name, true)).collect();
        Ok(ListUsersOutput { users, is_truncated: page.is_truncated, marker: page.marker })
    }
}

impl Handler<DeleteUser> for Iam {
    async fn handle(&self, cx: &Context, input: DeleteUserInput) -> Result<DeleteUserOutput, IamError> {
        self.store
            .write(&cx.scope, |tx| {
                UserRow::get(tx, &input.user_name)?;
                if !access_key::of_user(tx, &input.user_name)?.is_empty() {
                    return Err(errors::conflict("Cannot delete entity, must delete access keys first."));
                }
                tx.delete(&USERS, &input.user_name)?;
                Ok(())
            })
            .await?;

        Ok(DeleteUserOutput {})
    }
}
