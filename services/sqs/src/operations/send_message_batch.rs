//! `SendMessageBatch`: puts up to ten messages on a queue; some may fail.

use api_sqs::{
    SendMessageBatch, SendMessageBatchInput, SendMessageBatchOutput, SendMessageBatchRequestEntry,
    SendMessageBatchResultEntry, SqsError,
};
use kernel::{Context, Handler};

use crate::queue::Queue;
use crate::sending::{Draft, Outcome, Ready};
use crate::{Sqs, batch, content, errors, limits, message, names};

/// An entry that can be sent, or what is wrong with it.
struct Entry {
    id: String,
    ready: Result<Ready, SqsError>,
}

impl Handler<SendMessageBatch> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: SendMessageBatchInput,
    ) -> Result<SendMessageBatchOutput, SqsError> {
        batch::check(input.entries.iter().map(|entry| entry.id.as_str()), "SendMessageBatchRequestEntry")?;
        let size = |entry: &SendMessageBatchRequestEntry| {
            content::size(&entry.message_body, &entry.message_attributes)
        };
        let size = input.entries.iter().map(size).sum();
        if i64::try_from(size).is_ok_and(|size| size > limits::MESSAGE) {
            return Err(errors::batch_too_long(size));
        }
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let entries: Vec<_> = input.entries.into_iter().map(|entry| draft(cx, entry)).collect();

        let outcomes = self
            .write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                let readies = || entries.iter().filter_map(|entry| entry.ready.as_ref().ok());
                // What one message lacks of a FIFO queue's refuses the batch.
                for ready in readies() {
                    if ready.lacks_group(&queue) {
                        return Err(errors::missing_in_batch("MessageGroupId"));
                    }
                    ready.check_type(&queue)?;
                }
                let mut outcomes = Vec::new();
                for ready in readies().filter(|ready| ready.excess(&queue).is_none()) {
                    outcomes.push(ready.send(tx, shelf, &queue, cx)?);
                }
                let numbers = outcomes.iter().filter_map(|outcome: &Outcome| outcome.number);
                if let Some(last) = numbers.clone().max_by_key(|number| message::age(*number)) {
                    message::came(tx, queue.id, numbers.count() as u64, last)?;
                }
                Ok((queue, outcomes))
            })
            .await?;

        self.waiting.wake(&scope, &name);
        answer(cx, entries, outcomes)
    }
}

fn draft(cx: &Context, entry: SendMessageBatchRequestEntry) -> Entry {
    let draft = Draft {
        body: entry.message_body,
        delay: entry.delay_seconds,
        attributes: entry.message_attributes,
        system_attributes: entry.message_system_attributes,
        deduplication: entry.message_deduplication_id,
        group: entry.message_group_id,
    };
    Entry { id: entry.id, ready: draft.check(cx) }
}

/// In the order of the entries, those that were sent and those that failed.
fn answer(
    cx: &Context,
    entries: Vec<Entry>,
    (queue, outcomes): (Queue, Vec<Outcome>),
) -> Result<SendMessageBatchOutput, SqsError> {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    let mut outcomes = outcomes.into_iter();
    for Entry { id, ready } in entries {
        let ready = ready.and_then(|ready| match ready.excess(&queue) {
            Some(most) => Err(errors::too_long_in_batch(most)),
            None => Ok(ready),
        });
        match ready {
            Err(error) => failed.push(batch::failed(&id, error, cx.request.protocol)?),
            Ok(ready) => {
                let Some(sent) = outcomes.next() else { continue };
                successful.push(SendMessageBatchResultEntry {
                    id,
                    message_id: sent.id,
                    md5_of_message_body: ready.digests.body,
                    md5_of_message_attributes: ready.digests.attributes,
                    md5_of_message_system_attributes: ready.digests.system_attributes,
                    sequence_number: sent.sequence,
                });
            }
        }
    }
    Ok(SendMessageBatchOutput { successful: batch::some(successful), failed: batch::some(failed) })
}
