//! `DeleteMessage`: takes a received message off its queue. Deleting it again is no error.

use api_sqs::{DeleteMessage, DeleteMessageInput, DeleteMessageOutput, SqsError};
use kernel::{Context, Handler};

use crate::queue::QUEUES;
use crate::{Sqs, errors, message, names};

impl Handler<DeleteMessage> for Sqs {
    async fn handle(&self, cx: &Context, input: DeleteMessageInput) -> Result<DeleteMessageOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                if !tx.contains(&QUEUES, &name)? {
                    return Err(errors::no_such_queue());
                }
                let number = message::number(&input.receipt_handle, &names::arn(&scope, &name))?;
                Ok(message::remove(tx, &name, number)?)
            })
            .await?;

        Ok(DeleteMessageOutput {})
    }
}
