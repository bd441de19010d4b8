//! `AttachRolePolicy`, `DetachRolePolicy`, `ListAttachedRolePolicies`: a role's managed policies.

use api_iam::{
    AttachRolePolicy, AttachRolePolicyInput, AttachRolePolicyOutput, AttachedPolicy, DetachRolePolicy,
    DetachRolePolicyInput, DetachRolePolicyOutput, IamError, ListAttachedRolePolicies,
    ListAttachedRolePoliciesInput, ListAttachedRolePoliciesOutput,
};
use kernel::{Arn, Context, Handler};

use crate::policy::POLICIES;
use crate::role::{ROLES, RoleRow};
use crate::{Iam, errors, limits, names, page};

const LIST: &str = "iam.attached_policies";

impl Handler<AttachRolePolicy> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: AttachRolePolicyInput,
    ) -> Result<AttachRolePolicyOutput, IamError> {
        let arn = input.policy_arn.as_str();
        if Arn::parse(arn).is_none_or(|arn| arn.service != "iam" || !arn.resource.contains('/')) {
            return Err(errors::invalid_arn());
        }

        self.store
            .write(&cx.scope, |tx| {
                let mut row = RoleRow::get(tx, &input.role_name)?;
                if !names::is_managed_by_aws(arn) && !tx.contains(&POLICIES, arn)? {
                    return Err(errors::not_attachable(arn));
                }
                if row.attached.iter().any(|known| known == arn) {
                    return Ok(());
                }
                if row.attached.len() == limits::ATTACHED_POLICIES {
                    let message =
                        format!("Cannot exceed quota for PoliciesPerRole: {}", limits::ATTACHED_POLICIES);
                    return Err(IamError::limit_exceeded_exception(message));
                }
                row.attached.push(arn.to_owned());
                Ok(tx.put(&ROLES, &input.role_name, &row)?)
            })
            .await?;

        Ok(AttachRolePolicyOutput {})
    }
}

impl Handler<DetachRolePolicy> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: DetachRolePolicyInput,
    ) -> Result<DetachRolePolicyOutput, IamError> {
        self.store
            .write(&cx.scope, |tx| {
                let mut row = RoleRow::get(tx, &input.role_name)?;
                let before = row.attached.len();
                row.attached.retain(|arn| *arn != input.policy_arn);
                if row.attached.len() == before {
                    return Err(errors::no_such_policy(&input.policy_arn));
                }
                Ok(tx.put(&ROLES, &input.role_name, &row)?)
            })
            .await?;

        Ok(DetachRolePolicyOutput {})
    }
}

impl Handler<ListAttachedRolePolicies> for Iam {
    async fn handle(
        &self,
        cx: &Context,
        input: ListAttachedRolePoliciesInput,
    ) -> Result<ListAttachedRolePoliciesOutput, IamError> {
        let prefix = input.path_prefix.unwrap_or_else(|| "/".to_owned());
        let row = self.store.read(&cx.scope, |tx| RoleRow::get(tx, &input.role_name))?;

        let has_prefix =
            |arn: &String| arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(&prefix));
        let mut rows: Vec<_> = row.attached.into_iter().filter(has_prefix).map(|arn| (arn, ())).collect();
        rows.sort();
        let page = page::list(rows, LIST, input.marker.as_deref(), input.max_items)?;
        let attached = page.items.into_iter().map(|(arn, ())| AttachedPolicy {
            policy_name: Some(names::policy_name(&arn).to_owned()),
            policy_arn: Some(arn),
        });
        Ok(ListAttachedRolePoliciesOutput {
            attached_policies: Some(attached.collect()),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    }
}
