//! S3 alone in memory, called as other services call it.
#![allow(dead_code, missing_docs, reason = "not every test uses all of it")]

use std::sync::Arc;

use api_s3::{
    BucketVersioningStatus, CreateBucket, CreateBucketInput, GetObject, GetObjectInput, PutBucketVersioning,
    PutBucketVersioningInput, PutObject, PutObjectInput, PutObjectOutput, VersioningConfiguration,
};
use kernel::{ByteStream, Bytes, Calls, Clock, Context, Fault, Ids, Operation, Scope, Timestamp};
use store::Store;

pub const BUCKET: &str = "bucket";

/// A context whose `call` reaches the service.
pub fn emulator() -> (Context, Store) {
    let (clock, ids) = (Clock::frozen_at(Timestamp::from_second(1_800_000_000).unwrap()), Ids::seeded(1));
    let store = Store::memory(clock.clone(), ids.clone());
    let calls = Calls::default();
    calls.register(vec![service_s3::service(&store, Vec::new())]);
    let (caller, request) = (Arc::default(), Arc::default());
    (Context { scope: Scope::default(), caller, request, clock, ids, calls }, store)
}

/// The same with one bucket.
pub async fn with_bucket() -> (Context, Store) {
    let (cx, store) = emulator();
    create(&cx, BUCKET).await.unwrap();
    (cx, store)
}

pub async fn create(cx: &Context, bucket: &str) -> Result<(), Fault> {
    let input = CreateBucketInput { bucket: bucket.to_owned(), ..Default::default() };
    cx.call::<CreateBucket>(input).await.map(drop)
}

pub async fn put(cx: &Context, key: &str, body: impl Into<Bytes>) -> Result<PutObjectOutput, Fault> {
    cx.call::<PutObject>(put_input(key, body)).await
}

pub fn put_input(key: &str, body: impl Into<Bytes>) -> PutObjectInput {
    PutObjectInput {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        body: ByteStream::from_bytes(body.into()),
        ..Default::default()
    }
}

pub fn get_input(key: &str) -> GetObjectInput {
    GetObjectInput { bucket: BUCKET.to_owned(), key: key.to_owned(), ..Default::default() }
}

pub async fn get(cx: &Context, key: &str) -> Result<Bytes, Fault> {
    cx.call::<GetObject>(get_input(key)).await?.body.collect(usize::MAX).await
}

/// The code of the fault that a call must answer.
pub async fn code<O: Operation>(cx: &Context, input: O::Input) -> String {
    match cx.call::<O>(input).await {
        Ok(_) => "no fault".to_owned(),
        Err(fault) => fault.code().to_owned(),
    }
}

/// Turns the versions of a bucket on or off.
pub async fn keep_versions(cx: &Context, bucket: &str, status: BucketVersioningStatus) {
    let versioning_configuration = VersioningConfiguration { status: Some(status), ..Default::default() };
    let input = PutBucketVersioningInput {
        bucket: bucket.to_owned(),
        versioning_configuration,
        ..Default::default()
    };
    cx.call::<PutBucketVersioning>(input).await.unwrap();
}

/// Has the service take everything from the outbox that is for it, as often as that makes more.
pub async fn drain(cx: &Context, store: &Store) {
    let service = service_s3::service(store, Vec::new());
    let mut tried = std::collections::HashMap::new();
    loop {
        let events = store.outbox().pending(None, 1000).unwrap();
        let Some(event) = events.into_iter().next() else { return };
        let attempt = tried.entry(event.seq).and_modify(|count| *count += 1).or_insert(1);
        let consumer = service.consumers.iter().find(|consumer| consumer.kind() == event.kind).unwrap();
        match consumer.consume(cx, event.payload(), *attempt).await {
            kernel::work::Consumed::Done => store.outbox().done(&[event.seq]).await.unwrap(),
            kernel::work::Consumed::RetryAt(_) => {}
            kernel::work::Consumed::Failed(fault) => panic!("{fault}"),
        }
    }
}

/// Runs a worker of the service once.
pub async fn work(cx: &Context, store: &Store, name: &str) {
    let service = service_s3::service(store, Vec::new());
    let worker = service.workers.iter().find(|worker| worker.name() == name).unwrap();
    worker.run(cx).await.unwrap();
}
