//! Access logs: lines become objects by the clock.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

mod emulator;

use std::time::Duration;

use api_s3::{
    BucketLoggingStatus, GetObject, GetObjectInput, ListObjectsV2, ListObjectsV2Input, LoggingEnabled,
    PutBucketLogging, PutBucketLoggingInput,
};
use emulator::{BUCKET, create, with_bucket};
use http::{HeaderMap, Method, StatusCode};
use kernel::exchange::Exchange;

#[tokio::test]
async fn lines_become_an_object() {
    let (cx, store) = with_bucket().await;
    create(&cx, "logs").await.unwrap();
    let service = service_s3::service(&store, Vec::new());
    let observer = service.observer.clone().unwrap();
    let labels = vec![("Bucket", BUCKET.to_owned()), ("Key", "a b".to_owned())];
    assert!(!observer.wants("GetObject", &labels));

    let logging_enabled = LoggingEnabled {
        target_bucket: "logs".to_owned(),
        target_prefix: "of/bucket/".to_owned(),
        ..Default::default()
    };
    let bucket_logging_status = BucketLoggingStatus { logging_enabled: Some(logging_enabled) };
    let input =
        PutBucketLoggingInput { bucket: BUCKET.to_owned(), bucket_logging_status, ..Default::default() };
    cx.call::<PutBucketLogging>(input).await.unwrap();
    // The service of the call and this one share the rows, not what they remember of them.
    service.forget.iter().for_each(|forget| forget());
    assert!(observer.wants("GetObject", &labels));

    let exchange = Exchange {
        operation: "GetObject",
        labels,
        method: Method::GET,
        began: cx.clock.millis(),
        status: StatusCode::NOT_FOUND,
        headers: HeaderMap::new(),
        error: Some("NoSuchKey".to_owned()),
        sent: Some(300),
    };
    observer.observe(&cx, &exchange).await;
    cx.clock.advance(Duration::from_secs(60));
    let worker = service.workers.iter().find(|worker| worker.name() == "s3 access logs").unwrap();
    worker.run(&cx).await.unwrap();

    let list = ListObjectsV2Input { bucket: "logs".to_owned(), ..Default::default() };
    let listed = cx.call::<ListObjectsV2>(list).await.unwrap().contents.unwrap();
    let key = listed[0].key.clone().unwrap();
    assert!(key.starts_with("of/bucket/2027-01-15-08-01-00-"), "{key}");
    let input = GetObjectInput { bucket: "logs".to_owned(), key, ..Default::default() };
    let body = cx.call::<GetObject>(input).await.unwrap().body.collect(usize::MAX).await.unwrap();
    let line = String::from_utf8(body.to_vec()).unwrap();
    assert!(line.contains(" bucket [15/Jan/2027:08:00:00 +0000] "), "{line}");
    assert!(line.contains(" REST.GET.OBJECT a%20b \"GET "), "{line}");
    assert!(line.contains(" 404 NoSuchKey 300 "), "{line}");
}
