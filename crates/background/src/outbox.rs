//! Hands the outbox's events to their consumers: at least once, with growing delays after failures.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::work::{Consumed, Consumer};
use kernel::{Context, Timestamp};
use store::{OutboxEvent, Seq, Store};
use tokio::sync::{Notify, Semaphore};

/// How many events are looked at in one go.
const BATCH: usize = 1000;

/// How many events are with their consumers at once.
const AT_ONCE: usize = 256;

/// The delay after the first failure; it doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// Events that are with their consumers, so that none is handed out twice.
type InFlight = Arc<Mutex<HashSet<Seq>>>;

/// Delivers for as long as the process lives. Events left over from before are delivered first.
pub async fn run(store: Store, consumers: Vec<Arc<dyn Consumer>>, cx: Context) {
    let consumers: HashMap<_, _> =
        consumers.into_iter().map(|consumer| (consumer.kind(), consumer)).collect();
    let mut changed = store.outbox().changed();
    let (in_flight, ended) = (InFlight::default(), Arc::new(Notify::new()));
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        changed.mark_unchanged();
        let later = hand_out(&store, &consumers, &cx, &in_flight, &ended, &places).await;
        let due = later.unwrap_or(Timestamp::MAX);
        tokio::select! {
            _ = changed.changed() => {}
            () = ended.notified() => {}
            () = cx.clock.sleep_until(due), if later.is_some() => {}
        }
    }
}

/// Starts every event that is due; returns when the next becomes due.
async fn hand_out(
    store: &Store,
    consumers: &HashMap<&'static str, Arc<dyn Consumer>>,
    cx: &Context,
    in_flight: &InFlight,
    ended: &Arc<Notify>,
    places: &Arc<Semaphore>,
) -> Option<Timestamp> {
    let (mut after, mut later) = (None, None);
    loop {
        // Looked at before the events: what is under way now and done by the time it is read of is no event any more.
        let flying = lock(in_flight).clone();
        let events = match store.outbox().pending(after, BATCH) {
            Ok(events) if events.is_empty() => return later,
            Ok(events) => events,
            Err(fault) => {
                tracing::error!(%fault, "the outbox cannot be read");
                return Some(cx.clock.now() + FIRST_DELAY);
            }
        };
        for event in events {
            after = Some(event.seq);
            if let Some(at) = event.retry_at.filter(|at| *at > cx.clock.now()) {
                later = Some(later.map_or(at, |later: Timestamp| later.min(at)));
                continue;
            }
            let Some(consumer) = consumers.get(event.kind.as_str()).cloned() else { continue };
            if flying.contains(&event.seq) {
                continue;
            }
            lock(in_flight).insert(event.seq);
            let Ok(place) = places.clone().acquire_owned().await else { return later };
            let (store, in_flight, ended) = (store.clone(), in_flight.clone(), ended.clone());
            let cx = cx.in_scope(event.scope.clone());
            tokio::spawn(async move {
                consume(&store, consumer.as_ref(), &cx, &event).await;
                lock(&in_flight).remove(&event.seq);
                drop(place);
                ended.notify_one();
            });
        }
    }
}

fn lock(in_flight: &InFlight) -> std::sync::MutexGuard<'_, HashSet<Seq>> {
    in_flight.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

async fn consume(store: &Store, consumer: &dyn Consumer, cx: &Context, event: &OutboxEvent) {
    let attempt = event.attempts + 1;
    let outcome = match consumer.consume(cx, event.payload(), attempt).await {
        Consumed::Done => store.outbox().done(&[event.seq]).await,
        Consumed::RetryAt(at) => store.outbox().retry_at(event.seq, at, attempt).await,
        Consumed::Failed(fault) => {
            tracing::warn!(kind = event.kind, attempt, %fault, "an event could not be delivered");
            let delay = FIRST_DELAY.saturating_mul(1 << attempt.min(16)).min(LONGEST_DELAY);
            store.outbox().retry_at(event.seq, cx.clock.now() + delay, attempt).await
        }
    };
    if let Err(fault) = outcome {
        tracing::error!(%fault, "the outbox cannot be written");
    }
}
