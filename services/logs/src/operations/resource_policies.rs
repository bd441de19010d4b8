//! `PutResourcePolicy`, `DescribeResourcePolicies`, `DeleteResourcePolicy`.

use api_logs::{
    DeleteResourcePolicy, DeleteResourcePolicyInput, DeleteResourcePolicyOutput, DescribeResourcePolicies,
    DescribeResourcePoliciesInput, DescribeResourcePoliciesOutput, LogsError, PolicyScope, PutResourcePolicy,
    PutResourcePolicyInput, PutResourcePolicyOutput,
};
use kernel::{Arn, Context, Fault, Handler, page};

use crate::group::Group;
use crate::resource_policy::{GROUP_POLICIES, GroupRow, RESOURCE_POLICIES, Row};
use crate::{Logs, errors, limits, names};

const LIST: &str = "logs.resource_policies";

/// Policies of the account have names.
fn name(name: Option<String>) -> Result<String, LogsError> {
    name.ok_or_else(|| LogsError::invalid_parameter_exception("policyName must be specified."))
}

impl Handler<PutResourcePolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutResourcePolicyInput,
    ) -> Result<PutResourcePolicyOutput, LogsError> {
        let document = input.policy_document.unwrap_or_default();
        let json: Option<serde_json::Value> = serde_json::from_str(&document).ok();
        if !json.is_some_and(|json| json.is_object()) {
            return Err(errors::invalid_policy());
        }
        let updated = cx.clock.millis();
        if let Some(arn) = input.resource_arn {
            let revision = cx.ids.uuid();
            let row = GroupRow { name: input.policy_name, document, updated, revision: revision.clone() };
            self.put_group_policy(cx, &arn, input.expected_revision_id, &row).await?;
            let resource_policy = Some(row.describe(arn));
            return Ok(PutResourcePolicyOutput { resource_policy, revision_id: Some(revision) });
        }
        let name = name(input.policy_name)?;
        let row = Row { document, updated };

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

/// The group that an ARN names.
fn group(arn: &str) -> Result<String, LogsError> {
    match Arn::parse(arn) {
        Some(parsed) if parsed.service == "logs" && parsed.resource.starts_with("log-group:") => {
            Ok(names::from_identifier(arn))
        }
        _ => Err(errors::group_arn_needed(arn)),
    }
}

impl Logs {
    async fn put_group_policy(
        &self,
        cx: &Context,
        arn: &str,
        expected: Option<String>,
        row: &GroupRow,
    ) -> Result<(), LogsError> {
        let group = group(arn)?;
        self.store
            .write(&cx.scope, |tx| {
                Group::require(tx, &group)?;
                let known = tx.get(&GROUP_POLICIES, &group)?.map(|row| row.revision);
                if known != expected {
                    return Err(errors::other_revision());
                }
                Ok(tx.put(&GROUP_POLICIES, &group, row)?)
            })
            .await
    }

    fn group_policies(
        &self,
        cx: &Context,
        arn: Option<String>,
        after: Option<String>,
        most: usize,
    ) -> Result<DescribeResourcePoliciesOutput, LogsError> {
        let wanted = arn.as_deref().map(group).transpose()?;
        let mut rows: Vec<(String, GroupRow)> = self.store.read(&cx.scope, |tx| match &wanted {
            Some(group) => {
                Group::require(tx, group)?;
                Ok(tx.get(&GROUP_POLICIES, group)?.map(|row| (group.clone(), row)).into_iter().collect())
            }
            None => Ok::<_, LogsError>(tx.range(&GROUP_POLICIES, ..).collect::<Result<_, Fault>>()?),
        })?;
        rows.retain(|(group, _)| after.as_ref().is_none_or(|after| group > after));

        let page = page::cut(rows, most, LIST, |(group, _)| group.clone());
        let arn_of = |group: &str| arn.clone().unwrap_or_else(|| names::group_arn(&cx.scope, group));
        let policies = page.items.into_iter().map(|(group, row)| row.describe(arn_of(&group)));
        Ok(DescribeResourcePoliciesOutput {
            resource_policies: Some(policies.collect()),
            next_token: page.next,
        })
    }

    async fn delete_group_policy(
        &self,
        cx: &Context,
        arn: &str,
        expected: Option<String>,
    ) -> Result<DeleteResourcePolicyOutput, LogsError> {
        let group = group(arn)?;
        self.store
            .write(&cx.scope, |tx| {
                Group::require(tx, &group)?;
                let row = tx.get(&GROUP_POLICIES, &group)?.ok_or_else(errors::no_such_resource)?;
                if Some(row.revision) != expected {
                    return Err(errors::other_revision());
                }
                Ok(tx.delete(&GROUP_POLICIES, &group).map(drop)?)
            })
            .await?;
        Ok(DeleteResourcePolicyOutput {})
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
            return self.group_policies(cx, input.resource_arn, after, most);
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
        if let Some(arn) = input.resource_arn {
            return self.delete_group_policy(cx, &arn, input.expected_revision_id).await;
        }
        let name = name(input.policy_name)?;

        self.store
            .write(&cx.scope, |tx| {
                let is_gone = tx.delete(&RESOURCE_POLICIES, &name)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_policy(&name)) }
            })
            .await?;

        Ok(DeleteResourcePolicyOutput {})
    }
}
