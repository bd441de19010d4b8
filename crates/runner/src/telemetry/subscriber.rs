//! One subscription at work: what waits for it, within bounds, and the task that sends it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use kernel::Clock;
use serde_json::json;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::delivery::Sender;
use super::record::{Category, Dialect, Record};
use super::subscription::Subscription;

/// A batch is tried so often; then it is lost.
const TRIES: u32 = 5;
/// The wait after the first failure; it doubles.
const BACKOFF: Duration = Duration::from_millis(100);

/// A subscriber. Dropping it ends its task.
pub(super) struct Subscriber {
    pub name: String,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    clock: Clock,
    subscription: Subscription,
    has_json_lines: bool,
    queue: Mutex<Queue>,
    /// Told when there is something, when there is enough, and when all is to be sent.
    more: Notify,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Bytes>,
    bytes: usize,
    dropped_records: usize,
    dropped_bytes: usize,
    is_flushed: bool,
}

impl Subscriber {
    pub fn start(clock: Clock, name: &str, subscription: Subscription, has_json_lines: bool) -> Arc<Self> {
        let shared = Arc::new(Shared {
            clock,
            subscription,
            has_json_lines,
            queue: Mutex::default(),
            more: Notify::new(),
        });
        let task = tokio::spawn(send(shared.clone())).abort_handle();
        Arc::new(Self { name: name.to_owned(), shared, task })
    }

    pub fn dialect(&self) -> Dialect {
        self.shared.subscription.dialect
    }

    /// Queues a record. Never waits: where too much waits already, it is lost.
    pub fn push(&self, record: &Record) {
        let Shared { subscription, has_json_lines, .. } = &*self.shared;
        if subscription.categories.contains(&record.category)
            && let Some(bytes) = record.render(subscription.dialect, *has_json_lines)
        {
            self.shared.push(bytes);
        }
    }

    /// Sends what waits without waiting for more.
    pub fn flush(&self) {
        self.shared.queue().is_flushed = true;
        self.shared.more.notify_one();
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn push(&self, bytes: Bytes) {
        let buffering = &self.subscription.buffering;
        let mut queue = self.queue();
        // One batch may be filled while another one is on its way.
        if queue.waiting.len() >= 2 * buffering.items || queue.bytes + bytes.len() > 2 * buffering.bytes {
            queue.dropped_records += 1;
            queue.dropped_bytes += bytes.len();
            return;
        }
        queue.bytes += bytes.len();
        queue.waiting.push_back(bytes);
        if queue.waiting.len() == 1 || self.is_due(&queue) {
            self.more.notify_one();
        }
    }

    fn is_due(&self, queue: &Queue) -> bool {
        let buffering = &self.subscription.buffering;
        queue.is_flushed || queue.waiting.len() >= buffering.items || queue.bytes >= buffering.bytes
    }

    /// Waits for something, and then for enough of it or long enough.
    async fn batch(&self) -> Vec<Bytes> {
        while self.queue().waiting.is_empty() {
            self.more.notified().await;
        }
        let late = self.clock.sleep(self.subscription.buffering.timeout);
        tokio::pin!(late);
        while !self.is_due(&self.queue()) {
            tokio::select! {
                () = &mut late => break,
                () = self.more.notified() => {}
            }
        }
        self.take()
    }

    fn take(&self) -> Vec<Bytes> {
        let buffering = &self.subscription.buffering;
        let mut queue = self.queue();
        let mut batch = Vec::new();
        if queue.dropped_records > 0 && self.subscription.categories.contains(&Category::Platform) {
            batch.extend(self.dropped(&queue));
            (queue.dropped_records, queue.dropped_bytes) = (0, 0);
        }
        let mut bytes = 0;
        while batch.len() < buffering.items && bytes < buffering.bytes {
            let Some(next) = queue.waiting.pop_front() else { break };
            bytes += next.len();
            batch.push(next);
        }
        queue.bytes -= bytes;
        queue.is_flushed &= !queue.waiting.is_empty();
        batch
    }

    fn dropped(&self, queue: &Queue) -> Option<Bytes> {
        let record = json!({
            "droppedBytes": queue.dropped_bytes,
            "droppedRecords": queue.dropped_records,
            "reason": "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.",
        });
        Record::platform("platform.logsDropped", self.clock.now(), record)
            .render(self.subscription.dialect, self.has_json_lines)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends batch after batch.
async fn send(shared: Arc<Shared>) {
    let mut sender = Sender::new(shared.subscription.destination.clone());
    loop {
        let batch = shared.batch().await;
        let mut wait = BACKOFF;
        let mut is_sent = false;
        for attempt in 1..=TRIES {
            is_sent = sender.send(&shared.clock, &batch).await;
            if is_sent || attempt == TRIES {
                break;
            }
            shared.clock.sleep(wait).await;
            wait *= 2;
        }
        if !is_sent {
            let mut queue = shared.queue();
            queue.dropped_records += batch.len();
            queue.dropped_bytes += batch.iter().map(Bytes::len).sum::<usize>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Api;

    fn shared() -> Shared {
        let body = json!({"schemaVersion": "2022-07-01", "types": ["platform"],
            "destination": {"protocol": "TCP", "port": 4243}});
        let subscription = Subscription::parse(Api::Telemetry, body.to_string().as_bytes()).unwrap();
        Shared {
            clock: Clock::real(),
            subscription,
            has_json_lines: false,
            queue: Mutex::default(),
            more: Notify::new(),
        }
    }

    #[test]
    fn what_is_too_much_is_lost_and_told() {
        let shared = shared();
        for _ in 0..1000 {
            shared.push(vec![b'x'; 1024].into());
        }
        // Twice 256 KB.
        assert_eq!(shared.queue().waiting.len(), 512);
        let first = shared.take();
        let told: serde_json::Value = serde_json::from_slice(&first[0]).unwrap();
        assert_eq!(told["type"], "platform.logsDropped");
        assert_eq!(told["record"]["droppedRecords"], 488);
        assert_eq!(told["record"]["droppedBytes"], 488 * 1024);
        assert_eq!(first.len(), 257);
        assert_eq!(shared.take().len(), 256);
        assert!(shared.take().is_empty());
    }
}
