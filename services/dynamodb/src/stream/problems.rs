//! The sentences that readers of streams meet.

use api_dynamodbstreams::DynamodbstreamsError;
use kernel::{Fault, Timestamp};

/// A request that is not valid.
pub fn validation(message: impl Into<String>) -> DynamodbstreamsError {
    Fault::client("ValidationException", message).into()
}

/// A page that is larger than the documented limit, which AWS's model leaves out.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>
pub fn large_limit(limit: usize, most: usize) -> DynamodbstreamsError {
    validation(format!(
        "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value \
         less than or equal to {most}"
    ))
}

/// No stream of that ARN. Source: a recorded answer.
pub fn no_such_stream(arn: &str) -> DynamodbstreamsError {
    DynamodbstreamsError::resource_not_found_exception(format!(
        "Requested resource not found: Stream: {arn} not found"
    ))
}

/// No shard of that id in the stream.
pub fn no_such_shard(shard: &str, stream: &str) -> DynamodbstreamsError {
    DynamodbstreamsError::resource_not_found_exception(format!(
        "Requested resource not found: Shard: {shard} in stream: {stream} not found"
    ))
}

/// An iterator that is none.
pub fn invalid_iterator() -> DynamodbstreamsError {
    validation("Invalid ShardIterator")
}

/// An iterator that was given out too long ago.
pub fn expired_iterator(given: Timestamp, now: Timestamp) -> DynamodbstreamsError {
    DynamodbstreamsError::expired_iterator_exception(format!(
        "Iterator expired. The iterator was created at time {given} while right now it is {now} which is further in \
         the future than the tolerated delay of 900000 milliseconds."
    ))
}

/// A sequence number that belongs to a trimmed record.
pub fn trimmed() -> DynamodbstreamsError {
    DynamodbstreamsError::trimmed_data_access_exception(
        "The operation attempted to read past the oldest stream record in a shard",
    )
}
