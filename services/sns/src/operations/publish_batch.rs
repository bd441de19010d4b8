//! `PublishBatch`: up to ten messages to a topic.

use std::collections::HashSet;

use api_sns::{
    PublishBatch, PublishBatchInput, PublishBatchOutput, PublishBatchRequestEntry as Entry,
    PublishBatchResultEntry, SnsError,
};
use kernel::{Context, Handler};

use crate::publication::Wanted;
use crate::{Sns, errors, limits, message, names};

impl Handler<PublishBatch> for Sns {
    async fn handle(&self, cx: &Context, input: PublishBatchInput) -> Result<PublishBatchOutput, SnsError> {
        let entries = input.publish_batch_request_entries;
        check(&entries)?;
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        let (mut ids, mut messages) = (Vec::new(), Vec::new());
        for (at, entry) in entries.into_iter().enumerate() {
            if entry.message.is_empty() {
                return Err(errors::invalid("Empty message"));
            }
            let path = format!("publishBatchRequestEntries.{}.member.messageAttributes", at + 1);
            let wanted = Wanted {
                message: entry.message,
                structure: entry.message_structure,
                subject: entry.subject,
                attributes: entry.message_attributes,
                group: entry.message_group_id,
                deduplication: entry.message_deduplication_id,
            };
            messages.push(wanted.into_message(cx, &path)?);
            ids.push(entry.id);
        }

        let published = self.publish(&scope, &name, &messages).await?;
        let successful = ids.into_iter().zip(published).map(|(id, (message_id, sequence_number))| {
            PublishBatchResultEntry { id: Some(id), message_id: Some(message_id), sequence_number }
        });
        Ok(PublishBatchOutput { successful: Some(successful.collect()), failed: Some(Vec::new()) })
    }
}

fn check(entries: &[Entry]) -> Result<(), SnsError> {
    if entries.is_empty() {
        return Err(SnsError::empty_batch_request_exception(
            "The batch request doesn't contain any entries.",
        ));
    }
    if entries.len() > limits::BATCH {
        return Err(SnsError::too_many_entries_in_batch_request_exception(
            "The batch request contains more entries than permissible.",
        ));
    }
    for entry in entries {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let problem = if entry.id.len() > limits::ENTRY_ID {
            "is too long"
        } else if !entry.id.bytes().all(is_valid) || entry.id.is_empty() {
            "contains an impermissible character"
        } else {
            continue;
        };
        let message = format!("The Id of a batch entry in the batch request {problem}: {}", entry.id);
        return Err(SnsError::invalid_batch_entry_id_exception(message));
    }
    let ids: HashSet<_> = entries.iter().map(|entry| &entry.id).collect();
    if ids.len() < entries.len() {
        return Err(SnsError::batch_entry_ids_not_distinct_exception(
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    let size: usize =
        entries.iter().map(|entry| message::size(&entry.message, entry.message_attributes.as_ref())).sum();
    if size > limits::MESSAGE_BYTES {
        return Err(SnsError::batch_request_too_long_exception(
            "The length of all the messages put together is more than the limit.",
        ));
    }
    Ok(())
}
