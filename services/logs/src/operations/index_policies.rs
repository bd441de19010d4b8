//! `PutIndexPolicy`, `DescribeIndexPolicies`, `DeleteIndexPolicy`, `DescribeFieldIndexes`.

use api_logs::{
    DeleteIndexPolicy, DeleteIndexPolicyInput, DeleteIndexPolicyOutput, DescribeFieldIndexes,
    DescribeFieldIndexesInput, DescribeFieldIndexesOutput, DescribeIndexPolicies, DescribeIndexPoliciesInput,
    DescribeIndexPoliciesOutput, FieldIndex, IndexPolicy, IndexSource, IndexType, LogsError, PutIndexPolicy,
    PutIndexPolicyInput, PutIndexPolicyOutput,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::account_policy::{ACCOUNT_POLICIES, FIELD_INDEX};
use crate::group::Group;
use crate::index::{self, INDEX_POLICIES, Row};
use crate::stream::STREAMS;
use crate::{Logs, errors, names};

impl Handler<PutIndexPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutIndexPolicyInput,
    ) -> Result<PutIndexPolicyOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);
        index::fields(&input.policy_document)?;
        let row = Row { document: input.policy_document, updated: cx.clock.millis() };

        self.store
            .write(&cx.scope, |tx| {
                Group::standard(tx, &name)?;
                Ok::<_, LogsError>(tx.put(&INDEX_POLICIES, &name, &row)?)
            })
            .await?;

        Ok(PutIndexPolicyOutput { index_policy: Some(own(input.log_group_identifier, row)) })
    }
}

impl Handler<DescribeIndexPolicies> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeIndexPoliciesInput,
    ) -> Result<DescribeIndexPoliciesOutput, LogsError> {
        let policies = self.store.read(&cx.scope, |tx| {
            let all = input.log_group_identifiers.iter().map(|identifier| of(tx, identifier));
            let all = all.collect::<Result<Vec<_>, LogsError>>()?;
            Ok::<_, LogsError>(all.into_iter().flatten().collect())
        })?;

        Ok(DescribeIndexPoliciesOutput { index_policies: Some(policies), next_token: None })
    }
}

impl Handler<DeleteIndexPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteIndexPolicyInput,
    ) -> Result<DeleteIndexPolicyOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);

        self.store
            .write(&cx.scope, |tx| {
                Group::require(tx, &name)?;
                let is_gone = tx.delete(&INDEX_POLICIES, &name)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_resource()) }
            })
            .await?;

        Ok(DeleteIndexPolicyOutput {})
    }
}

impl Handler<DescribeFieldIndexes> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeFieldIndexesInput,
    ) -> Result<DescribeFieldIndexesOutput, LogsError> {
        let now = cx.clock.millis();

        let indexes = self.store.read(&cx.scope, |tx| {
            let mut indexes = Vec::new();
            for identifier in &input.log_group_identifiers {
                let Some(policy) = of(tx, identifier)? else { continue };
                let (first, last) = times(tx, &names::from_identifier(identifier))?;
                for field in index::fields(policy.policy_document.as_deref().unwrap_or_default())? {
                    indexes.push(FieldIndex {
                        log_group_identifier: Some(identifier.clone()),
                        field_index_name: Some(field),
                        last_scan_time: Some(now),
                        first_event_time: first,
                        last_event_time: last,
                        r#type: Some(IndexType::FieldIndex),
                        ..FieldIndex::default()
                    });
                }
            }
            Ok::<_, LogsError>(indexes)
        })?;

        Ok(DescribeFieldIndexesOutput { field_indexes: Some(indexes), next_token: None })
    }
}

/// The policy that holds for a group: its own, or the account's.
fn of(tx: &ReadTx<'_>, identifier: &str) -> Result<Option<IndexPolicy>, LogsError> {
    let name = names::from_identifier(identifier);
    Group::require(tx, &name)?;
    if let Some(row) = tx.get(&INDEX_POLICIES, &name)? {
        return Ok(Some(own(identifier.to_owned(), row)));
    }
    for row in tx.prefix(&ACCOUNT_POLICIES, &(FIELD_INDEX,)) {
        let ((_, policy), row) = row?;
        if row.covers(&name) {
            return Ok(Some(IndexPolicy {
                log_group_identifier: Some(identifier.to_owned()),
                last_update_time: Some(row.updated),
                policy_document: Some(row.document),
                policy_name: Some(policy),
                source: Some(IndexSource::Account),
            }));
        }
    }
    Ok(None)
}

fn own(identifier: String, row: Row) -> IndexPolicy {
    IndexPolicy {
        log_group_identifier: Some(identifier),
        last_update_time: Some(row.updated),
        policy_document: Some(row.document),
        policy_name: None,
        source: Some(IndexSource::LogGroup),
    }
}

/// When the first and the last of a group's events were.
fn times(tx: &ReadTx<'_>, group: &str) -> Result<(Option<i64>, Option<i64>), LogsError> {
    let (mut first, mut last) = (None::<i64>, None::<i64>);
    for row in tx.prefix(&STREAMS, &(group,)) {
        let (_, stream) = row?;
        first = first.into_iter().chain(stream.first_event).min();
        last = last.max(stream.last_event);
    }
    Ok((first, last))
}
