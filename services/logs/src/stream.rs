//! A log stream.

use api_logs::LogStream;
use kernel::Scope;
use serde::{Deserialize, Serialize};
use store::Table;

use crate::names;

/// Streams by group and name.
pub static STREAMS: Table<(String, String), Stream> = Table::regional("logs.streams");

/// A log stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stream {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// The time of its earliest event.
    pub first_event: Option<i64>,
    /// The time of its latest event.
    pub last_event: Option<i64>,
    /// When an event last arrived.
    pub last_ingestion: Option<i64>,
    /// The number in its group of the last event that arrived.
    pub arrived: u64,
}

impl Stream {
    /// The stream as callers see it.
    pub fn describe(self, scope: &Scope, group: &str, name: String) -> LogStream {
        LogStream {
            arn: Some(names::stream_arn(scope, group, &name)),
            upload_sequence_token: (self.arrived > 0).then(|| sequence_token(self.arrived)),
            creation_time: Some(self.created),
            first_event_timestamp: self.first_event,
            last_event_timestamp: self.last_event,
            last_ingestion_time: self.last_ingestion,
            // AWS has answered 0 for streams since 2019.
            stored_bytes: Some(0),
            log_stream_name: Some(name),
        }
    }
}

/// Sequence tokens no longer order anything, but old clients carry them along.
pub fn sequence_token(arrived: u64) -> String {
    format!("{}", 49_600_000_000_000_000_000_000_000_u128 + u128::from(arrived))
        + "000000000000000000000000000000"
}
