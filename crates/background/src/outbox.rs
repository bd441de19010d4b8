//! Hands the outbox's events to their consumers: at least once, with growing delays after failures.
//!
//! Every event is read twice, however many wait: when it is new, for its kind and its turn, and when its turn has come.
//! Kinds have places of their own, so that those who wait for others' servers hold up nobody else.

mod queue;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault, Timestamp};
use store::{OutboxEvent, Seq, Store};
use tokio::sync::mpsc;

use queue::Queue;

/// How many events are looked at in one go.
const BATCH: usize = 1000;

/// The delay after the first failure; it doubles with each further one.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The longest delay.
const LONGEST_DELAY: Duration = Duration::from_secs(300);

/// What became of an event: nothing more to do, or when it comes again.
struct Ended {
    seq: Seq,
    kind: &'static str,
    again: Option<Timestamp>,
}

struct Dispatcher {
    store: Store,
    consumers: HashMap<&'static str, Arc<dyn Consumer>>,
    cx: Context,
    queue: Queue,
    /// The last number that was looked at.
    seen: Seq,
    epoch: u64,
    ended: mpsc::UnboundedSender<Ended>,
}

/// Delivers for as long as the process lives. Events left over from before are delivered first.
pub async fn run(store: Store, consumers: Vec<Arc<dyn Consumer>>, cx: Context) {
    let consumers = consumers.into_iter().map(|consumer| (consumer.kind(), consumer)).collect();
    let mut changed = store.outbox().changed();
    let (ended, mut ends) = mpsc::unbounded_channel();
    let epoch = store.outbox().epoch();
    let mut dispatcher = Dispatcher { store, consumers, cx, queue: Queue::default(), seen: 0, epoch, ended };
    let mut batch = Vec::new();
    loop {
        changed.mark_unchanged();
        let retry = match dispatcher.look() {
            Ok(()) => None,
            Err(fault) => {
                tracing::error!(%fault, "the outbox cannot be read");
                Some(dispatcher.cx.clock.now() + FIRST_DELAY)
            }
        };
        let due = [dispatcher.queue.next(), retry].into_iter().flatten().min();
        let clock = dispatcher.cx.clock.clone();
        tokio::select! {
            _ = changed.changed() => {}
            _ = ends.recv_many(&mut batch, BATCH) => dispatcher.conclude(std::mem::take(&mut batch)).await,
            () = clock.sleep_until(due.unwrap_or(Timestamp::MAX)), if due.is_some() => {}
        }
    }
}

impl Dispatcher {
    /// Takes in what is new, and starts what is due.
    fn look(&mut self) -> Result<(), Fault> {
        let epoch = self.store.outbox().epoch();
        if epoch != self.epoch {
            // What was known of is gone, and numbers begin anew.
            (self.epoch, self.seen) = (epoch, 0);
            self.queue.clear();
        }
        loop {
            let events = self.store.outbox().pending(Some(self.seen), BATCH)?;
            let is_last = events.len() < BATCH;
            for event in &events {
                self.seen = event.seq;
                // An event that nobody takes now may be taken by a later process, with more services.
                if let Some((kind, _)) = self.consumers.get_key_value(event.kind.as_str()) {
                    self.queue.add(event.seq, kind, event.retry_at);
                }
            }
            self.start()?;
            if is_last {
                return Ok(());
            }
        }
    }

    fn start(&mut self) -> Result<(), Fault> {
        self.queue.wake(self.cx.clock.now());
        while let Some((seq, kind)) = self.queue.take() {
            let event = match self.store.outbox().get(seq) {
                Ok(event) => event,
                Err(fault) => {
                    self.queue.end(kind);
                    self.queue.add(seq, kind, None);
                    return Err(fault);
                }
            };
            let (Some(event), Some(consumer)) = (event, self.consumers.get(kind).cloned()) else {
                self.queue.end(kind);
                continue;
            };
            let (store, ended) = (self.store.clone(), self.ended.clone());
            let cx = self.cx.in_scope(event.scope.clone());
            tokio::spawn(async move {
                let again = consume(&store, consumer.as_ref(), &cx, &event).await;
                let _ = ended.send(Ended { seq, kind, again });
            });
        }
        Ok(())
    }

    /// Notes what became of events, all of a batch in one commit.
    async fn conclude(&mut self, batch: Vec<Ended>) {
        let mut done = Vec::new();
        for Ended { seq, kind, again } in batch {
            self.queue.end(kind);
            match again {
                Some(at) => self.queue.add(seq, kind, Some(at)),
                None => done.push(seq),
            }
        }
        // Numbers of before a reset mean other events now.
        if done.is_empty() || self.epoch != self.store.outbox().epoch() {
            return;
        }
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(fault) = store.outbox().done(&done).await {
                tracing::error!(%fault, "the outbox cannot be written");
            }
        });
    }
}

/// Hands an event to its consumer; answers when it comes again, if it does.
async fn consume(
    store: &Store,
    consumer: &dyn Consumer,
    cx: &Context,
    event: &OutboxEvent,
) -> Option<Timestamp> {
    let attempt = event.attempts + 1;
    let again = match consumer.consume(cx, event.payload(), attempt).await {
        Consumed::Done => return None,
        Consumed::RetryAt(at) => at,
        Consumed::Failed(fault) => {
            tracing::warn!(kind = event.kind, attempt, %fault, "an event could not be delivered");
            cx.clock.now() + FIRST_DELAY.saturating_mul(1 << attempt.min(16)).min(LONGEST_DELAY)
        }
    };
    if let Err(fault) = store.outbox().retry_at(event.seq, again, attempt).await {
        tracing::error!(%fault, "the outbox cannot be written");
    }
    Some(again)
}
