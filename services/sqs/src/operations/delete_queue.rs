//! `DeleteQueue`: removes a queue with all its messages.

use api_sqs::{DeleteQueue, DeleteQueueInput, DeleteQueueOutput, SqsError};
use kernel::{Context, Handler};

use crate::queue::{DELETED, QUEUES, Queue};
use crate::{Sqs, names, queue};

impl Handler<DeleteQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: DeleteQueueInput) -> Result<DeleteQueueOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.write(&scope, |tx, shelf| {
            let deleted = Queue::get(tx, &name)?;
            tx.delete(&QUEUES, &name)?;
            queue::discard(tx, deleted.id)?;
            shelf.forget(&[deleted.id]);
            if !self.options.name_reuse.is_zero() {
                tx.put(&DELETED, &name, &cx.clock.millis())?;
            }
            Ok(())
        })
        .await?;

        self.discarded.notify_one();
        self.waiting.wake(&scope, &name);
        Ok(DeleteQueueOutput {})
    }
}
