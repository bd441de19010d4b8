//! Listings against a plain reference: all keys in a sorted set, rolled up and cut by hand.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod emulator;

use std::collections::BTreeSet;

use api_s3::{ListObjects, ListObjectsInput, ListObjectsV2, ListObjectsV2Input};
use emulator::{BUCKET, put, with_bucket};
use kernel::Context;
use proptest::prelude::*;

/// What a listing without pages has: keys and common prefixes, in order.
fn reference(keys: &BTreeSet<String>, prefix: &str, delimiter: &str, after: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for key in keys.iter().filter(|key| key.starts_with(prefix) && (after.is_empty() || key.as_str() > after))
    {
        let rest = &key[prefix.len()..];
        let rolled = match rest.find(delimiter).filter(|_| !delimiter.is_empty()) {
            Some(at) => format!("{prefix}{}{delimiter}", &rest[..at]),
            None => key.clone(),
        };
        if found.last() != Some(&rolled) {
            found.push(rolled);
        }
    }
    found
}

async fn pages(cx: &Context, prefix: &str, delimiter: &str, after: &str, size: i32) -> Vec<String> {
    let mut found = Vec::new();
    let mut input = ListObjectsV2Input {
        bucket: BUCKET.to_owned(),
        prefix: Some(prefix.to_owned()),
        delimiter: Some(delimiter.to_owned()),
        start_after: Some(after.to_owned()),
        max_keys: Some(size),
        ..Default::default()
    };
    loop {
        let page = cx.call::<ListObjectsV2>(input.clone()).await.unwrap();
        let contents = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        let prefixes = page.common_prefixes.unwrap_or_default().into_iter().filter_map(|one| one.prefix);
        let mut entries: Vec<_> = contents.chain(prefixes).collect();
        entries.sort();
        assert_eq!(page.key_count, i32::try_from(entries.len()).ok());
        assert_eq!(page.is_truncated, Some(page.next_continuation_token.is_some()));
        found.append(&mut entries);
        match page.next_continuation_token {
            Some(token) => input.continuation_token = Some(token),
            None => return found,
        }
    }
}

async fn pages_by_marker(cx: &Context, prefix: &str, delimiter: &str, size: i32) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut input = ListObjectsInput {
        bucket: BUCKET.to_owned(),
        prefix: Some(prefix.to_owned()),
        delimiter: Some(delimiter.to_owned()),
        max_keys: Some(size),
        ..Default::default()
    };
    loop {
        let page = cx.call::<ListObjects>(input.clone()).await.unwrap();
        let contents = page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        let prefixes = page.common_prefixes.unwrap_or_default().into_iter().filter_map(|one| one.prefix);
        let mut entries: Vec<_> = contents.chain(prefixes).collect();
        entries.sort();
        found.append(&mut entries);
        if page.is_truncated != Some(true) {
            return found;
        }
        input.marker = page.next_marker.or_else(|| found.last().cloned());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_those_of_the_reference(
        keys in prop::collection::btree_set("[a/é\u{D7FF}\u{FFFF}\u{10FFFF}\0-]{1,5}", 0..40),
        prefix in "[a/é]{0,2}",
        delimiter in prop::sample::select(vec!["", "/", "é", "a/", "\u{D7FF}", "\u{10FFFF}", "-"]),
        after in "[a/é]{0,3}",
        size in 1..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (cx, _) = with_bucket().await;
            for key in &keys {
                put(&cx, key, "x").await.unwrap();
            }
            let expected = reference(&keys, &prefix, delimiter, &after);
            prop_assert_eq!(pages(&cx, &prefix, delimiter, &after, size).await, expected);
            let expected = reference(&keys, &prefix, delimiter, "");
            prop_assert_eq!(pages_by_marker(&cx, &prefix, delimiter, size).await, expected);
            Ok(())
        })?;
    }
}
