//! The numbers AWS documents.
//!
//! Sources: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>,
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>

use api_sqs::SqsError;

use crate::errors;

/// Characters of a queue's name.
pub const NAME: usize = 80;

/// Bytes of a message with its attributes, and of all messages of a batch: 1 MiB.
pub const MESSAGE: i64 = 1_048_576;

/// Attributes of one message.
pub const MESSAGE_ATTRIBUTES: usize = 10;

/// Characters of an attribute's name, and bytes of its type.
pub const ATTRIBUTE_NAME: usize = 256;

/// Messages that are received and not yet deleted.
pub const IN_FLIGHT: usize = 120_000;

/// Messages that one look passes by because they are too old or go to the dead-letter queue.
pub const LOOKED_PAST: usize = 100;

/// Entries of a batch.
pub const BATCH: usize = 10;

/// Characters of a batch entry's id and of a permission's label.
pub const ENTRY_ID: usize = 80;

/// Characters of message group and deduplication ids.
pub const MESSAGE_ID: usize = 128;

/// Milliseconds in which a FIFO queue recognises duplicates and repeated receives.
pub const DEDUPLICATION: i64 = 300_000;

/// Actions of one permission.
pub const ACTIONS: usize = 7;

/// Seconds of `DelaySeconds`.
pub const DELAY: (i64, i64) = (0, 900);

/// Seconds of `VisibilityTimeout`.
pub const VISIBILITY: (i64, i64) = (0, 43_200);

/// Seconds of `ReceiveMessageWaitTimeSeconds`.
pub const WAIT: (i64, i64) = (0, 20);

/// Messages of one receive.
pub const RECEIVE: std::ops::RangeInclusive<i32> = 1..=10;

/// Seconds of `MessageRetentionPeriod`: a minute to two weeks.
pub const RETENTION: (i64, i64) = (60, 1_209_600);

/// Bytes of `MaximumMessageSize`.
pub const MESSAGE_SIZE: (i64, i64) = (1024, MESSAGE);

/// Seconds of `KmsDataKeyReusePeriodSeconds`: a minute to a day.
pub const KEY_REUSE: (i64, i64) = (60, 86_400);

/// Messages that a task moves in a second.
pub const MOVES: (i64, i64) = (1, 500);

/// Move tasks of one list.
pub const MOVE_TASKS: (i64, i64) = (1, 10);

/// Queues of one page where none is asked for.
pub const PAGE: usize = 1000;

/// A number within its range, or AWS's refusal.
pub fn within(name: &str, value: Option<i32>, range: (i64, i64)) -> Result<Option<i64>, SqsError> {
    match value.map(i64::from) {
        Some(value) if value < range.0 || value > range.1 => Err(errors::out_of_range(name, value, range)),
        value => Ok(value),
    }
}

/// Whether the text has only characters of XML 1.0, as messages must.
pub fn is_valid_text(text: &str) -> bool {
    // Almost all text is without control characters, which is quickly seen.
    let is_plain = |byte: &u8| (0x20..0x80).contains(byte) || matches!(byte, b'\t' | b'\n' | b'\r');
    text.as_bytes().iter().all(is_plain)
        || text.chars().all(
            |c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..),
        )
}

/// Whether the text is an id of a message group or of a deduplication.
pub fn is_message_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= MESSAGE_ID && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether the text is an id of a batch's entry, or a permission's label.
pub fn is_entry_id(text: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= ENTRY_ID && text.bytes().all(is_valid)
}
