//! `DeleteMessage` and `DeleteMessageBatch`: take received messages off their queue. Doing so again is no error.

use api_sqs::{
    DeleteMessage, DeleteMessageBatch, DeleteMessageBatchInput, DeleteMessageBatchOutput,
    DeleteMessageBatchResultEntry, DeleteMessageInput, DeleteMessageOutput, SqsError,
};
use kernel::{Context, Handler, Scope};
use store::WriteTx;

use crate::message::STATES;
use crate::queue::Queue;
use crate::receipt::Receipt;
use crate::shelf::Shelf;
use crate::{Sqs, arrival, batch, errors, message, names};

impl Handler<DeleteMessage> for Sqs {
    async fn handle(&self, cx: &Context, input: DeleteMessageInput) -> Result<DeleteMessageOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let unblocked = self
            .write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                let was_there = delete(tx, shelf, (&name, &queue), &input.receipt_handle, cx)?;
                message::went(tx, queue.id, u64::from(was_there))?;
                Ok(queue.fifo.is_some())
            })
            .await?;

        self.wake_group(unblocked, &scope, &name);
        Ok(DeleteMessageOutput {})
    }
}

impl Handler<DeleteMessageBatch> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteMessageBatchInput,
    ) -> Result<DeleteMessageBatchOutput, SqsError> {
        let ids = input.entries.iter().map(|entry| entry.id.as_str());
        batch::check(ids, "DeleteMessageBatchRequestEntry")?;
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let (unblocked, output) = self
            .write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                let mut gone = 0;
                for entry in &input.entries {
                    let id = entry.id.clone();
                    match delete(tx, shelf, (&name, &queue), &entry.receipt_handle, cx) {
                        Ok(was_there) => {
                            gone += u64::from(was_there);
                            successful.push(DeleteMessageBatchResultEntry { id });
                        }
                        Err(error) => failed.push(batch::failed(&id, error, cx.request.protocol)?),
                    }
                }
                message::went(tx, queue.id, gone)?;
                let output = DeleteMessageBatchOutput {
                    successful: batch::some(successful),
                    failed: batch::some(failed),
                };
                Ok((queue.fifo.is_some(), output))
            })
            .await?;

        self.wake_group(unblocked, &scope, &name);
        Ok(output)
    }
}

impl Sqs {
    /// A message that is gone lets those behind it in its group through.
    pub(super) fn wake_group(&self, is_fifo: bool, scope: &Scope, name: &str) {
        if is_fifo {
            self.waiting.wake(scope, name);
        }
    }
}

fn delete(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (name, queue): (&str, &Queue),
    handle: &str,
    cx: &Context,
) -> Result<bool, SqsError> {
    let receipt = Receipt::parse(handle, &names::arn(tx.scope(), name))?;
    let now = cx.clock.millis();
    if receipt.id != queue.id {
        // It was purged.
        return Ok(false);
    }
    if queue.fifo.is_some() && message::exists(tx, queue.id, &receipt.at)? {
        let state = tx.get(&STATES, &(queue.id, receipt.at.number))?.unwrap_or_default();
        // Another may have the message by now, and be at work on those behind it.
        if state.visible_at <= now || state.received != receipt.received {
            return Err(errors::expired_handle(handle));
        }
    }
    Ok(arrival::remove(tx, shelf, queue, &receipt.at, now)?)
}
