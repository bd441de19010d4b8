//! What follows from events: deliveries, metrics, exports.

use std::io::Read;
use std::sync::atomic::Ordering;

use api_logs::*;
use api_s3::{CreateBucket, CreateBucketInput, GetObject, GetObjectInput, ListObjectsV2, ListObjectsV2Input};
use flate2::read::GzDecoder;
use kernel::Scope;
use serde_json::Value;

use crate::{Emulator, NOON};

const STREAM: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const ROLE: &str = "arn:aws:iam::000000000000:role/r";

fn subscription(pattern: &str, destination: &str) -> PutSubscriptionFilterInput {
    PutSubscriptionFilterInput {
        log_group_name: "/app".to_owned(),
        filter_name: "all".to_owned(),
        filter_pattern: pattern.to_owned(),
        destination_arn: destination.to_owned(),
        role_arn: Some(ROLE.to_owned()),
        ..Default::default()
    }
}

fn unzipped(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// The messages of each record that the data stream got.
pub fn received(emulator: &Emulator) -> Vec<Value> {
    let records = emulator.sent.records.lock().unwrap();
    records.iter().map(|record| serde_json::from_str(&unzipped(&record.data)).unwrap()).collect()
}

#[tokio::test]
async fn a_data_stream_is_told_of_the_filter_and_then_of_the_events_in_order() {
    let emulator = Emulator::with_stream().await;
    emulator.call::<PutSubscriptionFilter>(subscription("?keep ?also", STREAM)).await;
    emulator.put(&["keep 1", "drop"]).await;
    emulator.put(&["drop"]).await;
    emulator.put(&["also 2", "keep 3"]).await;
    // While the receiver is down, all waits and nothing overtakes.
    emulator.sent.is_down.store(true, Ordering::Relaxed);
    assert_eq!(emulator.deliver().await.len(), 3);
    assert!(received(&emulator).is_empty());
    emulator.sent.is_down.store(false, Ordering::Relaxed);
    assert!(emulator.deliver().await.is_empty());

    let all = received(&emulator);
    assert_eq!(all.len(), 3);
    assert_eq!(all[0]["messageType"], "CONTROL_MESSAGE");
    assert_eq!(
        all[0]["logEvents"][0]["message"],
        "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."
    );
    assert_eq!(all[1]["messageType"], "DATA_MESSAGE");
    assert_eq!(all[1]["owner"], "000000000000");
    assert_eq!(all[1]["logGroup"], "/app");
    assert_eq!(all[1]["logStream"], "one");
    assert_eq!(all[1]["subscriptionFilters"], serde_json::json!(["all"]));
    assert_eq!(all[1]["logEvents"].as_array().unwrap().len(), 1);
    assert_eq!(all[1]["logEvents"][0]["message"], "keep 1");
    assert_eq!(all[1]["logEvents"][0]["timestamp"], NOON);
    assert_eq!(all[2]["logEvents"][1]["message"], "keep 3");
    assert_eq!(emulator.sent.records.lock().unwrap()[1].partition_key.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_deleted_filter_delivers_nothing_any_more() {
    let emulator = Emulator::with_stream().await;
    emulator.call::<PutSubscriptionFilter>(subscription("", STREAM)).await;
    emulator.put(&["a"]).await;
    let input =
        DeleteSubscriptionFilterInput { log_group_name: "/app".to_owned(), filter_name: "all".to_owned() };
    emulator.call::<DeleteSubscriptionFilter>(input).await;
    emulator.put(&["b"]).await;
    assert!(emulator.deliver().await.is_empty());
    assert!(received(&emulator).is_empty());
}

#[tokio::test]
async fn a_group_has_two_subscription_filters_at_most() {
    let emulator = Emulator::with_stream().await;
    let named =
        |name: &str| PutSubscriptionFilterInput { filter_name: name.to_owned(), ..subscription("", STREAM) };
    for name in ["one", "two", "two"] {
        emulator.call::<PutSubscriptionFilter>(named(name)).await;
    }
    let refused = emulator.cx.call::<PutSubscriptionFilter>(named("three")).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), ("LimitExceededException", "Resource limit exceeded."));
}

#[tokio::test]
async fn a_data_stream_that_is_not_there_is_refused() {
    let emulator = Emulator::with_stream().await;
    let missing = subscription("", "arn:aws:kinesis:us-east-1:000000000000:stream/none");
    let refused = emulator.cx.call::<PutSubscriptionFilter>(missing).await.unwrap_err();
    assert_eq!(refused.code(), "InvalidParameterException");
}

#[tokio::test]
async fn another_account_subscribes_where_the_policy_of_the_destination_lets_it() {
    let emulator = Emulator::with_stream().await;
    let theirs = emulator.cx.in_scope(Scope::new("111111111111", "us-east-1"));
    let destination = PutDestinationInput {
        destination_name: "d".to_owned(),
        target_arn: "arn:aws:kinesis:us-east-1:111111111111:stream/theirs".to_owned(),
        role_arn: ROLE.to_owned(),
        tags: None,
    };
    let made = theirs.call::<PutDestination>(destination).await.unwrap().destination.unwrap();
    let arn = made.arn.unwrap();
    assert_eq!(arn, "arn:aws:logs:us-east-1:111111111111:destination:d");
    let refused = emulator.cx.call::<PutSubscriptionFilter>(subscription("", &arn)).await.unwrap_err();
    assert_eq!(refused.code(), "AccessDeniedException");

    let access_policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"},
        "Action": "logs:PutSubscriptionFilter", "Resource": "*"}]}"#;
    let policy = PutDestinationPolicyInput {
        destination_name: "d".to_owned(),
        access_policy: access_policy.to_owned(),
        force_update: None,
    };
    theirs.call::<PutDestinationPolicy>(policy).await.unwrap();
    emulator.call::<PutSubscriptionFilter>(subscription("", &arn)).await;
    emulator.put(&["a"]).await;
    assert!(emulator.deliver().await.is_empty());
    assert_eq!(received(&emulator)[1]["logEvents"][0]["message"], "a");
    let record = emulator.sent.records.lock().unwrap()[1].stream_arn.clone();
    assert_eq!(record.as_deref(), Some("arn:aws:kinesis:us-east-1:111111111111:stream/theirs"));
}

#[tokio::test]
async fn metric_filters_put_metrics() {
    let emulator = Emulator::with_stream().await;
    let filter = PutMetricFilterInput {
        log_group_name: "/app".to_owned(),
        filter_name: "latency".to_owned(),
        filter_pattern: "{ $.latency = * }".to_owned(),
        metric_transformations: vec![MetricTransformation {
            metric_name: "Latency".to_owned(),
            metric_namespace: "App".to_owned(),
            metric_value: "$.latency".to_owned(),
            dimensions: Some([("Path".to_owned(), "$.path".to_owned())].into_iter().collect()),
            unit: Some(StandardUnit::Milliseconds),
            ..Default::default()
        }],
        ..Default::default()
    };
    emulator.call::<PutMetricFilter>(filter).await;
    emulator
        .put(&[r#"{"latency": 12.5, "path": "/a"}"#, r#"{"other": 1}"#, r#"{"latency": "x", "path": "/a"}"#])
        .await;
    assert!(emulator.deliver().await.is_empty());

    let metrics = emulator.sent.metrics.lock().unwrap();
    assert_eq!((metrics.len(), metrics[0].namespace.as_str()), (1, "App"));
    let data = metrics[0].metric_data.as_ref().unwrap();
    assert_eq!((data.len(), data[0].metric_name.as_str(), data[0].value), (1, "Latency", Some(12.5)));
    assert_eq!(data[0].dimensions.as_ref().unwrap()[0].value, "/a");
    assert_eq!(data[0].timestamp.unwrap().as_millisecond(), NOON);
}

#[tokio::test]
async fn exports_are_compressed_objects_one_per_stream() {
    let emulator = Emulator::with_stream().await;
    let bucket = CreateBucketInput { bucket: "exports".to_owned(), ..Default::default() };
    emulator.call::<CreateBucket>(bucket).await;
    emulator.put(&["first", "second"]).await;
    let input = CreateExportTaskInput {
        log_group_name: "/app".to_owned(),
        from: NOON - 1000,
        to: NOON + 1000,
        destination: "exports".to_owned(),
        ..Default::default()
    };
    let id = emulator.call::<CreateExportTask>(input.clone()).await.task_id.unwrap();
    let second = emulator.cx.call::<CreateExportTask>(input).await.unwrap_err();
    assert_eq!(second.code(), "LimitExceededException");
    let describe = || DescribeExportTasksInput { task_id: Some(id.clone()), ..Default::default() };
    let pending = emulator.call::<DescribeExportTasks>(describe()).await.export_tasks.unwrap().remove(0);
    assert_eq!(pending.status.unwrap().code, Some(ExportTaskStatusCode::Pending));
    assert_eq!(pending.destination_prefix.as_deref(), Some("exportedlogs"));

    assert!(emulator.deliver().await.is_empty());

    let done = emulator.call::<DescribeExportTasks>(describe()).await.export_tasks.unwrap().remove(0);
    assert_eq!(done.status.unwrap().code, Some(ExportTaskStatusCode::Completed));
    let list = ListObjectsV2Input { bucket: "exports".to_owned(), ..Default::default() };
    let keys: Vec<_> = emulator
        .call::<ListObjectsV2>(list)
        .await
        .contents
        .unwrap()
        .into_iter()
        .map(|one| one.key.unwrap())
        .collect();
    let key = format!("exportedlogs/{id}/one/000000.gz");
    assert!(keys.contains(&key) && keys.contains(&"exportedlogs/aws-logs-write-test".to_owned()), "{keys:?}");
    let get = GetObjectInput { bucket: "exports".to_owned(), key, ..Default::default() };
    let body = emulator.call::<GetObject>(get).await.body.collect(1 << 20).await.unwrap();
    assert_eq!(unzipped(&body), "2026-01-02T12:00:00.000Z first\n2026-01-02T12:00:00.001Z second\n");
    let cancel = CancelExportTaskInput { task_id: id };
    let ended = emulator.cx.call::<CancelExportTask>(cancel).await.unwrap_err();
    assert_eq!(ended.code(), "InvalidOperationException");
}
