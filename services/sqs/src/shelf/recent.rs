//! The messages that a FIFO queue got in the last five minutes, by what they are recognised by.
//!
//! Rows lie in the order of sends, where they cost little; looking one up by what is in it needs this.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::limits;

/// Numbers of messages by the hash of what they are recognised by. What has the same hash is told apart by its row.
#[derive(Debug, Default)]
pub struct Recent {
    numbers: HashMap<u64, u64>,
    order: VecDeque<(u64, u64)>,
}

impl Recent {
    /// Adds a message, behind all others.
    pub fn insert(&mut self, key: &str, number: u64) {
        let hash = hash(key);
        self.numbers.insert(hash, number);
        self.order.push_back((hash, number));
    }

    /// The last message that may have been recognised by that; older ones are forgotten.
    pub fn find(&mut self, key: &str, now: i64) -> Option<u64> {
        let limit = before(now);
        while let Some((hash, number)) = self.order.front().copied().filter(|(_, number)| *number < limit) {
            self.order.pop_front();
            if self.numbers.get(&hash) == Some(&number) {
                self.numbers.remove(&hash);
            }
        }
        self.numbers.get(&hash(key)).copied()
    }
}

/// The least number of a message that is not yet forgotten.
pub fn before(now: i64) -> u64 {
    u64::try_from(now - limits::DEDUPLICATION).unwrap_or_default() << 20
}

fn hash(key: &str) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(key)
}
