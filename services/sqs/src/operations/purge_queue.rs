//! `PurgeQueue`: removes all messages of a queue, and what it remembers of earlier ones.

use api_sqs::{PurgeQueue, PurgeQueueInput, PurgeQueueOutput, SqsError};
use kernel::{Context, Handler};

use super::create_queue::millis;
use crate::queue::{QUEUES, Queue};
use crate::{Sqs, errors, names, queue};

impl Handler<PurgeQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: PurgeQueueInput) -> Result<PurgeQueueOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let (now, pause) = (cx.clock.millis(), millis(self.options.purge));

        self.write(&scope, |tx, shelf| {
            let mut purged = Queue::get(tx, &name)?;
            if purged.purged.is_some_and(|before| before + pause > now) {
                return Err(errors::purged_recently(&name));
            }
            queue::discard(tx, purged.id)?;
            shelf.forget(&[purged.id]);
            purged.id = queue::new_id(tx, shelf, now)?;
            purged.purged = Some(now);
            Ok(tx.put(&QUEUES, &name, &purged)?)
        })
        .await?;

        self.discarded.notify_one();
        Ok(PurgeQueueOutput {})
    }
}
