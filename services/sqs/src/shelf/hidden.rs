//! Messages that nobody can receive now: received ones until they are deleted or their time is over, delayed ones.

use std::collections::BTreeMap;

/// Why a message is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody received it.
    InFlight,
    /// It was sent with a delay.
    Delayed,
}

/// Hidden messages by the millisecond from which they can be received.
#[derive(Debug, Default)]
pub struct Hidden {
    until: BTreeMap<(i64, u64), Why>,
    in_flight: usize,
    delayed: usize,
}

impl Hidden {
    /// Adds a message.
    pub fn insert(&mut self, visible_at: i64, number: u64, why: Why) {
        if self.until.insert((visible_at, number), why).is_none() {
            *self.counter(why) += 1;
        }
    }

    /// Takes a message off, if it is there.
    pub fn remove(&mut self, visible_at: i64, number: u64) {
        if let Some(why) = self.until.remove(&(visible_at, number)) {
            *self.counter(why) -= 1;
        }
    }

    /// Takes the next message off whose time has come.
    pub fn pop_due(&mut self, now: i64) -> Option<u64> {
        let (visible_at, number) = *self.until.first_key_value()?.0;
        if visible_at > now {
            return None;
        }
        self.remove(visible_at, number);
        Some(number)
    }

    /// When the next message can be received.
    pub fn next(&self) -> Option<i64> {
        self.until.first_key_value().map(|((visible_at, _), _)| *visible_at)
    }

    /// How many were received.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many are delayed.
    pub fn delayed(&self) -> usize {
        self.delayed
    }

    fn counter(&mut self, why: Why) -> &mut usize {
        match why {
            Why::InFlight => &mut self.in_flight,
            Why::Delayed => &mut self.delayed,
        }
    }
}
