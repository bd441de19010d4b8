//! Access points beside S3: names for buckets, and what they keep S3 from.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

use std::sync::Arc;

use api_s3::{
    CopyObject, CopyObjectInput, CreateBucket, CreateBucketInput, DeleteBucket, DeleteBucketInput,
    PutBucketPolicy, PutBucketPolicyInput, PutObject, PutObjectInput,
};
use api_s3control::{
    CreateAccessPoint, CreateAccessPointInput, DeleteAccessPoint, DeleteAccessPointInput,
    ListTagsForResource, ListTagsForResourceInput, PublicAccessBlockConfiguration, PutPublicAccessBlock,
    PutPublicAccessBlockInput, Tag, TagResource, TagResourceInput, UntagResource, UntagResourceInput,
};
use kernel::service::Named;
use kernel::{Calls, Clock, Context, Fault, Ids, Operation, Scope, Service, Timestamp};
use store::Store;

const ACCOUNT: &str = "000000000000";

fn emulator() -> (Context, Service) {
    let (clock, ids) = (Clock::frozen_at(Timestamp::from_second(1_800_000_000).unwrap()), Ids::seeded(1));
    let store = Store::memory(clock.clone(), ids.clone());
    let calls = Calls::default();
    calls.register(vec![service_s3::service(&store, Vec::new()), service_s3control::service(&store)]);
    let (caller, request) = (Arc::default(), Arc::default());
    let cx = Context { scope: Scope::default(), caller, request, clock, ids, calls };
    (cx, service_s3control::service(&store))
}

async fn bucket(cx: &Context) {
    let input = CreateBucketInput { bucket: "bucket".to_owned(), ..Default::default() };
    cx.call::<CreateBucket>(input).await.unwrap();
}

fn point(name: &str, bucket: &str) -> CreateAccessPointInput {
    CreateAccessPointInput {
        account_id: ACCOUNT.to_owned(),
        name: name.to_owned(),
        bucket: bucket.to_owned(),
        ..Default::default()
    }
}

async fn code<O: Operation>(cx: &Context, input: O::Input) -> String {
    match cx.call::<O>(input).await {
        Ok(_) => "no fault".to_owned(),
        Err(fault) => fault.code().to_owned(),
    }
}

#[tokio::test]
async fn access_points_are_names_of_buckets() {
    let (cx, service) = emulator();
    assert_eq!(code::<CreateAccessPoint>(&cx, point("point", "bucket")).await, "InvalidRequest");
    bucket(&cx).await;
    assert_eq!(code::<CreateAccessPoint>(&cx, point("xn-_test-alias", "bucket")).await, "InvalidURI");
    let made = cx.call::<CreateAccessPoint>(point("point", "bucket")).await.unwrap();
    assert_eq!(made.access_point_arn.unwrap(), "arn:aws:s3:us-east-1:000000000000:accesspoint/point");
    let again = code::<CreateAccessPoint>(&cx, point("point", "bucket")).await;
    assert_eq!(again, "AccessPointAlreadyOwnedByYou");

    let resolve = |value: &str, host: &str| -> Result<Option<String>, Fault> {
        let named = Named { service: "s3", label: "Bucket", value, host };
        service.aliases.as_ref().unwrap().resolve(named)
    };
    let alias = made.alias.unwrap();
    assert_eq!(resolve(&alias, "localhost").unwrap().as_deref(), Some("bucket"));
    let host = "point-000000000000.s3-accesspoint.us-east-1.amazonaws.com";
    assert_eq!(resolve("point-000000000000", host).unwrap().as_deref(), Some("bucket"));
    assert_eq!(resolve("point-000000000000", "localhost").unwrap(), None);

    let delete = || DeleteBucketInput { bucket: "bucket".to_owned(), ..Default::default() };
    assert_eq!(code::<DeleteBucket>(&cx, delete()).await, "BucketHasAccessPointsAttached");
    let input = DeleteAccessPointInput { account_id: ACCOUNT.to_owned(), name: "point".to_owned() };
    assert_eq!(code::<DeleteAccessPoint>(&cx, input.clone()).await, "no fault");
    assert_eq!(code::<DeleteAccessPoint>(&cx, input).await, "NoSuchAccessPoint");
    assert_eq!(resolve(&alias, "localhost").unwrap(), None);
    assert_eq!(code::<DeleteBucket>(&cx, delete()).await, "no fault");
}

#[tokio::test]
async fn what_an_account_blocks_its_buckets_block() {
    let (cx, _) = emulator();
    bucket(&cx).await;
    let unblock = api_s3::DeletePublicAccessBlockInput { bucket: "bucket".to_owned(), ..Default::default() };
    cx.call::<api_s3::DeletePublicAccessBlock>(unblock).await.unwrap();
    let policy = || {
        PutBucketPolicyInput {
        bucket: "bucket".to_owned(),
        policy: r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket"}}"#
            .to_owned(),
        ..Default::default()
    }
    };
    assert_eq!(code::<PutBucketPolicy>(&cx, policy()).await, "no fault");
    let block = |block_public_policy| PutPublicAccessBlockInput {
        account_id: ACCOUNT.to_owned(),
        public_access_block_configuration: PublicAccessBlockConfiguration {
            block_public_policy,
            ..Default::default()
        },
    };
    assert_eq!(code::<PutPublicAccessBlock>(&cx, block(None)).await, "InvalidRequest");
    cx.call::<PutPublicAccessBlock>(block(Some(true))).await.unwrap();
    assert_eq!(code::<PutBucketPolicy>(&cx, policy()).await, "AccessDenied");
}

#[tokio::test]
async fn buckets_are_tagged_by_their_arn() {
    let (cx, _) = emulator();
    let (account_id, resource_arn) = (ACCOUNT.to_owned(), "arn:aws:s3:::bucket".to_owned());
    let list =
        ListTagsForResourceInput { account_id: account_id.clone(), resource_arn: resource_arn.clone() };
    assert_eq!(code::<ListTagsForResource>(&cx, list.clone()).await, "NoSuchResource");
    bucket(&cx).await;
    assert_eq!(cx.call::<ListTagsForResource>(list.clone()).await.unwrap().tags, Some(vec![]));
    let tag = |key: &str, value: &str| Tag { key: key.to_owned(), value: value.to_owned() };
    let tags =
        |tags| TagResourceInput { account_id: account_id.clone(), resource_arn: resource_arn.clone(), tags };
    assert_eq!(code::<TagResource>(&cx, tags(vec![tag("aws:k", "v")])).await, "InvalidTag");
    cx.call::<TagResource>(tags(vec![tag("a", "1"), tag("b", "2")])).await.unwrap();
    cx.call::<TagResource>(tags(vec![tag("a", "3")])).await.unwrap();
    let told = cx.call::<ListTagsForResource>(list.clone()).await.unwrap().tags;
    assert_eq!(told, Some(vec![tag("a", "3"), tag("b", "2")]));
    let tag_keys = vec!["b".to_owned(), "c".to_owned()];
    let untag =
        UntagResourceInput { account_id: account_id.clone(), resource_arn: resource_arn.clone(), tag_keys };
    cx.call::<UntagResource>(untag).await.unwrap();
    assert_eq!(cx.call::<ListTagsForResource>(list).await.unwrap().tags, Some(vec![tag("a", "3")]));
}

#[tokio::test]
async fn copies_are_made_from_access_points() {
    let (cx, _) = emulator();
    bucket(&cx).await;
    let put = PutObjectInput { bucket: "bucket".into(), key: "a/b".into(), ..Default::default() };
    cx.call::<PutObject>(put).await.unwrap();
    let made = cx.call::<CreateAccessPoint>(point("point", "bucket")).await.unwrap();
    let arn = "arn:aws:s3:us-east-1:000000000000:accesspoint";
    for (source, answer) in [
        (format!("{arn}/point/object/a/b"), "no fault"),
        (format!("{}/a/b", made.alias.unwrap()), "no fault"),
        (format!("{arn}/point/object/absent"), "NoSuchKey"),
        (format!("{arn}/other/object/a/b"), "NoSuchBucket"),
    ] {
        let copy_source = source.clone();
        let input =
            CopyObjectInput { bucket: "bucket".into(), key: "c".into(), copy_source, ..Default::default() };
        assert_eq!(code::<CopyObject>(&cx, input).await, answer, "{source}");
    }
}
