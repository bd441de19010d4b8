//! The one clock. It follows real time, can be moved ahead, and can be frozen.
#![allow(clippy::disallowed_methods, reason = "this is where time comes from")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Tells and waits for the time. Clones are the same clock.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    /// Nanoseconds added to real time, unless frozen.
    offset: AtomicI64,
    /// The instant at which the clock stands still.
    frozen: Mutex<Option<Timestamp>>,
    is_frozen: std::sync::atomic::AtomicBool,
    moved: watch::Sender<u64>,
}

impl Clock {
    /// A clock that follows real time.
    pub fn real() -> Self {
        Self(Arc::new(Inner {
            offset: AtomicI64::new(0),
            frozen: Mutex::new(None),
            is_frozen: false.into(),
            moved: watch::Sender::new(0),
        }))
    }

    /// A clock that stands at `instant` until it is advanced.
    pub fn frozen_at(instant: Timestamp) -> Self {
        let clock = Self::real();
        clock.freeze(instant);
        clock
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        if self.0.is_frozen.load(Ordering::Acquire)
            && let Some(instant) = *self.frozen()
        {
            return instant;
        }
        Timestamp::now() + SignedDuration::from_nanos(self.0.offset.load(Ordering::Relaxed))
    }

    /// Milliseconds since 1970.
    pub fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.now().as_second()
    }

    /// The present second: many of AWS's answers have no fractions.
    pub fn now_in_seconds(&self) -> Timestamp {
        let now = self.now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// Stops the clock at `instant`.
    pub fn freeze(&self, instant: Timestamp) {
        *self.frozen() = Some(instant);
        self.0.is_frozen.store(true, Ordering::Release);
        self.announce();
    }

    /// Moves the clock ahead and wakes whoever waits.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut frozen = self.frozen();
        if let Some(instant) = frozen.as_mut() {
            *instant += by;
        } else {
            let nanos = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
            self.0.offset.fetch_add(nanos, Ordering::Relaxed);
        }
        drop(frozen);
        self.announce();
    }

    /// Waits until the clock shows `instant`.
    pub async fn sleep_until(&self, instant: Timestamp) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let left = instant.duration_since(self.now());
            if left <= SignedDuration::ZERO {
                return;
            }
            let wait = Duration::try_from(left).unwrap_or(Duration::MAX);
            tokio::select! {
                () = tokio::time::sleep(wait), if !self.0.is_frozen.load(Ordering::Acquire) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Waits that long.
    pub async fn sleep(&self, duration: Duration) {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        self.sleep_until(self.now().saturating_add(duration).unwrap_or(Timestamp::MAX)).await;
    }

    fn frozen(&self) -> std::sync::MutexGuard<'_, Option<Timestamp>> {
        self.0.frozen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn announce(&self) {
        self.0.moved.send_modify(|count| *count += 1);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_wakes_sleepers_only_when_advanced() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(3600)).await }
        });
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(3600));
        sleeper.await.unwrap();
        assert_eq!(clock.seconds(), 3600);
    }
}
