//! `CreateRole`, `GetRole`, `ListRoles`, `DeleteRole`.

use api_iam::{
    CreateRole, CreateRoleInput, CreateRoleOutput, DeleteRole, DeleteRoleInput, DeleteRoleOutput, GetRole,
    GetRoleInput, GetRoleOutput, IamError, ListRoles, ListRolesInput, ListRolesOutput,
};
use kernel::{Context, Fault, Handler};

use crate::document::{self, Kind};
use crate::role::{self, ROLES, RoleRow};
use crate::{Iam, errors, limits, names, page};

const LIST: &str = "iam.roles";

impl Handler<CreateRole> for Iam {
    async fn handle(&self, cx: &Context, input: CreateRoleInput) -> Result<CreateRoleOutput, IamError> {
        if input.permissions_boundary.is_some() {
            return Err(errors::not_emulated("permissions boundaries"));
        }
        document::check(&input.assume_role_policy_document, Kind::Trust)?;
        let name = input.role_name;
        let row = RoleRow {
            id: names::unique_id(cx, "AROA"),
            path: input.path.unwrap_or_else(|| "/".to_owned()),
            created: cx.clock.now_in_seconds(),
            trust: input.assume_role_policy_document,
            description: input.description,
            session: input.max_session_duration.unwrap_or(limits::SESSION_SECONDS),
            tags: role::tag_map(input.tags),
            policies: Default::default(),
            attached: Vec::new(),
        };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&ROLES, &name)? {
                    return Err(errors::exists("Role", &name));
                }
                Ok(tx.put(&ROLES, &name, &row)?)
            })
            .await?;

        // A new role comes back without what was left to its default.
        let role = api_iam::Role {
            role_last_used: None,
            max_session_duration: input.max_session_duration,
            ..row.describe(&cx.scope, name, false)
        };
        Ok(CreateRoleOutput { role })
    }
}

impl Handler<GetRole> for Iam {
    async fn handle(&self, cx: &Context, input: GetRoleInput) -> Result<GetRoleOutput, IamError> {
        let row = self.store.read(&cx.scope, |tx| RoleRow::get(tx, &input.role_name))?;
        Ok(GetRoleOutput { role: row.describe(&cx.scope, input.role_name, false) })
    }
}

impl Handler<ListRoles> for Iam {
    async fn handle(&self, cx: &Context, input: ListRolesInput) -> Result<ListRolesOutput, IamError> {
        let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());

        let mut rows: Vec<(String, RoleRow)> =
            self.store.read(&cx.scope, |tx| tx.range(&ROLES, ..).collect::<Result<_, Fault>>())?;
        rows.retain(|(_, row)| row.path.starts_with(&prefix));

        let page = page::list(rows, LIST, input.marker.as_deref(), input.max_items)?;
        let roles = page.items.into_iter().map(|(name, row)| row.describe(&cx.scope, name, true)).collect();
        Ok(ListRolesOutput { roles, is_truncated: page.is_truncated, marker: page.marker })
    }
}

impl Handler<DeleteRole> for Iam {
    async fn handle(&self, cx: &Context, input: DeleteRoleInput) -> Result<DeleteRoleOutput, IamError> {
        self.store
            .write(&cx.scope, |tx| {
                let row = RoleRow::get(tx, &input.role_name)?;
                if !row.attached.is_empty() {
                    return Err(errors::conflict("Cannot delete entity, must detach all policies first."));
                }
                if !row.policies.is_empty() {
                    return Err(errors::conflict("Cannot delete entity, must delete policies first."));
                }
                tx.delete(&ROLES, &input.role_name)?;
                Ok(())
            })
            .await?;

        Ok(DeleteRoleOutput {})
    }
}
