//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/general/latest/gr/sns.html> and the pages of the operations.

use std::time::Duration;

/// Characters of a topic's name, `.fifo` included.
pub const TOPIC_NAME: usize = 256;
/// Characters of a platform application's name.
pub const APPLICATION_NAME: usize = 256;
/// Bytes of a message with its attributes, and of all messages of a batch together.
pub const MESSAGE_BYTES: usize = 262_144;
/// Entries of a batch.
pub const BATCH: usize = 10;
/// Characters of a batch entry's id.
pub const ENTRY_ID: usize = 80;
/// Characters of a subject.
pub const SUBJECT: usize = 100;
/// Bytes of an attribute's name.
pub const ATTRIBUTE_NAME: usize = 256;
/// Keys of a filter policy.
pub const FILTER_KEYS: usize = 5;
/// Combinations of values of a filter policy.
pub const FILTER_COMBINATIONS: usize = 150;
/// Bytes of custom user data of an endpoint.
pub const USER_DATA: usize = 2048;
/// Rows of a page of most lists.
pub const PAGE: usize = 100;
/// Tags of a topic.
pub const TAGS: usize = 50;
/// How long a deduplication id is remembered.
pub const DEDUPLICATION: Duration = Duration::from_secs(300);
/// How long an endpoint on the network may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// How long a token confirms a subscription.
pub const TOKEN_DAYS: i64 = 2;
/// The days an archive may keep messages.
pub const ARCHIVE_DAYS: (i64, i64) = (1, 365);
