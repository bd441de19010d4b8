//! What is said of a group after it was made: retention, key, protection.

use api_logs::{
    AssociateKmsKey, AssociateKmsKeyInput, AssociateKmsKeyOutput, DeleteRetentionPolicy,
    DeleteRetentionPolicyInput, DeleteRetentionPolicyOutput, DisassociateKmsKey, DisassociateKmsKeyInput,
    DisassociateKmsKeyOutput, LogsError, PutLogGroupDeletionProtection, PutLogGroupDeletionProtectionInput,
    PutLogGroupDeletionProtectionOutput, PutRetentionPolicy, PutRetentionPolicyInput,
    PutRetentionPolicyOutput,
};
use kernel::{Context, Handler};

use crate::group::{GROUPS, Group};
use crate::{Logs, errors, limits, names};

impl Logs {
    async fn change_group(
        &self,
        cx: &Context,
        name: &str,
        change: impl Fn(&mut Group) + Send + Sync,
    ) -> Result<(), LogsError> {
        self.store
            .write(&cx.scope, |tx| {
                let mut group = tx.get(&GROUPS, name)?.ok_or_else(errors::no_such_group)?;
                change(&mut group);
                Ok(tx.put(&GROUPS, name, &group)?)
            })
            .await
    }
}

impl Handler<PutRetentionPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutRetentionPolicyInput,
    ) -> Result<PutRetentionPolicyOutput, LogsError> {
        let days = input.retention_in_days;
        if !limits::RETENTION_DAYS.contains(&days) {
            return Err(errors::invalid_retention(days));
        }
        self.change_group(cx, &input.log_group_name, |group| group.retention = Some(days)).await?;
        self.retention_set.notify_one();
        Ok(PutRetentionPolicyOutput {})
    }
}

impl Handler<DeleteRetentionPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteRetentionPolicyInput,
    ) -> Result<DeleteRetentionPolicyOutput, LogsError> {
        self.change_group(cx, &input.log_group_name, |group| group.retention = None).await?;
        Ok(DeleteRetentionPolicyOutput {})
    }
}

/// The group whose key is meant.
fn keyed(name: Option<String>, identifier: Option<String>) -> Result<String, LogsError> {
    if identifier.as_ref().is_some_and(|arn| arn.contains(":query-result:")) {
        return Err(errors::not_emulated("keys of query results"));
    }
    names::group(name, identifier)
}

impl Handler<AssociateKmsKey> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: AssociateKmsKeyInput,
    ) -> Result<AssociateKmsKeyOutput, LogsError> {
        let name = keyed(input.log_group_name, input.resource_identifier)?;
        self.change_group(cx, &name, |group| group.kms_key = Some(input.kms_key_id.clone())).await?;
        Ok(AssociateKmsKeyOutput {})
    }
}

impl Handler<DisassociateKmsKey> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DisassociateKmsKeyInput,
    ) -> Result<DisassociateKmsKeyOutput, LogsError> {
        let name = keyed(input.log_group_name, input.resource_identifier)?;
        self.change_group(cx, &name, |group| group.kms_key = None).await?;
        Ok(DisassociateKmsKeyOutput {})
    }
}

impl Handler<PutLogGroupDeletionProtection> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutLogGroupDeletionProtectionInput,
    ) -> Result<PutLogGroupDeletionProtectionOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);
        self.change_group(cx, &name, |group| group.is_protected = input.deletion_protection_enabled).await?;
        Ok(PutLogGroupDeletionProtectionOutput {})
    }
}
