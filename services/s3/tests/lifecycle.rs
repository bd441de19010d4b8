//! Lifecycle rules, applied as the clock goes on.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use std::time::Duration;

use api_s3::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, BucketVersioningStatus,
    CreateMultipartUpload, CreateMultipartUploadInput, DeleteObject, DeleteObjectInput, ExpirationStatus,
    HeadObject, HeadObjectInput, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator,
    LifecycleRuleFilter, ListMultipartUploads, ListMultipartUploadsInput, ListObjectVersions,
    ListObjectVersionsInput, NoncurrentVersionExpiration, ObjectLockLegalHold, ObjectLockLegalHoldStatus,
    PutBucketLifecycleConfiguration, PutBucketLifecycleConfigurationInput, PutObject, PutObjectLegalHold,
    PutObjectLegalHoldInput, RestoreObject, RestoreObjectInput, RestoreRequest, StorageClass, Tag,
    Transition, TransitionStorageClass,
};
use emulator::{BUCKET, code, get_input, keep_versions, put, put_input, with_bucket, work};
use kernel::Context;
use store::Store;

const DAY: Duration = Duration::from_secs(86_400);

fn rule(prefix: &str) -> LifecycleRule {
    LifecycleRule {
        id: Some("rule".to_owned()),
        filter: Some(LifecycleRuleFilter { prefix: Some(prefix.to_owned()), ..Default::default() }),
        status: ExpirationStatus::Enabled,
        ..Default::default()
    }
}

fn days(days: i32) -> Option<LifecycleExpiration> {
    Some(LifecycleExpiration { days: Some(days), ..Default::default() })
}

async fn set(cx: &Context, rules: Vec<LifecycleRule>) {
    let input = PutBucketLifecycleConfigurationInput {
        bucket: BUCKET.into(),
        lifecycle_configuration: Some(BucketLifecycleConfiguration { rules }),
        ..Default::default()
    };
    cx.call::<PutBucketLifecycleConfiguration>(input).await.unwrap();
}

async fn pass(cx: &Context, store: &Store, time: Duration) {
    cx.clock.advance(time);
    work(cx, store, "s3 lifecycle").await;
}

async fn head(cx: &Context, key: &str) -> Option<api_s3::HeadObjectOutput> {
    let input = HeadObjectInput { bucket: BUCKET.into(), key: key.into(), ..Default::default() };
    cx.call::<HeadObject>(input).await.ok()
}

/// Ids of versions and of markers.
async fn left(cx: &Context) -> (usize, usize) {
    let input = ListObjectVersionsInput { bucket: BUCKET.into(), ..Default::default() };
    let page = cx.call::<ListObjectVersions>(input).await.unwrap();
    (page.versions.map_or(0, |list| list.len()), page.delete_markers.map_or(0, |list| list.len()))
}

/// The clock stands at 8:00, so a day's time ends with the midnight after the next.
#[tokio::test]
async fn objects_expire_at_midnight_by_prefix_tag_and_size() {
    let (cx, store) = with_bucket().await;
    let mut tagged = rule("logs/");
    tagged.id = Some("tagged".to_owned());
    tagged.filter = Some(LifecycleRuleFilter {
        and: Some(LifecycleRuleAndOperator {
            prefix: Some("tmp/".to_owned()),
            tags: Some(vec![Tag { key: "keep".to_owned(), value: "no".to_owned() }]),
            object_size_greater_than: Some(2),
            object_size_less_than: None,
        }),
        ..Default::default()
    });
    tagged.expiration = days(1);
    set(&cx, vec![LifecycleRule { expiration: days(1), ..rule("logs/") }, tagged]).await;
    let tag = |key: &str, body: &'static str, tags: &str| {
        let mut input = put_input(key, body);
        input.tagging = Some(tags.to_owned());
        input
    };
    let told = put(&cx, "logs/a", "x").await.unwrap().expiration.unwrap();
    assert_eq!(told, "expiry-date=\"Sun, 17 Jan 2027 00:00:00 GMT\", rule-id=\"rule\"");
    assert_eq!(put(&cx, "other", "x").await.unwrap().expiration, None);
    for input in [
        tag("tmp/go", "abc", "keep=no"),
        tag("tmp/small", "ab", "keep=no"),
        tag("tmp/stay", "abc", "keep=yes"),
    ] {
        cx.call::<PutObject>(input).await.unwrap();
    }

    pass(&cx, &store, DAY).await;
    assert!(head(&cx, "logs/a").await.is_some());
    pass(&cx, &store, DAY).await;
    assert!(head(&cx, "logs/a").await.is_none());
    assert!(head(&cx, "tmp/go").await.is_none());
    for kept in ["other", "tmp/small", "tmp/stay"] {
        assert!(head(&cx, kept).await.is_some(), "{kept}");
    }
}

#[tokio::test]
async fn versions_and_markers_are_cleaned_up() {
    let (cx, store) = with_bucket().await;
    keep_versions(&cx, BUCKET, BucketVersioningStatus::Enabled).await;
    let noncurrent =
        NoncurrentVersionExpiration { noncurrent_days: Some(1), newer_noncurrent_versions: Some(1) };
    let expired = LifecycleExpiration { expired_object_delete_marker: Some(true), ..Default::default() };
    set(
        &cx,
        vec![LifecycleRule {
            noncurrent_version_expiration: Some(noncurrent),
            expiration: Some(expired),
            ..rule("")
        }],
    )
    .await;
    for body in ["1", "2", "3", "4"] {
        put(&cx, "key", body).await.unwrap();
    }
    assert_eq!(left(&cx).await, (4, 0));
    // The latest and one more are kept.
    pass(&cx, &store, 2 * DAY).await;
    assert_eq!(left(&cx).await, (2, 0));

    put(&cx, "gone", "1").await.unwrap();
    let delete = |version_id| DeleteObjectInput {
        bucket: BUCKET.into(),
        key: "gone".into(),
        version_id,
        ..Default::default()
    };
    cx.call::<DeleteObject>(delete(None)).await.unwrap();
    let input =
        ListObjectVersionsInput { bucket: BUCKET.into(), prefix: Some("gone".into()), ..Default::default() };
    let page = cx.call::<ListObjectVersions>(input).await.unwrap();
    pass(&cx, &store, DAY).await;
    assert_eq!(left(&cx).await, (3, 1), "a marker above a version stays");
    cx.call::<DeleteObject>(delete(page.versions.unwrap()[0].version_id.clone())).await.unwrap();
    pass(&cx, &store, DAY).await;
    assert_eq!(left(&cx).await, (2, 0), "a marker above nothing goes");
}

#[tokio::test]
async fn current_versions_get_a_marker() {
    let (cx, store) = with_bucket().await;
    keep_versions(&cx, BUCKET, BucketVersioningStatus::Enabled).await;
    set(&cx, vec![LifecycleRule { expiration: days(1), ..rule("") }]).await;
    put(&cx, "key", "1").await.unwrap();
    pass(&cx, &store, 2 * DAY).await;
    assert_eq!(left(&cx).await, (1, 1));
    assert_eq!(code::<api_s3::GetObject>(&cx, get_input("key")).await, "NoSuchKey");
}

#[tokio::test]
async fn objects_move_to_other_classes_and_come_back_for_a_while() {
    let (cx, store) = with_bucket().await;
    let to = |days, class| Transition { days: Some(days), storage_class: Some(class), ..Default::default() };
    let transitions =
        vec![to(30, TransitionStorageClass::StandardIa), to(90, TransitionStorageClass::Glacier)];
    set(&cx, vec![LifecycleRule { transitions: Some(transitions), ..rule("") }]).await;
    put(&cx, "large", vec![7; 200_000]).await.unwrap();
    put(&cx, "small", "x").await.unwrap();

    pass(&cx, &store, 32 * DAY).await;
    assert_eq!(head(&cx, "large").await.unwrap().storage_class, Some(StorageClass::StandardIa));
    assert_eq!(head(&cx, "small").await.unwrap().storage_class, None, "too small to be moved");
    pass(&cx, &store, 60 * DAY).await;
    assert_eq!(head(&cx, "large").await.unwrap().storage_class, Some(StorageClass::Glacier));
    assert_eq!(code::<api_s3::GetObject>(&cx, get_input("large")).await, "InvalidObjectState");

    let restore = || RestoreObjectInput {
        bucket: BUCKET.into(),
        key: "large".into(),
        restore_request: Some(RestoreRequest { days: Some(2), ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(cx.call::<RestoreObject>(restore()).await.unwrap().status_code, Some(202));
    assert_eq!(cx.call::<RestoreObject>(restore()).await.unwrap().status_code, Some(200));
    assert_eq!(emulator::get(&cx, "large").await.unwrap().len(), 200_000);
    pass(&cx, &store, 4 * DAY).await;
    assert_eq!(code::<api_s3::GetObject>(&cx, get_input("large")).await, "InvalidObjectState");
    let mut small = restore();
    small.key = "small".into();
    assert_eq!(code::<RestoreObject>(&cx, small).await, "InvalidObjectState");
}

#[tokio::test]
async fn uploads_that_were_given_up_are_aborted() {
    let (cx, store) = with_bucket().await;
    let abort = AbortIncompleteMultipartUpload { days_after_initiation: Some(1) };
    set(&cx, vec![LifecycleRule { abort_incomplete_multipart_upload: Some(abort), ..rule("up/") }]).await;
    for key in ["up/a", "down/a"] {
        let input =
            CreateMultipartUploadInput { bucket: BUCKET.into(), key: key.into(), ..Default::default() };
        cx.call::<CreateMultipartUpload>(input).await.unwrap();
    }
    pass(&cx, &store, 2 * DAY).await;
    let list = ListMultipartUploadsInput { bucket: BUCKET.into(), ..Default::default() };
    let uploads = cx.call::<ListMultipartUploads>(list).await.unwrap().uploads.unwrap();
    assert_eq!(uploads.iter().map(|upload| upload.key.as_deref().unwrap()).collect::<Vec<_>>(), ["down/a"]);
}

#[tokio::test]
async fn what_is_held_outlives_its_rules() {
    let (cx, store) = emulator::emulator();
    let input = api_s3::CreateBucketInput {
        bucket: BUCKET.into(),
        object_lock_enabled_for_bucket: Some(true),
        ..Default::default()
    };
    cx.call::<api_s3::CreateBucket>(input).await.unwrap();
    let noncurrent =
        NoncurrentVersionExpiration { noncurrent_days: Some(1), newer_noncurrent_versions: None };
    set(&cx, vec![LifecycleRule { noncurrent_version_expiration: Some(noncurrent), ..rule("") }]).await;
    for key in ["held", "free"] {
        put(&cx, key, "1").await.unwrap();
    }
    let input = PutObjectLegalHoldInput {
        bucket: BUCKET.into(),
        key: "held".into(),
        legal_hold: Some(ObjectLockLegalHold { status: Some(ObjectLockLegalHoldStatus::On) }),
        ..Default::default()
    };
    cx.call::<PutObjectLegalHold>(input).await.unwrap();
    for key in ["held", "free"] {
        put(&cx, key, "2").await.unwrap();
    }
    pass(&cx, &store, 2 * DAY).await;
    assert_eq!(left(&cx).await, (3, 0));
}

fn move_to(class: TransitionStorageClass, days: i32) -> Option<Vec<Transition>> {
    Some(vec![Transition { days: Some(days), storage_class: Some(class), ..Default::default() }])
}

#[tokio::test]
async fn of_rules_that_meet_the_removing_one_counts_and_objects_move_down_only() {
    let (cx, store) = with_bucket().await;
    let size = |id: &str, prefix: &str| LifecycleRule {
        id: Some(id.to_owned()),
        filter: Some(LifecycleRuleFilter {
            and: Some(LifecycleRuleAndOperator {
                prefix: Some(prefix.to_owned()),
                object_size_greater_than: Some(0),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..rule("")
    };
    let rules = vec![
        LifecycleRule { transitions: move_to(TransitionStorageClass::Glacier, 1), ..size("a", "gone") },
        LifecycleRule { expiration: days(1), ..size("b", "gone") },
        LifecycleRule { transitions: move_to(TransitionStorageClass::Glacier, 1), ..size("c", "moved") },
        LifecycleRule { transitions: move_to(TransitionStorageClass::StandardIa, 30), ..size("d", "moved") },
    ];
    set(&cx, rules).await;
    put(&cx, "gone", "x").await.unwrap();
    put(&cx, "moved", "x").await.unwrap();
    pass(&cx, &store, 2 * DAY).await;
    assert!(head(&cx, "gone").await.is_none());
    for _ in 0..2 {
        assert_eq!(head(&cx, "moved").await.unwrap().storage_class, Some(StorageClass::Glacier));
        pass(&cx, &store, 31 * DAY).await;
    }
}

#[tokio::test]
async fn restored_copies_go_where_no_rule_holds() {
    let (cx, store) = with_bucket().await;
    let input = api_s3::PutObjectInput { storage_class: Some(StorageClass::Glacier), ..put_input("a", "x") };
    cx.call::<PutObject>(input).await.unwrap();
    let restore = RestoreObjectInput {
        bucket: BUCKET.into(),
        key: "a".into(),
        restore_request: Some(RestoreRequest { days: Some(1), ..Default::default() }),
        ..Default::default()
    };
    cx.call::<RestoreObject>(restore).await.unwrap();
    assert!(head(&cx, "a").await.unwrap().restore.is_some());
    pass(&cx, &store, 3 * DAY).await;
    assert_eq!(head(&cx, "a").await.unwrap().restore, None);
}

#[tokio::test]
async fn rules_for_uploads_speak_of_no_sizes() {
    let (cx, _) = with_bucket().await;
    let mut sized = rule("");
    sized.filter = Some(LifecycleRuleFilter {
        and: Some(LifecycleRuleAndOperator {
            prefix: Some("up/".to_owned()),
            object_size_greater_than: Some(1),
            ..Default::default()
        }),
        ..Default::default()
    });
    let abort = AbortIncompleteMultipartUpload { days_after_initiation: Some(1) };
    let rules = vec![LifecycleRule { abort_incomplete_multipart_upload: Some(abort), ..sized }];
    let input = PutBucketLifecycleConfigurationInput {
        bucket: BUCKET.into(),
        lifecycle_configuration: Some(BucketLifecycleConfiguration { rules }),
        ..Default::default()
    };
    assert_eq!(code::<PutBucketLifecycleConfiguration>(&cx, input).await, "InvalidRequest");
}
