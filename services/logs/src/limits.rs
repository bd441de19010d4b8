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

/// Milliseconds of a day.
pub const DAY: i64 = 86_400_000;

/// For how many days events may be kept.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub const RETENTION_DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Subscription filters of a group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
pub const SUBSCRIPTIONS: u32 = 2;

/// Metric filters of a group.
pub const METRIC_FILTERS: u32 = 100;

/// Resource policies of a region.
pub const RESOURCE_POLICIES: usize = 10;

/// Policies of an account that name fields to be indexed, or that transform, each for groups of some prefixes.
pub const SCOPED_POLICIES: usize = 20;

/// Rows of a query's results.
pub const QUERY_RESULTS: usize = 10_000;

/// Saved queries of one page.
pub const PAGE_DEFINITIONS: usize = 1000;

/// Events a second that a live tail shows; of more, some.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html>
pub const LIVE_TAIL_EVENTS: usize = 500;

/// Hours that a live tail lasts.
pub const LIVE_TAIL_HOURS: i64 = 3;

/// Groups of one live tail.
pub const LIVE_TAIL_GROUPS: usize = 10;

/// Groups that one query may select by `SOURCE`.
pub const SELECTED_GROUPS: usize = 10_000;

/// Groups of one query.
pub const QUERY_GROUPS: usize = 50;

/// Days that queries are remembered.
pub const QUERY_DAYS: i64 = 7;
