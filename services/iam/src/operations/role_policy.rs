//! `PutRolePolicy`, `GetRolePolicy`, `ListRolePolicies`, `DeleteRolePolicy`: a role's inline policies.

use api_iam::{
    DeleteRolePolicy, DeleteRolePolicyInput, DeleteRolePolicyOutput, GetRolePolicy, GetRolePolicyInput,
    GetRolePolicyOutput, IamError, ListRolePolicies, ListRolePoliciesInput, ListRolePoliciesOutput,
    PutRolePolicy, PutRolePolicyInput, PutRolePolicyOutput,
};
use kernel::{Context, Handler};

use crate::document::{self, Kind};
use crate::role::{ROLES, RoleRow};
use crate::{Iam, errors, page};

const LIST: &str = "iam.role_policies";

impl Handler<PutRolePolicy> for Iam {
    async fn handle(&self, cx: &Context, input: PutRolePolicyInput) -> Result<PutRolePolicyOutput, IamError> {
        document::check(&input.policy_document, Kind::Identity)?;

        self.store
            .write(&cx.scope, |tx| {
                let mut row = RoleRow::get(tx, &input.role_name)?;
                row.policies.insert(input.policy_name.clone(), input.policy_document.clone());
                Ok::<_, IamError>(tx.put(&ROLES, &input.role_name, &row)?)
            })
            .await?;

        Ok(PutRolePolicyOutput {})
    }
}

impl Handler<GetRolePolicy> for Iam {
    async fn handle(&self, cx: &Context, input: GetRolePolicyInput) -> Result<GetRolePolicyOutput, IamError> {
        let row = self.store.read(&cx.scope, |tx| RoleRow::get(tx, &input.role_name))?;
        let found = row.policies.get(&input.policy_name);
        let document = found.ok_or_else(|| errors::not_found("role policy", &input.policy_name))?;
        Ok(GetRolePolicyOutput {
            policy_document: document::encoded(document),
            role_name: input.role_name,
            policy_name: input.policy_name,
        })
    }
}

impl Handler<ListRolePolicies> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: ListRolePoliciesInput,
    ) -> Result<ListRolePoliciesOutput, IamError> {
        let row = self.store.read(&cx.scope, |tx| RoleRow::get(tx, &input.role_name))?;

        let rows = row.policies.into_iter().collect();
        let page = page::list(rows, LIST, input.marker.as_deref(), input.max_items)?;
        let policy_names = page.items.into_iter().map(|(name, _)| name).collect();
        Ok(ListRolePoliciesOutput { policy_names, is_truncated: page.is_truncated, marker: page.marker })
    }
}

impl Handler<DeleteRolePolicy> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteRolePolicyInput,
    ) -> Result<DeleteRolePolicyOutput, IamError> {
        self.store
            .write(&cx.scope, |tx| {
                let mut row = RoleRow::get(tx, &input.role_name)?;
                let gone = row.policies.remove(&input.policy_name);
                gone.ok_or_else(|| errors::not_found("role policy", &input.policy_name))?;
                Ok::<_, IamError>(tx.put(&ROLES, &input.role_name, &row)?)
            })
            .await?;

        Ok(DeleteRolePolicyOutput {})
    }
}
