//! `CreateQueue`: makes a queue, or finds the one that is the same.

use api_sqs::{CreateQueue, CreateQueueInput, CreateQueueOutput, SqsError};
use kernel::{Context, Handler};

use crate::queue::{QUEUES, Queue};
use crate::{Sqs, attributes, errors, names};

impl Handler<CreateQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: CreateQueueInput) -> Result<CreateQueueOutput, SqsError> {
        let name = &input.queue_name;
        if name.ends_with(".fifo") {
            return Err(errors::not_emulated("FIFO queues"));
        }
        if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
            return Err(errors::not_emulated("queue tags"));
        }
        names::check(name)?;
        let asked = input.attributes.unwrap_or_default();
        let mut queue = Queue::new(cx.clock.now());
        attributes::set(&mut queue, &asked)?;

        self.store
            .write(&cx.scope, |tx| match tx.get(&QUEUES, name)? {
                Some(there) => match attributes::difference(&asked, &there, &cx.scope, name) {
                    Some(attribute) => Err(errors::different_attribute(&attribute)),
                    None => Ok(()),
                },
                None => Ok(tx.put(&QUEUES, name, &queue)?),
            })
            .await?;

        Ok(CreateQueueOutput { queue_url: Some(names::url(cx, name)) })
    }
}
