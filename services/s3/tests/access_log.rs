//! Access logs: lines become objects by the clock.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

mod emulator;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use api_s3::{
    BucketLoggingStatus, GetObject, GetObjectInput, ListObjectsV2, ListObjectsV2Input, LoggingEnabled,
    PutBucketLogging, PutBucketLoggingInput,
};
use emulator::{BUCKET, create, with_bucket};
use http::{HeaderMap, Method, StatusCode};
use kernel::exchange::Exchange;
use kernel::{Context, Service};
use store::Store;
use testkit::Emulator;

/// Has the bucket be logged.
async fn log(cx: &Context) {
    create(cx, "logs").await.unwrap();
    let logging_enabled = LoggingEnabled {
        target_bucket: "logs".to_owned(),
        target_prefix: "of/bucket/".to_owned(),
        ..Default::default()
    };
    let bucket_logging_status = BucketLoggingStatus { logging_enabled: Some(logging_enabled) };
    let input =
        PutBucketLoggingInput { bucket: BUCKET.to_owned(), bucket_logging_status, ..Default::default() };
    cx.call::<PutBucketLogging>(input).await.unwrap();
}

/// The lines of a minute later.
async fn delivered(cx: &Context, service: &Service) -> String {
    cx.clock.advance(Duration::from_secs(60));
    let worker = service.workers.iter().find(|worker| worker.name() == "s3 access logs").unwrap();
    worker.run(cx).await.unwrap();
    let list = ListObjectsV2Input { bucket: "logs".to_owned(), ..Default::default() };
    let listed = cx.call::<ListObjectsV2>(list).await.unwrap().contents.unwrap();
    let key = listed[0].key.clone().unwrap();
    let minute_later = cx.clock.now().strftime("%Y-%m-%d-%H-%M-%S");
    assert!(key.starts_with(&format!("of/bucket/{minute_later}-")), "{key}");
    let input = GetObjectInput { bucket: "logs".to_owned(), key, ..Default::default() };
    let body = cx.call::<GetObject>(input).await.unwrap().body.collect(usize::MAX).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// Posts a form to the bucket, as a browser does, and returns the line of the answer's status.
async fn post(address: SocketAddr, fields: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body: String = fields.iter().chain(&[("file", "body")]).map(part).collect();
    let body = format!("{body}--line--\r\n");
    let head = format!(
        "POST /bucket HTTP/1.1\r\nHost: {address}\r\nUser-Agent: browser\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=line\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn posted_forms_are_logged() {
    let mut stores = Vec::new();
    let emulator = Emulator::start(|clock, ids| {
        let store = Store::memory(clock.clone(), ids.clone());
        stores.push(store.clone());
        vec![service_s3::service(&store, Vec::new())]
    });
    let emulator = emulator.await;
    let cx = emulator.context();
    create(&cx, BUCKET).await.unwrap();
    log(&cx).await;
    assert!(post(emulator.address, &[("key", "a b")]).await.contains(" 204 "));
    assert!(post(emulator.address, &[("key", "c"), ("policy", "none")]).await.contains(" 400 "));

    let lines = delivered(&cx, &service_s3::service(&stores[0], Vec::new())).await;
    let mut lines: Vec<_> = lines.lines().collect();
    lines.sort_by_key(|line| line.contains(" 400 "));
    let [stored, refused] = lines[..] else { panic!("{lines:?}") };
    assert!(stored.contains(" REST.POST.OBJECT a%20b \"POST /bucket HTTP/1.1\" 204 - "), "{stored}");
    assert!(stored.contains(" \"browser\" "), "{stored}");
    assert!(refused.contains(" REST.POST.OBJECT c \"POST /bucket HTTP/1.1\" 400 "), "{refused}");
}

#[tokio::test]
async fn lines_become_an_object() {
    let (cx, store) = with_bucket().await;
    let service = service_s3::service(&store, Vec::new());
    let observer = service.observer.clone().unwrap();
    let labels = vec![("Bucket", BUCKET.to_owned()), ("Key", "a b".to_owned())];
    assert!(!observer.wants("GetObject", &labels));

    log(&cx).await;
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
    let line = delivered(&cx, &service).await;
    assert!(line.contains(" bucket [15/Jan/2027:08:00:00 +0000] "), "{line}");
    assert!(line.contains(" REST.GET.OBJECT a%20b \"GET "), "{line}");
    assert!(line.contains(" 404 NoSuchKey 300 "), "{line}");
}
