//! Plays the cases of this folder.

#[test]
fn cases() {
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        let store = store::Store::memory(clock.clone(), ids.clone());
        vec![service_logs::service(&store), service_s3::service(&store, Vec::new())]
    });
}
