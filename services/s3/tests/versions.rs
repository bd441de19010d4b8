//! Versions against a plain reference: a list of what each key held, the latest first.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use api_s3::{
    BucketVersioningStatus, DeleteObject, DeleteObjectInput, GetObject, ListObjectVersions,
    ListObjectVersionsInput, ListObjectsV2, ListObjectsV2Input,
};
use emulator::{BUCKET, code, get_input, keep_versions, put, with_bucket};
use kernel::Context;
use proptest::prelude::*;

const KEYS: [&str; 3] = ["a", "a/b", "b"];

/// What somebody does.
#[derive(Clone, Debug)]
enum Step {
    Put(usize),
    Delete(usize),
    /// The nth version of a key, as far as there is one.
    DeleteVersion(usize, usize),
    Enable,
    Suspend,
}

/// A version: its id, and its body unless it is a marker.
type Version = (String, Option<String>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..KEYS.len();
    let step = prop_oneof![
        4 => key.clone().prop_map(Step::Put),
        2 => key.clone().prop_map(Step::Delete),
        3 => (key, 0..4_usize).prop_map(|(key, nth)| Step::DeleteVersion(key, nth)),
        1 => Just(Step::Enable),
        1 => Just(Step::Suspend),
    ];
    prop::collection::vec(step, 1..25)
}

async fn delete(cx: &Context, key: &str, version_id: Option<String>) -> api_s3::DeleteObjectOutput {
    let input =
        DeleteObjectInput { bucket: BUCKET.into(), key: key.into(), version_id, ..Default::default() };
    cx.call::<DeleteObject>(input).await.unwrap()
}

/// Everything, in pages of that size: key, id, whether it is a marker, whether it is the latest.
async fn everything(cx: &Context, size: i32) -> Vec<(String, String, bool, bool)> {
    let mut found = Vec::new();
    let mut input =
        ListObjectVersionsInput { bucket: BUCKET.into(), max_keys: Some(size), ..Default::default() };
    loop {
        let page = cx.call::<ListObjectVersions>(input.clone()).await.unwrap();
        let versions = page.versions.unwrap_or_default().into_iter();
        found.extend(versions.map(|one| (one.key, one.version_id, false, one.is_latest)));
        let markers = page.delete_markers.unwrap_or_default().into_iter();
        found.extend(markers.map(|one| (one.key, one.version_id, true, one.is_latest)));
        if page.is_truncated != Some(true) {
            break;
        }
        input.key_marker = page.next_key_marker;
        input.version_id_marker = page.next_version_id_marker;
    }
    found
        .into_iter()
        .map(|(key, id, marker, latest)| (key.unwrap(), id.unwrap(), marker, latest.unwrap()))
        .collect()
}

async fn check(cx: &Context, reference: &[Vec<Version>; 3]) {
    let mut all = everything(cx, 1000).await;
    all.sort();
    let mut expected = Vec::new();
    for (key, versions) in KEYS.iter().zip(reference) {
        for (at, (id, body)) in versions.iter().enumerate() {
            expected.push(((*key).to_owned(), id.clone(), body.is_none(), at == 0));
        }
    }
    expected.sort();
    assert_eq!(all, expected);
    let mut paged = everything(cx, 2).await;
    paged.sort();
    assert_eq!(paged, expected);

    let list = ListObjectsV2Input { bucket: BUCKET.into(), ..Default::default() };
    let listed = cx.call::<ListObjectsV2>(list).await.unwrap().contents.unwrap_or_default();
    let listed: Vec<String> = listed.into_iter().filter_map(|object| object.key).collect();
    let current = |versions: &Vec<Version>| versions.first().is_some_and(|(_, body)| body.is_some());
    let visible = KEYS.iter().zip(reference).filter(|(_, versions)| current(versions));
    assert_eq!(listed, visible.map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>());

    for (key, versions) in KEYS.iter().zip(reference) {
        if !current(versions) {
            assert_eq!(code::<GetObject>(cx, get_input(key)).await, "NoSuchKey");
        }
        for (at, (id, body)) in versions.iter().enumerate() {
            let mut input = get_input(key);
            input.version_id = Some(id.clone());
            let Some(body) = body else {
                assert_eq!(code::<GetObject>(cx, input).await, "MethodNotAllowed");
                continue;
            };
            let read = cx.call::<GetObject>(input).await.unwrap().body.collect(1000).await.unwrap();
            assert_eq!(&read, body.as_bytes());
            if at == 0 {
                assert_eq!(&emulator::get(cx, key).await.unwrap(), body.as_bytes());
            }
        }
    }
}

async fn play(steps: Vec<Step>) {
    let (cx, _) = with_bucket().await;
    let mut reference: [Vec<Version>; 3] = Default::default();
    let mut status: Option<BucketVersioningStatus> = None;
    for (at, step) in steps.into_iter().enumerate() {
        let keeps = status == Some(BucketVersioningStatus::Enabled);
        match step {
            Step::Enable | Step::Suspend => {
                let new = if matches!(step, Step::Enable) {
                    BucketVersioningStatus::Enabled
                } else {
                    BucketVersioningStatus::Suspended
                };
                keep_versions(&cx, BUCKET, new.clone()).await;
                status = Some(new);
            }
            Step::Put(key) => {
                // Some bodies are rows and some are blobs.
                let body = format!("{at} ").repeat(if at % 3 == 0 { 9000 } else { 1 });
                let body = body.chars().take(900).collect::<String>();
                let output = put(&cx, KEYS[key], body.clone()).await.unwrap();
                assert_eq!(output.version_id.is_some(), keeps);
                let id = output.version_id.unwrap_or_else(|| "null".to_owned());
                reference[key].retain(|(old, _)| *old != id);
                reference[key].insert(0, (id, Some(body)));
            }
            Step::Delete(key) => {
                let output = delete(&cx, KEYS[key], None).await;
                if status.is_none() {
                    assert_eq!((output.version_id, output.delete_marker), (None, None));
                    reference[key].clear();
                    continue;
                }
                assert_eq!(output.delete_marker, Some(true));
                let id = output.version_id.unwrap();
                assert_eq!(id != "null", keeps);
                reference[key].retain(|(old, _)| *old != id);
                reference[key].insert(0, (id, None));
            }
            Step::DeleteVersion(key, nth) => {
                if nth < reference[key].len() {
                    let (id, body) = reference[key].remove(nth);
                    let output = delete(&cx, KEYS[key], Some(id.clone())).await;
                    assert_eq!(output.version_id, Some(id));
                    assert_eq!(output.delete_marker, body.is_none().then_some(true));
                }
            }
        }
        check(&cx, &reference).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn versions_are_those_of_the_reference(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

#[tokio::test]
async fn a_listing_goes_on_behind_what_was_deleted_meanwhile() {
    let (cx, _) = with_bucket().await;
    keep_versions(&cx, BUCKET, BucketVersioningStatus::Enabled).await;
    let old = put(&cx, "a", "old").await.unwrap().version_id.unwrap();
    keep_versions(&cx, BUCKET, BucketVersioningStatus::Suspended).await;
    put(&cx, "a", "null").await.unwrap();
    let mut input =
        ListObjectVersionsInput { bucket: BUCKET.into(), max_keys: Some(1), ..Default::default() };
    let page = cx.call::<ListObjectVersions>(input.clone()).await.unwrap();
    assert_eq!(page.next_version_id_marker.as_deref(), Some("null"));
    delete(&cx, "a", Some("null".to_owned())).await;
    (input.key_marker, input.version_id_marker) = (page.next_key_marker, page.next_version_id_marker);
    let page = cx.call::<ListObjectVersions>(input).await.unwrap();
    assert_eq!(page.versions.unwrap()[0].version_id.as_ref(), Some(&old));
}
