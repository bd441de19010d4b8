//! `ChangeMessageVisibility` and `ChangeMessageVisibilityBatch`: hide received messages for another time from now.

use api_sqs::{
    ChangeMessageVisibility, ChangeMessageVisibilityBatch, ChangeMessageVisibilityBatchInput,
    ChangeMessageVisibilityBatchOutput, ChangeMessageVisibilityBatchResultEntry,
    ChangeMessageVisibilityInput, ChangeMessageVisibilityOutput, SqsError,
};
use kernel::{Context, Handler};
use store::WriteTx;

use crate::message::{STATES, State};
use crate::queue::Queue;
use crate::receipt::Receipt;
use crate::shelf::Shelf;
use crate::{Sqs, arrival, batch, errors, limits, message, names};

impl Handler<ChangeMessageVisibility> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: ChangeMessageVisibilityInput,
    ) -> Result<ChangeMessageVisibilityOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.write(&scope, |tx, shelf| {
            let queue = Queue::get(tx, &name)?;
            let change = (input.receipt_handle.as_str(), Some(input.visibility_timeout));
            hide(tx, shelf, (&name, &queue), change, cx)
        })
        .await?;

        // Waiters look again: the message may be there now, or later than they thought.
        self.waiting.wake(&scope, &name);
        Ok(ChangeMessageVisibilityOutput {})
    }
}

impl Handler<ChangeMessageVisibilityBatch> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: ChangeMessageVisibilityBatchInput,
    ) -> Result<ChangeMessageVisibilityBatchOutput, SqsError> {
        let ids = input.entries.iter().map(|entry| entry.id.as_str());
        batch::check(ids, "ChangeMessageVisibilityBatchRequestEntry")?;
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let output = self
            .write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                for entry in &input.entries {
                    let id = entry.id.clone();
                    let change = (entry.receipt_handle.as_str(), entry.visibility_timeout);
                    match hide(tx, shelf, (&name, &queue), change, cx) {
                        Ok(()) => successful.push(ChangeMessageVisibilityBatchResultEntry { id }),
                        Err(error) => failed.push(batch::failed(&id, error, cx.request.protocol)?),
                    }
                }
                Ok(ChangeMessageVisibilityBatchOutput {
                    successful: batch::some(successful),
                    failed: batch::some(failed),
                })
            })
            .await?;

        self.waiting.wake(&scope, &name);
        Ok(output)
    }
}

fn hide(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    (name, queue): (&str, &Queue),
    (handle, seconds): (&str, Option<i32>),
    cx: &Context,
) -> Result<(), SqsError> {
    let seconds = limits::within("VisibilityTimeout", seconds, limits::VISIBILITY)?;
    let seconds = seconds.ok_or_else(|| errors::missing_parameter("VisibilityTimeout"))?;
    let receipt = Receipt::parse(handle, &names::arn(tx.scope(), name))?;
    let now = cx.clock.now();
    let state = match tx.get(&STATES, &(queue.id, receipt.at.number))? {
        Some(state) if receipt.id == queue.id && message::exists(tx, queue.id, &receipt.at)? => state,
        _ => return Err(errors::not_available(handle)),
    };
    let is_over = state.visible_at <= now.as_millisecond() || state.received != receipt.received;
    if queue.fifo.is_some() && is_over {
        return Err(errors::not_available(handle));
    }
    let visible_at = message::after(now, seconds);
    if visible_at > state.last_received + limits::VISIBILITY.1 * 1000 {
        return Err(errors::hidden_too_long(seconds));
    }
    let after = State { visible_at, ..state.clone() };
    let now = now.as_millisecond();
    Ok(arrival::change(tx, shelf, queue, &receipt.at, (Some(&state), &after), now)?)
}
