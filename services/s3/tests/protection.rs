//! What protects objects: locks, and keys of the client's.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use api_s3::{
    CopyObject, CopyObjectInput, CreateBucket, CreateBucketInput, DefaultRetention, DeleteObject,
    DeleteObjectInput, GetObject, HeadObject, HeadObjectInput, ObjectLockConfiguration, ObjectLockEnabled,
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode, ObjectLockRetention,
    ObjectLockRetentionMode, ObjectLockRule, PutObject, PutObjectInput, PutObjectLegalHold,
    PutObjectLegalHoldInput, PutObjectLockConfiguration, PutObjectLockConfigurationInput, PutObjectRetention,
    PutObjectRetentionInput, ServerSideEncryption,
};
use emulator::{BUCKET, code, emulator, get_input, put, put_input, with_bucket};
use kernel::{Context, Timestamp};
use std::time::Duration;

async fn with_lock() -> Context {
    let (cx, _) = emulator();
    let input = CreateBucketInput {
        bucket: BUCKET.into(),
        object_lock_enabled_for_bucket: Some(true),
        ..Default::default()
    };
    cx.call::<CreateBucket>(input).await.unwrap();
    cx
}

fn later(cx: &Context, seconds: u64) -> Timestamp {
    cx.clock.now() + Duration::from_secs(seconds)
}

fn retain(
    cx: &Context,
    mode: ObjectLockRetentionMode,
    seconds: u64,
    bypass: bool,
) -> PutObjectRetentionInput {
    let retention = ObjectLockRetention {
        mode: Some(mode),
        retain_until_date: Some(later(cx, seconds)),
        ..Default::default()
    };
    PutObjectRetentionInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        retention: Some(retention),
        bypass_governance_retention: bypass.then_some(true),
        ..Default::default()
    }
}

fn remove(version: &str, bypass: bool) -> DeleteObjectInput {
    DeleteObjectInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        version_id: Some(version.to_owned()),
        bypass_governance_retention: bypass.then_some(true),
        ..Default::default()
    }
}

#[tokio::test]
async fn governance_can_be_bypassed_and_compliance_cannot() {
    use ObjectLockRetentionMode::{Compliance, Governance};
    let cx = with_lock().await;
    let version = put(&cx, "key", "1").await.unwrap().version_id.unwrap();
    cx.call::<PutObjectRetention>(retain(&cx, Governance, 100, false)).await.unwrap();
    assert_eq!(code::<DeleteObject>(&cx, remove(&version, false)).await, "AccessDenied");
    assert_eq!(code::<PutObjectRetention>(&cx, retain(&cx, Governance, 50, false)).await, "AccessDenied");
    cx.call::<PutObjectRetention>(retain(&cx, Governance, 200, false)).await.unwrap();
    cx.call::<PutObjectRetention>(retain(&cx, Governance, 50, true)).await.unwrap();
    // A marker on top is always allowed: it removes nothing.
    let marker = DeleteObjectInput { bucket: BUCKET.into(), key: "key".into(), ..Default::default() };
    let marker = cx.call::<DeleteObject>(marker).await.unwrap().version_id.unwrap();
    cx.call::<DeleteObject>(remove(&marker, false)).await.unwrap();
    cx.call::<DeleteObject>(remove(&version, true)).await.unwrap();

    let version = put(&cx, "key", "2").await.unwrap().version_id.unwrap();
    cx.call::<PutObjectRetention>(retain(&cx, Compliance, 100, false)).await.unwrap();
    assert_eq!(code::<DeleteObject>(&cx, remove(&version, true)).await, "AccessDenied");
    assert_eq!(code::<PutObjectRetention>(&cx, retain(&cx, Compliance, 50, true)).await, "AccessDenied");
    assert_eq!(code::<PutObjectRetention>(&cx, retain(&cx, Governance, 200, true)).await, "AccessDenied");
    cx.clock.advance(Duration::from_secs(101));
    cx.call::<DeleteObject>(remove(&version, false)).await.unwrap();
}

#[tokio::test]
async fn a_hold_outlasts_everything_but_its_end() {
    let cx = with_lock().await;
    let version = put(&cx, "key", "1").await.unwrap().version_id.unwrap();
    let hold = |status| PutObjectLegalHoldInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        legal_hold: Some(ObjectLockLegalHold { status: Some(status) }),
        ..Default::default()
    };
    cx.call::<PutObjectLegalHold>(hold(ObjectLockLegalHoldStatus::On)).await.unwrap();
    cx.clock.advance(Duration::from_secs(1_000_000_000));
    assert_eq!(code::<DeleteObject>(&cx, remove(&version, true)).await, "AccessDenied");
    cx.call::<PutObjectLegalHold>(hold(ObjectLockLegalHoldStatus::Off)).await.unwrap();
    cx.call::<DeleteObject>(remove(&version, false)).await.unwrap();
}

#[tokio::test]
async fn new_objects_take_the_default_of_their_bucket() {
    let cx = with_lock().await;
    let default = DefaultRetention {
        mode: Some(ObjectLockRetentionMode::Governance),
        days: Some(2),
        ..Default::default()
    };
    let input = PutObjectLockConfigurationInput {
        bucket: BUCKET.into(),
        object_lock_configuration: Some(ObjectLockConfiguration {
            object_lock_enabled: Some(ObjectLockEnabled::Enabled),
            rule: Some(ObjectLockRule { default_retention: Some(default) }),
        }),
        ..Default::default()
    };
    cx.call::<PutObjectLockConfiguration>(input).await.unwrap();
    put(&cx, "key", "1").await.unwrap();
    let head = HeadObjectInput { bucket: BUCKET.into(), key: "key".into(), ..Default::default() };
    let head = cx.call::<HeadObject>(head).await.unwrap();
    assert_eq!(head.object_lock_mode, Some(ObjectLockMode::Governance));
    assert_eq!(head.object_lock_retain_until_date, Some(later(&cx, 2 * 86_400)));

    // Who asks for a lock must vouch for the body.
    let mut input = put_input("key", "2");
    input.object_lock_mode = Some(ObjectLockMode::Compliance);
    input.object_lock_retain_until_date = Some(later(&cx, 10));
    assert_eq!(code::<PutObject>(&cx, input).await, "InvalidRequest");
}

#[tokio::test]
async fn buckets_without_locks_take_none() {
    let (cx, _) = with_bucket().await;
    put(&cx, "key", "1").await.unwrap();
    let input = retain(&cx, ObjectLockRetentionMode::Governance, 10, false);
    assert_eq!(code::<PutObjectRetention>(&cx, input).await, "InvalidRequest");
}

/// 32 bytes and their MD5, in base64.
const KEYS: [(&str, &str); 2] = [
    ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "KYvwGXoFFJ42a2u2GDWhwQ=="),
    ("YWJjZGVmZ2hpamFiY2RlZmdoaWphYmNkZWZnaGlqYWI=", "d3au2fAgbQA8d3AQql7uvg=="),
];

fn sealed(which: usize) -> PutObjectInput {
    let mut input = put_input("key", "sealed");
    input.sse_customer_algorithm = Some("AES256".to_owned());
    input.sse_customer_key = Some(KEYS[which].0.to_owned());
    input.sse_customer_key_md5 = Some(KEYS[which].1.to_owned());
    input
}

#[tokio::test]
async fn nobody_reads_what_a_clients_key_seals_without_it() {
    let (cx, _) = with_bucket().await;
    let output = cx.call::<PutObject>(sealed(0)).await.unwrap();
    assert_eq!(
        (output.sse_customer_key_md5.as_deref(), output.server_side_encryption),
        (Some(KEYS[0].1), None)
    );
    assert_ne!(output.etag.as_deref(), Some("\"0bead884803fe8c5643dda0dcb94b1bc\""));
    assert_eq!(code::<GetObject>(&cx, get_input("key")).await, "InvalidRequest");
    let read = |which: usize| {
        let mut input = get_input("key");
        input.sse_customer_algorithm = Some("AES256".to_owned());
        input.sse_customer_key = Some(KEYS[which].0.to_owned());
        input.sse_customer_key_md5 = Some(KEYS[which].1.to_owned());
        input
    };
    assert_eq!(code::<GetObject>(&cx, read(1)).await, "AccessDenied");
    let body = cx.call::<GetObject>(read(0)).await.unwrap().body.collect(100).await.unwrap();
    assert_eq!(body, "sealed");

    // A copy needs the key of its source, and takes one of its own or none.
    let copy = |key: bool| CopyObjectInput {
        bucket: BUCKET.into(),
        key: "open".into(),
        copy_source: format!("{BUCKET}/key"),
        copy_source_sse_customer_algorithm: key.then(|| "AES256".to_owned()),
        copy_source_sse_customer_key: key.then(|| KEYS[0].0.to_owned()),
        copy_source_sse_customer_key_md5: key.then(|| KEYS[0].1.to_owned()),
        ..Default::default()
    };
    assert_eq!(code::<CopyObject>(&cx, copy(false)).await, "InvalidRequest");
    cx.call::<CopyObject>(copy(true)).await.unwrap();
    assert_eq!(emulator::get(&cx, "open").await.unwrap(), "sealed");
}

#[tokio::test]
async fn keys_of_clients_are_checked() {
    let (cx, _) = with_bucket().await;
    let mut wrong = Vec::new();
    let mut input = sealed(0);
    input.sse_customer_algorithm = None;
    wrong.push((input, "InvalidArgument"));
    let mut input = sealed(0);
    input.sse_customer_algorithm = Some("KMS".to_owned());
    wrong.push((input, "InvalidEncryptionAlgorithmError"));
    let mut input = sealed(0);
    input.sse_customer_key_md5 = Some(KEYS[1].1.to_owned());
    wrong.push((input, "InvalidArgument"));
    let mut input = sealed(0);
    input.sse_customer_key = Some("c2hvcnQ=".to_owned());
    wrong.push((input, "InvalidArgument"));
    let mut input = sealed(0);
    input.server_side_encryption = Some(ServerSideEncryption::Aes256);
    wrong.push((input, "InvalidArgument"));
    for (input, expected) in wrong {
        assert_eq!(code::<PutObject>(&cx, input).await, expected);
    }
    assert_eq!(code::<GetObject>(&cx, get_input("key")).await, "NoSuchKey");
}
