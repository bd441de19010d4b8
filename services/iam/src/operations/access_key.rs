//! `CreateAccessKey`, `ListAccessKeys`, `DeleteAccessKey`.

use api_iam::{
    AccessKey, AccessKeyMetadata, CreateAccessKey, CreateAccessKeyInput, CreateAccessKeyOutput,
    DeleteAccessKey, DeleteAccessKeyInput, DeleteAccessKeyOutput, IamError, ListAccessKeys,
    ListAccessKeysInput, ListAccessKeysOutput, StatusType,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::access_key::{self, KEYS, KEYS_OF_USERS, KeyRow};
use crate::user::UserRow;
use crate::{Iam, errors, limits, page};

const LIST: &str = "iam.access_keys";

impl Handler<CreateAccessKey> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateAccessKeyInput,
    ) -> Result<CreateAccessKeyOutput, IamError> {
        let id = format!("AKIA{}", cx.ids.base32_upper(16));
        let secret = cx.ids.base62(40);

        let row = self
            .store
            .write(&cx.scope, |tx| {
                let user = user(tx, cx, input.user_name.as_deref())?;
                UserRow::get(tx, &user)?;
                if access_key::of_user(tx, &user)?.len() >= limits::ACCESS_KEYS {
                    return Err(errors::too_many_keys(limits::ACCESS_KEYS));
                }
                let (account, created) = (cx.scope.account.clone(), cx.clock.now_in_seconds());
                let row = KeyRow { account, user, secret: secret.clone(), created };
                tx.put(&KEYS, &id, &row)?;
                tx.put(&KEYS_OF_USERS, &(row.user.as_str(), id.as_str()), &())?;
                Ok(row)
            })
            .await?;

        let access_key = AccessKey {
            user_name: row.user,
            access_key_id: id,
            status: StatusType::Active,
            secret_access_key: row.secret,
            create_date: Some(row.created),
        };
        Ok(CreateAccessKeyOutput { access_key })
    }
}

/// The user named, or the one who calls.
fn user(tx: &ReadTx<'_>, cx: &Context, name: Option<&str>) -> Result<String, IamError> {
    if let Some(name) = name {
        return Ok(name.to_owned());
    }
    let key = tx.get(&KEYS, &cx.caller.access_key)?;
    key.map(|key| key.user).ok_or_else(|| errors::not_emulated("access keys of an account's root"))
}

impl Handler<ListAccessKeys> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: ListAccessKeysInput,
    ) -> Result<ListAccessKeysOutput, IamError> {
        let rows = self.store.read(&cx.scope, |tx| {
            let user = user(tx, cx, input.user_name.as_deref())?;
            UserRow::get(tx, &user)?;
            let mut rows = Vec::new();
            for id in access_key::of_user(tx, &user)? {
                rows.extend(tx.get(&KEYS, &id)?.map(|row| (id, row)));
            }
            Ok::<_, IamError>(rows)
        })?;

        let page = page::list(rows, LIST, input.marker.as_deref(), input.max_items)?;
        let keys = page.items.into_iter().map(|(id, row)| AccessKeyMetadata {
            user_name: Some(row.user),
            access_key_id: Some(id),
            status: Some(StatusType::Active),
            create_date: Some(row.created),
        });
        Ok(ListAccessKeysOutput {
            access_key_metadata: keys.collect(),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }
}

impl Handler<DeleteAccessKey> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteAccessKeyInput,
    ) -> Result<DeleteAccessKeyOutput, IamError> {
        let id = input.access_key_id.as_str();

        self.store
            .write(&cx.scope, |tx| {
                let user = user(tx, cx, input.user_name.as_deref())?;
                if !tx.delete(&KEYS_OF_USERS, &(user.as_str(), id))? {
                    let message = format!("The Access Key with id {id} cannot be found.");
                    return Err(IamError::no_such_entity_exception(message));
                }
                tx.delete(&KEYS, id)?;
                Ok(())
            })
            .await?;

        Ok(DeleteAccessKeyOutput {})
    }
}
