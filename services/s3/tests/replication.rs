//! Replication: copies with their versions, markers, tags and status, from the outbox.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use api_s3::{
    BucketVersioningStatus, DeleteMarkerReplication, DeleteMarkerReplicationStatus, DeleteObject,
    DeleteObjectInput, Destination, GetObject, GetObjectTagging, GetObjectTaggingInput, HeadObject,
    HeadObjectInput, HeadObjectOutput, ListObjectVersions, ListObjectVersionsInput, PutBucketReplication,
    PutBucketReplicationInput, PutObject, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter,
    ReplicationRuleStatus, ReplicationStatus, StorageClass,
};
use emulator::{BUCKET, create, drain, get_input, keep_versions, put, put_input, with_bucket};
use kernel::{Context, Scope};
use store::Store;

const COPY: &str = "copy";

fn rule(prefix: &str, bucket: &str) -> ReplicationRule {
    ReplicationRule {
        priority: Some(1),
        filter: Some(ReplicationRuleFilter { prefix: Some(prefix.to_owned()), ..Default::default() }),
        status: ReplicationRuleStatus::Enabled,
        destination: Destination { bucket: format!("arn:aws:s3:::{bucket}"), ..Default::default() },
        delete_marker_replication: Some(DeleteMarkerReplication {
            status: Some(DeleteMarkerReplicationStatus::Enabled),
        }),
        ..Default::default()
    }
}

/// Two buckets, the second of another account in another region, and a rule from the one to the other.
async fn pair(rule: ReplicationRule) -> (Context, Context, Store) {
    let (cx, store) = with_bucket().await;
    let there = cx.in_scope(Scope::new("111111111111", "eu-west-1"));
    let input = api_s3::CreateBucketInput {
        bucket: COPY.to_owned(),
        create_bucket_configuration: Some(api_s3::CreateBucketConfiguration {
            location_constraint: Some("eu-west-1".into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    there.call::<api_s3::CreateBucket>(input).await.unwrap();
    keep_versions(&cx, BUCKET, BucketVersioningStatus::Enabled).await;
    keep_versions(&there, COPY, BucketVersioningStatus::Enabled).await;
    let replication_configuration = ReplicationConfiguration {
        role: "arn:aws:iam::000000000000:role/copies".to_owned(),
        rules: vec![rule],
    };
    let input = PutBucketReplicationInput {
        bucket: BUCKET.to_owned(),
        replication_configuration,
        ..Default::default()
    };
    cx.call::<PutBucketReplication>(input).await.unwrap();
    (cx, there, store)
}

async fn head(cx: &Context, bucket: &str, key: &str) -> Option<HeadObjectOutput> {
    let input = HeadObjectInput { bucket: bucket.to_owned(), key: key.to_owned(), ..Default::default() };
    cx.call::<HeadObject>(input).await.ok()
}

#[tokio::test]
async fn versions_are_copied_with_all_that_is_theirs() {
    let mut rule = rule("in/", COPY);
    rule.destination.storage_class = Some(StorageClass::StandardIa);
    let (cx, there, store) = pair(rule).await;
    let body: Vec<u8> = (0..50_000_u32).map(|at| (at % 251) as u8).collect();
    let mut input = put_input("in/key", body.clone());
    input.content_type = Some("text/plain".to_owned());
    input.metadata = Some([("colour".to_owned(), "red".to_owned())].into_iter().collect());
    input.tagging = Some("a=b".to_owned());
    let version = cx.call::<PutObject>(input).await.unwrap().version_id;
    put(&cx, "out/key", "x").await.unwrap();
    assert_eq!(
        head(&cx, BUCKET, "in/key").await.unwrap().replication_status,
        Some(ReplicationStatus::Pending)
    );

    drain(&cx, &store).await;
    assert_eq!(
        head(&cx, BUCKET, "in/key").await.unwrap().replication_status,
        Some(ReplicationStatus::Completed)
    );
    assert_eq!(head(&cx, BUCKET, "out/key").await.unwrap().replication_status, None);
    let copy = head(&there, COPY, "in/key").await.unwrap();
    assert_eq!(copy.replication_status, Some(ReplicationStatus::Replica));
    assert_eq!((copy.version_id, copy.content_type.as_deref()), (version, Some("text/plain")));
    assert_eq!(copy.metadata.unwrap()["colour"], "red");
    assert_eq!(copy.storage_class, Some(StorageClass::StandardIa));
    let tags = GetObjectTaggingInput { bucket: COPY.into(), key: "in/key".into(), ..Default::default() };
    assert_eq!(there.call::<GetObjectTagging>(tags).await.unwrap().tag_set[0].value, "b");
    assert!(head(&there, COPY, "out/key").await.is_none());
    let mut input = get_input("in/key");
    input.bucket = COPY.to_owned();
    let read = there.call::<GetObject>(input).await.unwrap().body.collect(usize::MAX).await.unwrap();
    assert_eq!(read, body);
}

#[tokio::test]
async fn copies_end_up_in_order_and_so_do_markers() {
    let (cx, there, store) = pair(rule("", COPY)).await;
    let mut ids = Vec::new();
    for body in ["1", "2", "3"] {
        ids.push(put(&cx, "key", body).await.unwrap().version_id);
    }
    let delete = DeleteObjectInput { bucket: BUCKET.into(), key: "key".into(), ..Default::default() };
    let marker = cx.call::<DeleteObject>(delete).await.unwrap().version_id;
    // The last comes first.
    let service = service_s3::service(&store, Vec::new());
    let consumer = service.consumers.iter().find(|consumer| consumer.kind() == "s3.replication").unwrap();
    let mut events = store.outbox().pending(None, 100).unwrap();
    events.reverse();
    for event in &events {
        assert!(matches!(consumer.consume(&cx, event.payload(), 1).await, kernel::work::Consumed::Done));
        // At least once may be twice.
        consumer.consume(&cx, event.payload(), 2).await;
    }
    let list = ListObjectVersionsInput { bucket: COPY.into(), ..Default::default() };
    let listed = there.call::<ListObjectVersions>(list).await.unwrap();
    let versions: Vec<_> = listed.versions.unwrap().into_iter().map(|version| version.version_id).collect();
    ids.reverse();
    assert_eq!(versions, ids);
    let markers = listed.delete_markers.unwrap();
    assert_eq!((markers.len(), markers[0].is_latest, markers[0].version_id.clone()), (1, Some(true), marker));
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_is_told() {
    let (cx, there, store) = pair(rule("", COPY)).await;
    keep_versions(&there, COPY, BucketVersioningStatus::Suspended).await;
    put(&cx, "key", "1").await.unwrap();
    drain(&cx, &store).await;
    assert_eq!(head(&cx, BUCKET, "key").await.unwrap().replication_status, Some(ReplicationStatus::Failed));
    assert!(head(&there, COPY, "key").await.is_none());
}

#[tokio::test]
async fn copies_are_not_copied_on() {
    let (cx, there, store) = pair(rule("", COPY)).await;
    create(&cx, "third").await.unwrap();
    keep_versions(&cx, "third", BucketVersioningStatus::Enabled).await;
    let input = PutBucketReplicationInput {
        bucket: COPY.to_owned(),
        replication_configuration: ReplicationConfiguration {
            role: "arn:aws:iam::111111111111:role/copies".to_owned(),
            rules: vec![rule("", "third")],
        },
        ..Default::default()
    };
    there.call::<PutBucketReplication>(input).await.unwrap();
    put(&cx, "key", "1").await.unwrap();
    drain(&cx, &store).await;
    assert!(head(&there, COPY, "key").await.is_some());
    assert!(head(&cx, "third", "key").await.is_none());
}

/// The clock stands still, so all versions are of one millisecond.
#[tokio::test]
async fn a_copy_takes_no_place_of_another_version() {
    let (cx, there, store) = pair(rule("", COPY)).await;
    let own = |body: &'static str| {
        let input = api_s3::PutObjectInput { bucket: COPY.to_owned(), ..put_input("key", body) };
        there.call::<PutObject>(input)
    };
    own("own").await.unwrap();
    put(&cx, "key", "copied").await.unwrap();
    drain(&cx, &store).await;
    own("own too").await.unwrap();
    let list = ListObjectVersionsInput { bucket: COPY.into(), ..Default::default() };
    let versions = there.call::<ListObjectVersions>(list).await.unwrap().versions.unwrap();
    assert_eq!(versions.len(), 3);
    for version in versions {
        let input = api_s3::GetObjectInput {
            bucket: COPY.to_owned(),
            version_id: version.version_id,
            ..get_input("key")
        };
        let body = there.call::<GetObject>(input).await.unwrap().body.collect(usize::MAX).await.unwrap();
        assert_eq!(Some(body.len() as i64), version.size);
    }
}
