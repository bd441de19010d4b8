//! `PutResourcePolicy`, `DescribeResourcePolicies`, `DeleteResourcePolicy`.

use api_logs::{
    DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput, DescribeResourcePolicies,
    DescribeResourcePoliciesInput, DescribeResourcePoliciesOutput, LogsError, PolicyScope, PutResourcePolicy,
    PutResourcePolicyInput, PutResourcePolicyOutput,
};
use kernel::{Context, Fault, Handler, page};

use crate::resource_policy::{RESOURCE_POLICIES, Row};
use crate::{Logs, errors, limits};

const LIST: &str = "logs.resource_policies";

/// Policies of the account have names; those of single groups are not emulated.
fn name(name: Option<String>, resource: Option<&String>) -> Result<String, LogsError> {
    if resource.is_some() {
        return Err(errors::not_emulated("resource policies of single log groups"));
    }
    name.ok_or_else(|| LogsError::invalid_parameter_exception("policyName must be specified."))
}

impl Handler<PutResourcePolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutResourcePolicyInput,
    ) -> Result<PutResourcePolicyOutput, LogsError> {
        let name = name(input.policy_name, input.resource_arn.as_ref())?;
        let document = input.policy_document.unwrap_or_default();
        let json: Option<serde_json::Value> = serde_json::from_str(&document).ok();
        if !json.is_some_and(|json| json.is_object()) {
            return Err(errors::invalid_policy());
        }
        let row = Row { document, updated: cx.clock.millis() };

        self.store
            .write(&cx.scope, |tx| {
                let is_new = !tx.contains(&RESOURCE_POLICIES, &name)?;
                if is_new && tx.keys(&RESOURCE_POLICIES).count() >= limits::RESOURCE_POLICIES {
                    return Err(errors::limit_exceeded());
                }
                Ok(tx.put(&RESOURCE_POLICIES, &name, &row)?)
            })
            .await?;

        Ok(PutResourcePolicyOutput { resource_policy: Some(row.describe(name)), revision_id: None })
    }
}

impl Handler<DescribeResourcePolicies> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeResourcePoliciesInput,
    ) -> Result<DescribeResourcePoliciesOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let after = super::after(LIST, input.next_token)?;
        if input.resource_arn.is_some() || input.policy_scope == Some(PolicyScope::Resource) {
            return Err(errors::not_emulated("resource policies of single log groups"));
        }

        let rows: Vec<(String, Row)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&RESOURCE_POLICIES, ..);
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let policies = page.items.into_iter().map(|(name, row)| row.describe(name));
        Ok(DescribeResourcePoliciesOutput {
            resource_policies: Some(policies.collect()),
            next_token: page.next,
        })
    }
}

impl Handler<DeleteResourcePolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteResourcePolicyInput,
    ) -> Result<DeleteResourcePolicyOutput, LogsError> {
        let name = name(input.policy_name, input.resource_arn.as_ref())?;

        self.store
            .write(&cx.scope, |tx| {
                let is_gone = tx.delete(&RESOURCE_POLICIES, &name)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_policy(&name)) }
            })
            .await?;

        Ok(DeleteResourcePolicyOutput {})
    }
}
