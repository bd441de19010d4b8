//! What is told of records that are given up.

use api_dynamodbstreams::Record;
use api_s3::{PutObject, PutObjectInput};
use jiff::tz::TimeZone;
use kernel::{Arn, ByteStream, Context, Fault, Timestamp};
use serde_json::{Value, json};

use super::Mapping;
use super::invocation::Failure;
use super::shards::number;

/// A batch that is given up.
pub struct Discarded<'a> {
    pub records: &'a [&'a Record],
    pub reason: &'static str,
    pub attempts: i32,
    pub failure: &'a Failure,
    pub mapping: &'a Mapping,
    pub stream: &'a Arn,
    pub shard: &'a str,
}

/// When a record was written.
pub fn arrival(record: Option<&Record>) -> Option<Timestamp> {
    record?.dynamodb.as_ref()?.approximate_creation_date_time
}

impl Discarded<'_> {
    /// Tells a destination; a bucket gets the records, too.
    pub async fn send(&self, cx: &Context, destination: &str, records: &[&Value]) -> Result<(), Fault> {
        let mut message = self.message(cx);
        let sent = match Arn::parse(destination) {
            Some(arn) if arn.service == "s3" => {
                message["payload"] = json!({ "Records": records }).to_string().into();
                self.put(cx, &arn, message).await
            }
            _ => background::deliver(cx, destination, message.to_string().into_bytes().into()).await,
        };
        if let Err(fault) = sent {
            tracing::warn!(destination, %fault, "nobody could be told of records that were given up");
        }
        Ok(())
    }

    fn message(&self, cx: &Context) -> Value {
        let function = self.mapping.function();
        let mut message = json!({
            "requestContext": {
                "requestId": cx.ids.uuid(),
                "functionArn": function,
                "condition": self.reason,
                "approximateInvokeCount": self.attempts,
            },
            "version": "1.0",
            "timestamp": printed(cx.clock.now()),
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": number(self.records.first().copied()),
                "endSequenceNumber": number(self.records.last().copied()),
                "approximateArrivalOfFirstRecord": arrival(self.records.first().copied()).map(printed_seconds),
                "approximateArrivalOfLastRecord": arrival(self.records.last().copied()).map(printed_seconds),
                "batchSize": self.records.len(),
                "streamArn": self.stream.to_string(),
            },
        });
        if self.failure.version.is_some() || self.failure.function_error.is_some() {
            message["responseContext"] = json!({
                "statusCode": self.failure.status,
                "executedVersion": self.failure.version,
                "functionError": self.failure.function_error,
            });
        }
        message
    }

    async fn put(&self, cx: &Context, bucket: &Arn, message: Value) -> Result<(), Fault> {
        let now = cx.clock.now().to_zoned(TimeZone::UTC);
        let key = format!(
            "aws/lambda/{}/{}/{}-{}",
            self.mapping.id(),
            self.shard,
            now.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S"),
            cx.ids.uuid()
        );
        let input = PutObjectInput {
            bucket: bucket.resource.clone(),
            key,
            body: ByteStream::from_bytes(message.to_string().into_bytes().into()),
            ..PutObjectInput::default()
        };
        cx.call::<PutObject>(input).await.map(drop)
    }
}

fn printed(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn printed_seconds(at: Timestamp) -> String {
    format!("{at:.0}")
}
