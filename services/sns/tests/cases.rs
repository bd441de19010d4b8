//! Plays the cases of this folder.

#[test]
fn cases() {
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        vec![service_sns::service(&store::Store::memory(clock.clone(), ids.clone()), "http://127.0.0.1:4566")]
    });
}
