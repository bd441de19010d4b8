//! Plays the cases of this folder, with IAM beside: roles live there.

#[test]
fn cases() {
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        let store = store::Store::memory(clock.clone(), ids.clone());
        vec![service_sts::service(&store), service_iam::service(&store)]
    });
}
