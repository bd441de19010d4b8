//! `GetQueueAttributes` and `SetQueueAttributes`.

use api_sqs::{
    GetQueueAttributes, GetQueueAttributesInput, GetQueueAttributesOutput, SetQueueAttributes,
    SetQueueAttributesInput, SetQueueAttributesOutput, SqsError,
};
use kernel::{Context, Handler};

use crate::queue::{QUEUES, Queue};
use crate::{Sqs, attributes, errors, message, names};

impl Handler<GetQueueAttributes> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetQueueAttributesInput,
    ) -> Result<GetQueueAttributesOutput, SqsError> {
        let wanted = input.attribute_names.unwrap_or_default();
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let (queue, counts) = self.store.read(&scope, |tx| {
            let queue = Queue::get(tx, &name)?;
            Ok::<_, SqsError>((queue, message::count(tx, &name, cx.clock.millis())?))
        })?;

        let attributes = attributes::get(&queue, &wanted, &scope, &name, &counts)?;
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
                let mut queue = tx.get(&QUEUES, &name)?.ok_or_else(errors::no_such_queue)?;
                attributes::set(&mut queue, &input.attributes)?;
                queue.modified = cx.clock.now();
                Ok::<_, SqsError>(tx.put(&QUEUES, &name, &queue)?)
            })
            .await?;

        Ok(SetQueueAttributesOutput {})
    }
}
