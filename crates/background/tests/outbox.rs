//! Delivery from the outbox.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Calls, Clock, Context, Ids, Scope, Timestamp};
use store::Store;
use tokio::sync::Notify;

const EVENTS: u32 = 20_000;

/// Counts how often each event comes.
#[derive(Default)]
struct Counter {
    seen: Mutex<HashMap<u32, u32>>,
    all: Notify,
}

impl Consumer for Counter {
    fn kind(&self) -> &'static str {
        "counted"
    }

    fn consume<'a>(&'a self, _: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut seen = self.seen.lock().unwrap();
            *seen.entry(store::decode_event(payload).unwrap()).or_default() += 1;
            if seen.len() == EVENTS as usize {
                self.all.notify_one();
            }
            Consumed::Done
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_fail_is_delivered_once() {
    let (clock, ids) = (Clock::frozen_at(Timestamp::from_second(1_800_000_000).unwrap()), Ids::seeded(1));
    let store = Store::memory(clock.clone(), ids.clone());
    let (caller, request) = (Arc::default(), Arc::default());
    let cx = Context { scope: Scope::default(), caller, request, clock, ids, calls: Calls::default() };
    let counter = Arc::new(Counter::default());
    let running = tokio::spawn(background::run_outbox(store.clone(), vec![counter.clone()], cx));
    for number in 0..EVENTS {
        store.write(&Scope::default(), |tx| tx.emit("counted", &number)).await.unwrap();
    }
    counter.all.notified().await;
    running.abort();
    let twice = counter.seen.lock().unwrap().values().filter(|count| **count > 1).count();
    assert_eq!(twice, 0);
}
