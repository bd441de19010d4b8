//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>

use api_sqs::SqsError;

use crate::errors;

/// Characters of a queue's name.
pub const NAME: usize = 80;

/// Bytes of a message with its attributes: 1 MiB.
pub const MESSAGE: i64 = 1_048_576;

/// Attributes of one message.
pub const MESSAGE_ATTRIBUTES: usize = 10;

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
    text.chars().all(
        |c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..),
    )
}
