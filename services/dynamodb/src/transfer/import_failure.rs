//! What an import could not take in, told in CloudWatch Logs.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html>

use api_logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogStream, CreateLogStreamInput, InputLogEvent, PutLogEvents,
    PutLogEventsInput,
};
use kernel::Context;
use serde_json::json;

/// The log group.
pub const GROUP: &str = "/aws-dynamodb/imports";

/// The most errors that are told of: DynamoDB tells of the first 10,000.
const MOST: i64 = 10_000;

/// The most messages of one call.
const BATCH: usize = 1000;

/// Errors of an import.
pub struct Journal {
    arn: String,
    stream: String,
    count: i64,
    waiting: Vec<String>,
}

impl Journal {
    /// An empty one.
    pub fn new(arn: String, stream: String) -> Self {
        Self { arn, stream, count: 0, waiting: Vec::new() }
    }

    /// How many errors there were.
    pub fn count(&self) -> i64 {
        self.count
    }

    /// Notes an error.
    pub fn note(&mut self, bucket: &str, key: &str, item: Option<usize>, problem: String) {
        self.count += 1;
        if self.count <= MOST {
            let message = json!({
                "itemS3Pointer": { "bucket": bucket, "key": key, "itemIndex": item },
                "importArn": self.arn,
                "errorMessages": [problem],
            });
            self.waiting.push(message.to_string());
        }
    }

    /// Tells of what was noted. Where nobody keeps logs, the count has to do.
    pub async fn tell(&mut self, cx: &Context) {
        let messages = std::mem::take(&mut self.waiting);
        if messages.is_empty() {
            return;
        }
        let group = CreateLogGroupInput { log_group_name: GROUP.to_owned(), ..Default::default() };
        let _ = cx.call::<CreateLogGroup>(group).await;
        let stream =
            CreateLogStreamInput { log_group_name: GROUP.to_owned(), log_stream_name: self.stream.clone() };
        let _ = cx.call::<CreateLogStream>(stream).await;
        let timestamp = cx.clock.now().as_millisecond();
        for batch in messages.chunks(BATCH) {
            let event = |message: &String| InputLogEvent { timestamp, message: message.clone() };
            let input = PutLogEventsInput {
                log_group_name: GROUP.to_owned(),
                log_stream_name: self.stream.clone(),
                log_events: batch.iter().map(event).collect(),
                ..Default::default()
            };
            let _ = cx.call::<PutLogEvents>(input).await;
        }
    }
}
