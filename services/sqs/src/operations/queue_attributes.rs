//! `GetQueueAttributes` and `SetQueueAttributes`.

use api_sqs::{
    GetQueueAttributes, GetQueueAttributesInput, GetQueueAttributesOutput, SetQueueAttributes,
    SetQueueAttributesInput, SetQueueAttributesOutput, SqsError,
};
use kernel::{Context, Handler};

use crate::message::TALLIES;
use crate::queue::{QUEUES, Queue};
use crate::shelf::Counts;
use crate::{Sqs, attributes, names, redrive};

impl Handler<GetQueueAttributes> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetQueueAttributesInput,
    ) -> Result<GetQueueAttributesOutput, SqsError> {
        let wanted = input.attribute_names.unwrap_or_default();
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let (queue, counts) = if attributes::want_counts(&wanted) {
            // A transaction that writes nothing: the shelf is as its rows only in turn with writers.
            self.write(&scope, |tx, shelf| {
                let queue = Queue::get(tx, &name)?;
                let total = tx.get(&TALLIES, &queue.id)?.unwrap_or_default().messages;
                let counts = shelf.index(tx, &queue)?.counts(total, cx.clock.millis());
                Ok((queue, counts))
            })
            .await?
        } else {
            (self.store.read(&scope, |tx| Queue::get(tx, &name))?, Counts::default())
        };

        let attributes = attributes::get(&queue, &wanted, (&scope, &name), &counts)?;
        Ok(GetQueueAttributesOutput { attributes: (!attributes.is_empty()).then_some(attributes) })
    }
}

impl Handler<SetQueueAttributes> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: SetQueueAttributesInput,
    ) -> Result<SetQueueAttributesOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                let mut queue = Queue::get(tx, &name)?;
                attributes::set(&mut queue, &input.attributes)?;
                if let Some(policy) = input.attributes.get("RedrivePolicy") {
                    redrive::check(tx, (&name, &queue), policy)?;
                }
                queue.modified = cx.clock.now();
                Ok::<_, SqsError>(tx.put(&QUEUES, &name, &queue)?)
            })
            .await?;

        Ok(SetQueueAttributesOutput {})
    }
}
