//! `GetDataProtectionPolicy` and `PutDataProtectionPolicy`: kept and shown; messages are not searched.

use api_sns::{
    GetDataProtectionPolicy, GetDataProtectionPolicyInput, GetDataProtectionPolicyOutput,
    PutDataProtectionPolicy, PutDataProtectionPolicyInput, PutDataProtectionPolicyOutput, SnsError,
};
use kernel::{Context, Handler};

use crate::topic::Topic;
use crate::{Sns, errors, names};

impl Handler<GetDataProtectionPolicy> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDataProtectionPolicyInput,
    ) -> Result<GetDataProtectionPolicyOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.resource_arn, "ResourceArn")?;
        let topic = self.store.read(&scope, |tx| Topic::get(tx, &name))?;
        Ok(GetDataProtectionPolicyOutput { data_protection_policy: topic.data_protection })
    }
}

impl Handler<PutDataProtectionPolicy> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDataProtectionPolicyInput,
    ) -> Result<PutDataProtectionPolicyOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.resource_arn, "ResourceArn")?;
        let policy = input.data_protection_policy;
        let is_object =
            serde_json::from_str::<serde_json::Value>(&policy).is_ok_and(|policy| policy.is_object());
        if !policy.is_empty() && !is_object {
            return Err(errors::invalid("DataProtectionPolicy"));
        }
        self.store
            .write(&scope, |tx| {
                let mut topic = Topic::get(tx, &name)?;
                topic.data_protection = Some(policy.clone()).filter(|policy| !policy.is_empty());
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(PutDataProtectionPolicyOutput {})
    }
}
