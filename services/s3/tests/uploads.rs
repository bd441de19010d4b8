//! Uploads in parts: entity tags and checksums of the whole, order, sizes, replaced and forgotten parts.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use api_s3::{
    AbortMultipartUpload, AbortMultipartUploadInput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUpload, CompleteMultipartUploadInput, CompletedMultipartUpload, CompletedPart,
    CreateMultipartUpload, CreateMultipartUploadInput, GetObject, ListParts, ListPartsInput, PutObject,
    UploadPart, UploadPartInput,
};
use emulator::{BUCKET, code, get, get_input, put_input, with_bucket};
use kernel::{ByteStream, Bytes, Context};

const PART: usize = 5 << 20;

async fn start(cx: &Context, checksum: Option<(ChecksumAlgorithm, ChecksumType)>) -> String {
    let (algorithm, kind) = checksum.unzip();
    let input = CreateMultipartUploadInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        checksum_algorithm: algorithm,
        checksum_type: kind,
        ..Default::default()
    };
    cx.call::<CreateMultipartUpload>(input).await.unwrap().upload_id.unwrap()
}

async fn upload(cx: &Context, id: &str, number: i32, body: Bytes) -> CompletedPart {
    let input = UploadPartInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        upload_id: id.into(),
        part_number: number,
        body: ByteStream::from_bytes(body),
        ..Default::default()
    };
    let etag = cx.call::<UploadPart>(input).await.unwrap().etag;
    CompletedPart { etag, part_number: Some(number), ..Default::default() }
}

fn complete(id: &str, parts: &[CompletedPart]) -> CompleteMultipartUploadInput {
    CompleteMultipartUploadInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        upload_id: id.into(),
        multipart_upload: Some(CompletedMultipartUpload { parts: Some(parts.to_vec()) }),
        ..Default::default()
    }
}

#[tokio::test]
async fn parts_become_one_object() {
    let (cx, _) = with_bucket().await;
    let crc32 = (ChecksumAlgorithm::Crc32, ChecksumType::FullObject);
    let id = start(&cx, Some(crc32)).await;
    let (first, last) = (Bytes::from(vec![7; PART]), Bytes::from_static(b"tail"));
    let parts = [upload(&cx, &id, 2, first.clone()).await, upload(&cx, &id, 5, last.clone()).await];
    let output = cx.call::<CompleteMultipartUpload>(complete(&id, &parts)).await.unwrap();
    let whole: Bytes = [first, last].concat().into();
    assert_eq!(get(&cx, "key").await.unwrap(), whole);

    // The checksum of the whole is that of the same bytes put at once.
    let mut at_once = put_input("other", whole);
    at_once.checksum_crc32 = output.checksum_crc32;
    cx.call::<PutObject>(at_once).await.unwrap();
    assert!(output.etag.unwrap().ends_with("-2\""));

    let mut input = get_input("key");
    input.range = Some(format!("bytes={}-{}", PART - 1, PART));
    let output = cx.call::<GetObject>(input).await.unwrap();
    assert_eq!(output.body.collect(10).await.unwrap(), &b"\x07t"[..]);
    let mut input = get_input("key");
    input.part_number = Some(2);
    let output = cx.call::<GetObject>(input).await.unwrap();
    assert_eq!((output.parts_count, output.content_length), (Some(2), Some(4)));
}

#[tokio::test]
async fn the_list_of_parts_is_checked() {
    let (cx, _) = with_bucket().await;
    let id = start(&cx, None).await;
    let first = upload(&cx, &id, 1, Bytes::from_static(b"small")).await;
    let second = upload(&cx, &id, 2, Bytes::from_static(b"old")).await;
    let newer = upload(&cx, &id, 2, Bytes::from_static(b"new")).await;
    let check = |parts: Vec<CompletedPart>| {
        let (cx, input) = (cx.clone(), complete(&id, &parts));
        async move { code::<CompleteMultipartUpload>(&cx, input).await }
    };
    assert_eq!(check(vec![]).await, "InvalidRequest");
    assert_eq!(check(vec![newer.clone(), first.clone()]).await, "InvalidPartOrder");
    assert_eq!(check(vec![second]).await, "InvalidPart");
    assert_eq!(check(vec![first, newer.clone()]).await, "EntityTooSmall");
    assert_eq!(check(vec![newer.clone()]).await, "no fault");
    // The same request again, whose answer may have been lost, is answered as the first.
    assert_eq!(check(vec![newer]).await, "no fault");
    assert_eq!(get(&cx, "key").await.unwrap(), "new");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let (cx, _) = with_bucket().await;
    let id = start(&cx, None).await;
    upload(&cx, &id, 1, Bytes::from_static(b"x")).await;
    let list = || ListPartsInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        upload_id: id.clone(),
        ..Default::default()
    };
    assert_eq!(cx.call::<ListParts>(list()).await.unwrap().parts.unwrap().len(), 1);
    let abort = AbortMultipartUploadInput {
        bucket: BUCKET.into(),
        key: "key".into(),
        upload_id: id.clone(),
        ..Default::default()
    };
    cx.call::<AbortMultipartUpload>(abort).await.unwrap();
    assert_eq!(code::<ListParts>(&cx, list()).await, "NoSuchUpload");
    assert_eq!(code::<GetObject>(&cx, get_input("key")).await, "NoSuchKey");
}
