//! Changes that go to data streams, taken by a Kinesis that only remembers.

use std::sync::{Arc, Mutex};

use api_kinesis::{
    DescribeStreamSummary, DescribeStreamSummaryInput, DescribeStreamSummaryOutput, KinesisError, PutRecord,
    PutRecordInput, PutRecordOutput,
};
use kernel::{Handler, Service};

use super::*;

#[derive(Default)]
struct Kinesis(Mutex<Vec<serde_json::Value>>);

impl Handler<DescribeStreamSummary> for Kinesis {
    async fn handle(
        &self,
        _: &Context,
        input: DescribeStreamSummaryInput,
    ) -> Result<DescribeStreamSummaryOutput, KinesisError> {
        match input.stream_arn.as_deref() {
            Some(STREAM) => Ok(DescribeStreamSummaryOutput::default()),
            _ => Err(KinesisError::resource_not_found_exception("no such stream")),
        }
    }
}

impl Handler<PutRecord> for Kinesis {
    async fn handle(&self, _: &Context, input: PutRecordInput) -> Result<PutRecordOutput, KinesisError> {
        assert_eq!(input.stream_arn.as_deref(), Some(STREAM));
        self.0.lock().unwrap().push(serde_json::from_slice(&input.data).unwrap());
        Ok(PutRecordOutput::default())
    }
}

const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/changes";

fn destination(stream: &str) -> KinesisStreamingDestinationInput {
    KinesisStreamingDestinationInput {
        table_name: "things".into(),
        stream_arn: stream.into(),
        ..Default::default()
    }
}

/// The record has the members of a recorded one.
#[tokio::test]
async fn changes_go_to_a_data_stream() {
    let kinesis = Arc::new(Kinesis::default());
    let service = Service::new(&api_kinesis::SERVICE)
        .with(kinesis.clone())
        .on::<DescribeStreamSummary>()
        .on::<PutRecord>()
        .build();
    let emulator = Emulator::beside(vec![service]);
    emulator.call::<CreateTable>(table()).await.unwrap();
    let enable = async |stream: &str| {
        refusal(emulator.call::<EnableKinesisStreamingDestination>(destination(stream)).await)
    };
    assert_eq!(
        enable("arn:aws:kinesis:us-east-1:000000000000:stream/no").await,
        "ResourceNotFoundException: no such stream"
    );
    assert_eq!(enable(STREAM).await, "accepted");
    assert_eq!(
        enable(STREAM).await,
        "ValidationException: Table is not in a valid state to enable Kinesis Streaming Destination: \
         EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation."
    );
    emulator.put(map([("pk", s("test")), ("sk", n(1))])).await;
    emulator.deliver().await;
    let disable = destination(STREAM);
    emulator.call::<DisableKinesisStreamingDestination>(disable).await.unwrap();
    emulator.put(map([("pk", s("test")), ("sk", n(2))])).await;
    emulator.deliver().await;
    let mut records = kinesis.0.lock().unwrap().clone();
    assert_eq!(records.len(), 1);
    let id = records[0]["eventID"].take();
    assert_eq!(id.as_str().unwrap().len(), 36);
    let image = serde_json::json!({"pk": {"S": "test"}, "sk": {"N": "1"}});
    let expected = serde_json::json!({
        "awsRegion": "us-east-1",
        "eventID": null,
        "eventName": "INSERT",
        "userIdentity": null,
        "recordFormat": "application/json",
        "tableName": "things",
        "dynamodb": {
            "ApproximateCreationDateTime": 0,
            "Keys": image,
            "NewImage": image,
            "SizeBytes": 20,
        },
        "eventSource": "aws:dynamodb",
    });
    assert_eq!(records[0], expected);
}
