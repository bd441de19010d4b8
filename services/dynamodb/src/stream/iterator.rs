//! Iterators: where a reader of a shard stands.

use api_dynamodbstreams::DynamodbstreamsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Context, Timestamp};
use serde::{Deserialize, Serialize};

use super::problems;

/// How long an iterator can be used.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html>
const LIFE: std::time::Duration = std::time::Duration::from_mins(15);

/// Where a reader stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct Iterator {
    /// The stream's ARN.
    #[serde(skip)]
    pub stream: String,
    /// The shard's id.
    pub shard: String,
    /// The number of the change that is read next.
    pub next: u64,
    /// When it was given out.
    pub given: Timestamp,
}

impl Iterator {
    /// The iterator as text, in AWS's form: the stream, a version, and what only we understand.
    pub fn encode(&self) -> Result<String, DynamodbstreamsError> {
        let rest = serde_json::to_vec(self).map_err(kernel::Fault::internal)?;
        Ok(format!("{}|1|{}", self.stream, STANDARD.encode(rest)))
    }

    /// The iterator that a reader came with.
    pub fn decode(cx: &Context, text: &str) -> Result<Self, DynamodbstreamsError> {
        let iterator = || {
            let (stream, rest) = text.split_once("|1|")?;
            let rest: Self = serde_json::from_slice(&STANDARD.decode(rest).ok()?).ok()?;
            Some(Self { stream: stream.to_owned(), ..rest })
        };
        let iterator = iterator().ok_or_else(problems::invalid_iterator)?;
        if iterator.given + LIFE < cx.clock.now() {
            return Err(problems::expired_iterator(iterator.given, cx.clock.now()));
        }
        Ok(iterator)
    }
}
