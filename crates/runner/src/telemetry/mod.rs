//! The Telemetry API and the older Logs API: what the platform, the function and its extensions tell, sent to
//! extensions as it happens.

mod delivery;
mod record;
mod subscriber;
mod subscription;

pub(crate) use record::{Category, Record};
pub(crate) use subscription::{Api, Subscription};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Clock;
use serde_json::Value;

use subscriber::Subscriber;

/// So much is kept of what was told before somebody subscribed.
const MOST_PAST: usize = 1000;

/// Where everything comes together that an environment tells.
pub(crate) struct Hub {
    clock: Clock,
    /// Whether the function's lines are JSON.
    has_json_lines: bool,
    /// Whether lines are of interest: there are extensions.
    active: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    /// Whether one may still subscribe; until then, what is told is kept for those who will.
    is_open: bool,
    past: Vec<Record>,
    subscribers: Vec<Arc<Subscriber>>,
}

/// Why nobody was subscribed.
pub(crate) enum Refused {
    /// The initialisation is over.
    Closed,
    /// The extension has subscribed by the other API.
    OtherApi,
}

impl Hub {
    pub fn new(clock: Clock, has_json_lines: bool) -> Self {
        let inner = Inner { is_open: true, past: Vec::new(), subscribers: Vec::new() };
        Self { clock, has_json_lines, active: AtomicBool::new(false), inner: Mutex::new(inner) }
    }

    /// There are extensions, so lines are kept and sent from now on.
    pub fn activate(&self) {
        self.active.store(true, Ordering::Release);
    }

    /// Takes a line that a process has printed.
    pub fn line(&self, category: Category, time: kernel::Timestamp, line: &str) {
        if self.active.load(Ordering::Acquire) {
            self.take(Record::line(category, time, line));
        }
    }

    /// Takes an event of the platform.
    pub fn platform(&self, kind: &'static str, record: Value) {
        self.take(Record::platform(kind, self.clock.now(), record));
    }

    /// Subscribes an extension; false if it was subscribed before, as no second subscription is made.
    pub fn subscribe(&self, name: &str, subscription: Subscription) -> Result<bool, Refused> {
        let mut inner = self.inner();
        if !inner.is_open {
            return Err(Refused::Closed);
        }
        let is_old = subscription.dialect.is_logs();
        if let Some(known) = inner.subscribers.iter().find(|known| known.name == name) {
            return if known.dialect().is_logs() == is_old { Ok(false) } else { Err(Refused::OtherApi) };
        }
        let subscriber = Subscriber::start(self.clock.clone(), name, subscription, self.has_json_lines);
        inner.past.iter().for_each(|record| subscriber.push(record));
        inner.subscribers.push(subscriber);
        Ok(true)
    }

    /// The initialisation is over.
    pub fn close(&self) {
        let mut inner = self.inner();
        inner.is_open = false;
        inner.past = Vec::new();
        if inner.subscribers.is_empty() {
            self.active.store(false, Ordering::Release);
        }
    }

    /// Has everything sent that waits for more.
    pub fn flush(&self) {
        self.inner().subscribers.iter().for_each(|subscriber| subscriber.flush());
    }

    fn take(&self, record: Record) {
        let mut inner = self.inner();
        inner.subscribers.iter().for_each(|subscriber| subscriber.push(&record));
        if inner.is_open && inner.past.len() < MOST_PAST {
            inner.past.push(record);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
