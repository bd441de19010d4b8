//! `CreatePolicy`, `GetPolicy`, `DeletePolicy`: the account's managed policies.

use api_iam::{
    CreatePolicy, CreatePolicyInput, CreatePolicyOutput, DeletePolicy, DeletePolicyInput, DeletePolicyOutput,
    GetPolicy, GetPolicyInput, GetPolicyOutput, IamError,
};
use kernel::{Context, Fault, Handler};
use store::ReadTx;

use crate::document::{self, Kind};
use crate::policy::{POLICIES, PolicyRow};
use crate::role::{self, ROLES};
use crate::{Iam, errors, names};

impl Handler<CreatePolicy> for Iam {
    async fn handle(&self, cx: &Context, input: CreatePolicyInput) -> Result<CreatePolicyOutput, IamError> {
        document::check(&input.policy_document, Kind::Identity)?;
        let path = input.path.unwrap_or_else(|| "/".to_owned());
        let arn = names::arn(&cx.scope, "policy", &path, &input.policy_name);
        let row = PolicyRow {
            id: names::unique_id(cx, "ANPA"),
            name: input.policy_name,
            path,
            created: cx.clock.now_in_seconds(),
            document: input.policy_document,
            description: input.description,
            tags: role::tag_map(input.tags),
        };

        self.store
            .write(&cx.scope, |tx| {
                // Names are unique in the account, whatever their path.
                for policy in tx.range(&POLICIES, ..) {
                    if policy?.1.name == row.name {
                        return Err(errors::policy_exists(&row.name));
                    }
                }
                Ok(tx.put(&POLICIES, &arn, &row)?)
            })
            .await?;

        // The description comes back only when the policy is looked up.
        let policy = api_iam::Policy { description: None, ..row.describe(arn, 0) };
        Ok(CreatePolicyOutput { policy: Some(policy) })
    }
}

impl Handler<GetPolicy> for Iam {
    async fn handle(&self, cx: &Context, input: GetPolicyInput) -> Result<GetPolicyOutput, IamError> {
        let arn = input.policy_arn;
        if names::is_managed_by_aws(&arn) {
            return Err(errors::not_emulated("the documents of AWS's own policies"));
        }

        let (row, attachments) = self.store.read(&cx.scope, |tx| {
            let row = tx.get(&POLICIES, &arn)?.ok_or_else(|| errors::no_such_policy(&arn))?;
            Ok::<_, IamError>((row, attachments(tx, &arn)?))
        })?;

        Ok(GetPolicyOutput { policy: Some(row.describe(arn, attachments)) })
    }
}

impl Handler<DeletePolicy> for Iam {
    async fn handle(&self, cx: &Context, input: DeletePolicyInput) -> Result<DeletePolicyOutput, IamError> {
        self.store
            .write(&cx.scope, |tx| {
                if attachments(tx, &input.policy_arn)? > 0 {
                    return Err(errors::conflict("Cannot delete a policy attached to entities."));
                }
                let is_gone = tx.delete(&POLICIES, &input.policy_arn)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_policy(&input.policy_arn)) }
            })
            .await?;

        Ok(DeletePolicyOutput {})
    }
}

/// How many roles a policy is attached to.
fn attachments(tx: &ReadTx<'_>, arn: &str) -> Result<usize, Fault> {
    let mut count = 0;
    for role in tx.range(&ROLES, ..) {
        count += usize::from(role?.1.attached.iter().any(|known| known == arn));
    }
    Ok(count)
}
