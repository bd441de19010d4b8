//! `TagQueue`, `UntagQueue` and `ListQueueTags`.

use api_sqs::{
    ListQueueTags, ListQueueTagsInput, ListQueueTagsOutput, SqsError, TagQueue, TagQueueInput,
    TagQueueOutput, UntagQueue, UntagQueueInput, UntagQueueOutput,
};
use kernel::tags::{self, TagProblem, Tags};
use kernel::{Context, Handler};

use crate::queue::Queue;
use crate::{Sqs, errors, names};

impl Handler<TagQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: TagQueueInput) -> Result<TagQueueOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                Queue::change(tx, &name, |queue| {
                    queue.tags.extend(input.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
                    check(&name, &queue.tags)
                })
            })
            .await?;

        Ok(TagQueueOutput {})
    }
}

impl Handler<UntagQueue> for Sqs {
    async fn handle(&self, cx: &Context, input: UntagQueueInput) -> Result<UntagQueueOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        self.store
            .write(&scope, |tx| {
                Queue::change(tx, &name, |queue| {
                    queue.tags.retain(|key, _| !input.tag_keys.contains(key));
                    Ok(())
                })
            })
            .await?;

        Ok(UntagQueueOutput {})
    }
}

impl Handler<ListQueueTags> for Sqs {
    async fn handle(&self, cx: &Context, input: ListQueueTagsInput) -> Result<ListQueueTagsOutput, SqsError> {
        let (scope, name) = names::locate(cx, &input.queue_url)?;
        let queue = self.store.read(&scope, |tx| Queue::get(tx, &name))?;
        Ok(ListQueueTagsOutput { tags: (!queue.tags.is_empty()).then_some(queue.tags) })
    }
}

/// Checks all tags that a queue is to have.
pub fn check(queue: &str, all: &Tags) -> Result<(), SqsError> {
    let refuse = |value: &str, name: &str, reason: &str| Err(errors::invalid_value(value, name, reason));
    match tags::check(all) {
        None => Ok(()),
        Some(TagProblem::TooMany) => {
            Err(errors::bad_message_attribute(format!("Too many tags added for queue {queue}.")))
        }
        Some(TagProblem::Key(key)) => {
            refuse(&key, "TagKey", "Tag keys must be between 1 and 128 characters in length.")
        }
        Some(TagProblem::Reserved(key)) => {
            refuse(&key, "TagKey", "Tag keys must not begin with 'aws:', which is reserved for AWS.")
        }
        Some(TagProblem::Value(value)) => {
            refuse(&value, "TagValue", "Tag values must be between 0 and 256 characters in length.")
        }
    }
}
