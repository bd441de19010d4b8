//! `DeleteQueue`: removes a queue with all its messages.

use api_sqs::{DeleteQueue, DeleteQueueInput, DeleteQueueOutput, SqsError};
use kernel::{Context, Handler};

use crate::message::{self, BODIES};
use crate::queue::QUEUES;
use crate::{Sqs, errors, names};

impl Handler<DeleteQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: DeleteQueueInput) -> Result<DeleteQueueOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                if !tx.delete(&QUEUES, &name)? {
                    return Err(errors::no_such_queue());
                }
                let numbers: Result<Vec<_>, _> = tx.prefix(&BODIES, &(name.as_str(),)).keys().collect();
                for (_, number) in numbers? {
                    message::remove(tx, &name, number)?;
                }
                Ok(())
            })
            .await?;

        self.waiting.wake(&scope, &name);
        Ok(DeleteQueueOutput {})
    }
}
