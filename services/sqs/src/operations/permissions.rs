//! `AddPermission` and `RemovePermission`.

use api_sqs::{
    AddPermission, AddPermissionInput, AddPermissionOutput, RemovePermission, RemovePermissionInput,
    RemovePermissionOutput, SqsError,
};
use kernel::{Context, Handler};

use crate::queue::Queue;
use crate::{Sqs, names, permissions};

impl Handler<AddPermission> for Sqs {
    async fn handle(&self, cx: &Context, input: AddPermissionInput) -> Result<AddPermissionOutput, SqsError> {
        let AddPermissionInput { queue_url, label, aws_account_ids: accounts, actions } = input;
        permissions::check(&label, &accounts, &actions)?;
        let (scope, name) = names::locate(cx, &queue_url)?;
        let arn = names::arn(&scope, &name);

        self.store
            .write(&scope, |tx| {
                Queue::change(tx, &name, |queue| {
                    let policy =
                        permissions::add(queue.policy.as_deref(), &arn, &label, &accounts, &actions)?;
                    queue.policy = Some(policy);
                    Ok(())
                })
            })
            .await?;

        Ok(AddPermissionOutput {})
    }
}

impl Handler<RemovePermission> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                Queue::change(tx, &name, |queue| {
                    queue.policy = permissions::remove(queue.policy.as_deref(), &input.label)?;
                    Ok(())
                })
            })
            .await?;

        Ok(RemovePermissionOutput {})
    }
}
