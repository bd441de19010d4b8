//! Plays the cases of this folder.

#[test]
fn cases() {
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        vec![service_sqs::service(
            &store::Store::memory(clock.clone(), ids.clone()),
            service_sqs::Options::default(),
        )]
    });
}
