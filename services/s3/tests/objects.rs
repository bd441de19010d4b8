//! Objects: what is put is got, whole, in ranges and under conditions, as AWS documents.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use api_s3::{
    ChecksumMode, CopyObject, CopyObjectInput, DeleteBucket, DeleteBucketInput, DeleteObject,
    DeleteObjectInput, GetObject, HeadObject, HeadObjectInput, ObjectCannedACL, PutObject,
};
use emulator::{BUCKET, code, create, get, get_input, put, put_input, with_bucket};
use futures_util::stream;
use kernel::{ByteStream, Bytes, Fault, Scope};

fn bytes(length: usize) -> Bytes {
    (0..length).map(|at| (at % 251) as u8).collect::<Vec<_>>().into()
}

#[tokio::test]
async fn bodies_of_any_length_come_back() {
    let (cx, _) = with_bucket().await;
    for length in [0, 1, 16 * 1024, 16 * 1024 + 1, 300_000] {
        put(&cx, "key", bytes(length)).await.unwrap();
        assert_eq!(get(&cx, "key").await.unwrap(), bytes(length), "{length}");
    }
}

#[tokio::test]
async fn bodies_come_in_any_pieces() {
    let (cx, _) = with_bucket().await;
    for size in [1, 1000, 16 * 1024, 50_000] {
        let whole = bytes(50_000);
        let pieces: Vec<Result<Bytes, Fault>> =
            whole.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut input = put_input("key", "");
        input.body = ByteStream::new(Box::pin(stream::iter(pieces)), Some(50_000));
        cx.call::<PutObject>(input).await.unwrap();
        assert_eq!(get(&cx, "key").await.unwrap(), whole, "{size}");
    }
}

#[tokio::test]
async fn ranges_cut_rows_and_blobs_alike() {
    let (cx, _) = with_bucket().await;
    for length in [100, 100_000] {
        put(&cx, "key", bytes(length)).await.unwrap();
        let mut input = get_input("key");
        input.range = Some("bytes=10-19".to_owned());
        let output = cx.call::<GetObject>(input).await.unwrap();
        assert_eq!(output.content_range, Some(format!("bytes 10-19/{length}")));
        assert_eq!(output.content_length, Some(10));
        assert_eq!(output.body.collect(100).await.unwrap(), bytes(length).slice(10..20));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let (cx, _) = with_bucket().await;
    put(&cx, "key", "old").await.unwrap();
    let mut input = put_input("key", "");
    let pieces = vec![Ok(bytes(100_000)), Err(Fault::client("RequestTimeout", "gone"))];
    input.body = ByteStream::new(Box::pin(stream::iter(pieces)), Some(200_000));
    assert_eq!(code::<PutObject>(&cx, input).await, "RequestTimeout");
    let mut input = put_input("key", "");
    input.body = ByteStream::new(Box::pin(stream::iter([Ok(bytes(10))])), Some(11));
    assert_eq!(code::<PutObject>(&cx, input).await, "IncompleteBody");
    assert_eq!(get(&cx, "key").await.unwrap(), "old");
}

#[tokio::test]
async fn wrong_digests_are_refused() {
    let (cx, _) = with_bucket().await;
    let mut input = put_input("key", "hello");
    input.content_md5 = Some("XUFAKrxLKna5cZ2REBfFkg==".to_owned());
    cx.call::<PutObject>(input).await.unwrap();
    for (md5, expected) in [("AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"), ("AAAA", "InvalidDigest")] {
        let mut input = put_input("key", "hello");
        input.content_md5 = Some(md5.to_owned());
        assert_eq!(code::<PutObject>(&cx, input).await, expected);
    }
    for (crc32, expected) in [("AAAAAA==", "BadDigest"), ("AAAA", "InvalidRequest"), ("NhCmhg==", "no fault")]
    {
        let mut input = put_input("key", "hello");
        input.checksum_crc32 = Some(crc32.to_owned());
        assert_eq!(code::<PutObject>(&cx, input).await, expected);
    }
    let mut input = HeadObjectInput { bucket: BUCKET.into(), key: "key".into(), ..Default::default() };
    input.checksum_mode = Some(ChecksumMode::Enabled);
    let output = cx.call::<HeadObject>(input).await.unwrap();
    assert_eq!(output.checksum_crc32.as_deref(), Some("NhCmhg=="));
    assert_eq!(output.etag.as_deref(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
}

#[tokio::test]
async fn conditions_guard_reads_and_writes() {
    let (cx, _) = with_bucket().await;
    let mut input = put_input("key", "1");
    input.if_match = Some("\"x\"".to_owned());
    assert_eq!(code::<PutObject>(&cx, input).await, "NoSuchKey");
    let etag = put(&cx, "key", "1").await.unwrap().etag.unwrap();

    let mut input = put_input("key", "2");
    input.if_none_match = Some("*".to_owned());
    assert_eq!(code::<PutObject>(&cx, input).await, "PreconditionFailed");
    let mut input = get_input("key");
    input.if_none_match = Some(etag.clone());
    let fault = cx.call::<GetObject>(input).await.unwrap_err();
    assert_eq!((fault.status(), fault.headers().first()), (304, Some(&("etag", etag.clone()))));

    let mut input = put_input("key", "2");
    input.if_match = Some(etag.clone());
    cx.call::<PutObject>(input).await.unwrap();
    let mut input = put_input("key", "3");
    input.if_match = Some(etag);
    assert_eq!(code::<PutObject>(&cx, input).await, "PreconditionFailed");
}

#[tokio::test]
async fn buckets_without_lists_take_none() {
    let (cx, _) = with_bucket().await;
    let mut input = put_input("key", "x");
    input.acl = Some(ObjectCannedACL::PublicRead);
    assert_eq!(code::<PutObject>(&cx, input).await, "AccessControlListNotSupported");
    assert_eq!(code::<GetObject>(&cx, get_input("key")).await, "NoSuchKey");
}

#[tokio::test]
async fn copies_keep_or_replace_the_description() {
    let (cx, _) = with_bucket().await;
    let mut input = put_input("key", bytes(50_000));
    input.content_type = Some("text/plain".to_owned());
    input.cache_control = Some("no-cache".to_owned());
    cx.call::<PutObject>(input).await.unwrap();
    let copy = |key: &str, directive: &str| CopyObjectInput {
        bucket: BUCKET.into(),
        key: key.into(),
        copy_source: format!("{BUCKET}/key"),
        metadata_directive: Some(directive.into()),
        content_type: Some("image/png".to_owned()),
        ..Default::default()
    };
    cx.call::<CopyObject>(copy("kept", "COPY")).await.unwrap();
    cx.call::<CopyObject>(copy("new", "REPLACE")).await.unwrap();
    assert_eq!(code::<CopyObject>(&cx, copy("key", "COPY")).await, "InvalidRequest");
    let kept = cx.call::<GetObject>(get_input("kept")).await.unwrap();
    assert_eq!(
        (kept.content_type.as_deref(), kept.cache_control.as_deref()),
        (Some("text/plain"), Some("no-cache"))
    );
    let new = cx.call::<GetObject>(get_input("new")).await.unwrap();
    assert_eq!((new.content_type.as_deref(), new.cache_control), (Some("image/png"), None));
    assert_eq!(get(&cx, "new").await.unwrap(), bytes(50_000));
}

#[tokio::test]
async fn bucket_names_belong_to_one_account() {
    let (cx, _) = with_bucket().await;
    create(&cx, BUCKET).await.unwrap();
    let other = cx.in_scope(Scope::new("111111111111", "us-east-1"));
    assert_eq!(create(&other, BUCKET).await.unwrap_err().code(), "BucketAlreadyExists");
    let ireland = cx.in_scope(Scope::new("000000000000", "eu-west-1"));
    assert_eq!(create(&ireland, "another").await.unwrap_err().code(), "IllegalLocationConstraintException");

    put(&ireland, "key", "x").await.unwrap();
    let delete = || DeleteBucketInput { bucket: BUCKET.into(), ..Default::default() };
    assert_eq!(code::<DeleteBucket>(&cx, delete()).await, "BucketNotEmpty");
    let gone = DeleteObjectInput { bucket: BUCKET.into(), key: "key".into(), ..Default::default() };
    cx.call::<DeleteObject>(gone).await.unwrap();
    cx.call::<DeleteBucket>(delete()).await.unwrap();
    create(&other, BUCKET).await.unwrap();
}

#[tokio::test]
async fn who_pays_is_told() {
    let (cx, _) = with_bucket().await;
    put(&cx, "key", "x").await.unwrap();
    let payer = |payer| api_s3::PutBucketRequestPaymentInput {
        bucket: BUCKET.to_owned(),
        request_payment_configuration: api_s3::RequestPaymentConfiguration { payer },
        ..Default::default()
    };
    cx.call::<api_s3::PutBucketRequestPayment>(payer(api_s3::Payer::Requester)).await.unwrap();
    let mut other = cx.in_scope(Scope::new("111111111111", "us-east-1"));
    assert_eq!(code::<GetObject>(&other, get_input("key")).await, "AccessDenied");
    let mut headers = http::HeaderMap::new();
    headers.insert("x-amz-request-payer", "requester".parse().unwrap());
    other.request = std::sync::Arc::new(kernel::RequestInfo { headers, ..Default::default() });
    let charged = Some(api_s3::RequestCharged::Requester);
    assert_eq!(other.call::<GetObject>(get_input("key")).await.unwrap().request_charged, charged);
    assert_eq!(put(&other, "key", "y").await.unwrap().request_charged, charged);
    assert_eq!(put(&cx, "key", "z").await.unwrap().request_charged, None);
    cx.call::<api_s3::PutBucketRequestPayment>(payer(api_s3::Payer::BucketOwner)).await.unwrap();
    assert_eq!(other.call::<GetObject>(get_input("key")).await.unwrap().request_charged, None);
}
