//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

/// Bytes of one batch, with [`EVENT_OVERHEAD`] for each event.
pub const BATCH_BYTES: usize = 1_048_576;

/// What an event counts beside its message, in bytes.
pub const EVENT_OVERHEAD: usize = 26;

/// Milliseconds between the first and the last event of a batch: a day.
pub const BATCH_SPAN: i64 = 86_400_000;

/// Milliseconds an event may be old: two weeks.
pub const OLDEST: i64 = 14 * 86_400_000;

/// Milliseconds an event may be ahead: two hours.
pub const NEWEST: i64 = 2 * 3_600_000;

/// Events of one page.
pub const PAGE_EVENTS: usize = 10_000;

/// Bytes of one page.
pub const PAGE_BYTES: usize = 1_048_576;

/// Groups or streams of one page.
pub const PAGE: usize = 50;

/// A page's size: what is asked for, within AWS's bound.
pub fn page(asked: Option<i32>, most: usize) -> usize {
    asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(most).clamp(1, most)
}
