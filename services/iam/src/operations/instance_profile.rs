//! `ListInstanceProfilesForRole`: none, for nothing here makes instance profiles. Terraform asks before it deletes a role.

use api_iam::{
    IamError, ListInstanceProfilesForRole, ListInstanceProfilesForRoleInput,
    ListInstanceProfilesForRoleOutput,
};
use kernel::{Context, Handler};

use crate::Iam;
use crate::role::RoleRow;

impl Handler<ListInstanceProfilesForRole> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: ListInstanceProfilesForRoleInput,
    ) -> Result<ListInstanceProfilesForRoleOutput, IamError> {
        self.store.read(&cx.scope, |tx| RoleRow::get(tx, &input.role_name))?;

        Ok(ListInstanceProfilesForRoleOutput {
            instance_profiles: Vec::new(),
            is_truncated: Some(false),
            marker: None,
        })
    }
}
