//! `PutDataProtectionPolicy`, `GetDataProtectionPolicy`, `DeleteDataProtectionPolicy`.

use api_logs::{
    DeleteDataProtectionPolicy, DeleteDataProtectionPolicyInput, DeleteDataProtectionPolicyOutput,
    GetDataProtectionPolicy, GetDataProtectionPolicyInput, GetDataProtectionPolicyOutput, LogsError,
    PutDataProtectionPolicy, PutDataProtectionPolicyInput, PutDataProtectionPolicyOutput,
};
use kernel::{Context, Handler};

use crate::group::{GROUPS, Group, Masking};
use crate::protection::{POLICIES, Policy, Row};
use crate::{Logs, errors, names};

impl Handler<PutDataProtectionPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDataProtectionPolicyInput,
    ) -> Result<PutDataProtectionPolicyOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);
        Policy::parse(&input.policy_document)?;
        let row = Row { document: input.policy_document, updated: cx.clock.millis() };

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::get(tx, &name)?).clone();
                group.masking = Masking::Active;
                tx.put(&GROUPS, &name, &group)?;
                Ok::<_, LogsError>(tx.put(&POLICIES, &name, &row)?)
            })
            .await?;

        Ok(PutDataProtectionPolicyOutput {
            log_group_identifier: Some(input.log_group_identifier),
            policy_document: Some(row.document),
            last_updated_time: Some(row.updated),
        })
    }
}

impl Handler<GetDataProtectionPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDataProtectionPolicyInput,
    ) -> Result<GetDataProtectionPolicyOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);

        let row = self.store.read(&cx.scope, |tx| {
            Group::require(tx, &name)?;
            Ok::<_, LogsError>(tx.get(&POLICIES, &name)?)
        })?;

        let (document, updated) = row.map(|row| (row.document, row.updated)).unzip();
        Ok(GetDataProtectionPolicyOutput {
            log_group_identifier: Some(input.log_group_identifier),
            policy_document: document,
            last_updated_time: updated,
        })
    }
}

impl Handler<DeleteDataProtectionPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDataProtectionPolicyInput,
    ) -> Result<DeleteDataProtectionPolicyOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::get(tx, &name)?).clone();
                if !tx.delete(&POLICIES, &name)? {
                    return Err(errors::no_data_protection(&name));
                }
                group.masking = Masking::Deleted;
                Ok(tx.put(&GROUPS, &name, &group)?)
            })
            .await?;

        Ok(DeleteDataProtectionPolicyOutput {})
    }
}
