//! `SendMessage`: puts one message on a queue.

use api_sqs::{SendMessage, SendMessageInput, SendMessageOutput, SqsError};
use kernel::{Context, Handler};

use crate::queue::Queue;
use crate::sending::Draft;
use crate::{Sqs, errors, message, names};

impl Handler<SendMessage> for Sqs {
    async fn handle(&self, cx: &Context, input: SendMessageInput) -> Result<SendMessageOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let draft = Draft {
            body: input.message_body,
            delay: input.delay_seconds,
            attributes: input.message_attributes,
            system_attributes: input.message_system_attributes,
            deduplication: input.message_deduplication_id,
            group: input.message_group_id,
        };
        let ready = draft.check(cx)?;

        let sent = self
            .write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                if let Some(most) = ready.excess(&queue) {
                    return Err(errors::too_long(most));
                }
                if ready.lacks_group(&queue) {
                    return Err(errors::missing_parameter("MessageGroupId"));
                }
                ready.check_type(&queue)?;
                let sent = ready.send(tx, shelf, &queue, cx)?;
                if let Some(number) = sent.number {
                    message::came(tx, queue.id, 1, number)?;
                }
                Ok(sent)
            })
            .await?;

        self.waiting.wake(&scope, &name);
        Ok(SendMessageOutput {
            md5_of_message_body: Some(ready.digests.body),
            md5_of_message_attributes: ready.digests.attributes,
            md5_of_message_system_attributes: ready.digests.system_attributes,
            message_id: Some(sent.id),
            sequence_number: sent.sequence,
        })
    }
}
