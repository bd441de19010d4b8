//! `CreateQueue`: makes a queue, or finds the one that is the same.

use api_sqs::{CreateQueue, CreateQueueInput, CreateQueueOutput, SqsError};
use kernel::{Context, Handler};

use crate::queue::{DELETED, QUEUES, Queue};
use crate::{Sqs, attributes, errors, names, queue, redrive};

impl Handler<CreateQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: CreateQueueInput) -> Result<CreateQueueOutput, SqsError> {
        names::refuse_at_queue(cx, "CreateQueue")?;
        let name = &input.queue_name;
        let asked = input.attributes.unwrap_or_default();
        let is_fifo = attributes::is_fifo(&asked)?;
        names::check(name, is_fifo)?;
        let mut wanted = Queue::new(cx.clock.now(), is_fifo);
        attributes::set(&mut wanted, &asked)?;
        if let Some(fifo) = &mut wanted.fifo {
            fifo.deduplicates = fifo.scope;
        }
        wanted.tags = input.tags.unwrap_or_default();
        super::tags::check(name, &wanted.tags)?;

        self.write(&cx.scope, |tx, shelf| {
            if let Some(there) = tx.get(&QUEUES, name)? {
                let difference = attributes::difference(&asked, &wanted, &there, (&cx.scope, name));
                return difference.map_or(Ok(()), |attribute| Err(errors::different_attribute(&attribute)));
            }
            if let Some(deleted) = tx.get(&DELETED, name)? {
                if deleted + millis(self.options.name_reuse) > cx.clock.millis() {
                    return Err(errors::deleted_recently());
                }
                tx.delete(&DELETED, name)?;
            }
            if let Some(policy) = asked.get("RedrivePolicy") {
                redrive::check(tx, (name, &wanted), policy)?;
            }
            wanted.id = queue::new_id(tx, shelf, cx.clock.millis())?;
            Ok(tx.put(&QUEUES, name, &wanted)?)
        })
        .await?;

        Ok(CreateQueueOutput { queue_url: Some(names::url(cx, self.options.urls, name)) })
    }
}

/// A duration as the clock counts.
pub fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
