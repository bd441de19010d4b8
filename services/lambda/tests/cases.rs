//! Plays the cases of this folder.

use std::sync::Arc;

use kernel::Timestamp;
use runner::{LogPlace, LogSink, Runner, RunnerSettings};

/// No case runs a function.
struct Nowhere;

impl LogSink for Nowhere {
    fn log(&self, _: &LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

#[test]
fn cases() {
    let folder = tempfile::tempdir().unwrap();
    testkit::play(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"), |clock, ids| {
        let store = store::Store::memory(clock.clone(), ids.clone());
        let settings = RunnerSettings::new(folder.path());
        let runner = Runner::new(settings, clock.clone(), ids.clone(), Arc::new(Nowhere));
        vec![service_lambda::service(&store, &runner)]
    });
}
