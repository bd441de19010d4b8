//! Plays the cases of this folder.
#![allow(missing_docs, reason = "tests")]

use service_dynamodb::{Options, service, streams};

#[test]
fn cases() {
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        let store = store::Store::memory(clock.clone(), ids.clone());
        vec![
            service(&store, Options::default()),
            streams(&store),
            service_s3::service(&store, Vec::new()),
            service_logs::service(&store),
        ]
    });
}
