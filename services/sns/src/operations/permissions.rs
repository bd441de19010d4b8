//! `AddPermission` and `RemovePermission`.

use api_sns::{
    AddPermission, AddPermissionInput, AddPermissionOutput, RemovePermission, RemovePermissionInput,
    RemovePermissionOutput, SnsError,
};
use kernel::{Context, Handler};

use crate::topic::Topic;
use crate::{Sns, names, permission};

impl Handler<AddPermission> for Sns {
    async fn handle(&self, cx: &Context, input: AddPermissionInput) -> Result<AddPermissionOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        self.store
            .write(&scope, |tx| {
                let mut topic = Topic::get(tx, &name)?;
                let (accounts, actions) = (&input.aws_account_id, &input.action_name);
                permission::add(&mut topic, &scope, &name, &input.label, accounts, actions)?;
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(AddPermissionOutput {})
    }
}

impl Handler<RemovePermission> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        self.store
            .write(&scope, |tx| {
                let mut topic = Topic::get(tx, &name)?;
                permission::remove(&mut topic, &scope, &name, &input.label)?;
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(RemovePermissionOutput {})
    }
}
