//! The message groups of a FIFO queue, in the order in which it is their turn.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// When a group's first message can be received, and its place among those of the same millisecond.
type Turn = (i64, u64);

/// The groups that have messages.
#[derive(Debug, Default)]
pub struct Groups {
    known: HashMap<Arc<str>, Group>,
    turns: BTreeMap<Turn, Arc<str>>,
    last: u64,
}

/// A group.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    turn: Turn,
    /// The number of its first message; 0 as long as nobody has looked.
    pub front: u64,
}

impl Groups {
    /// The group, if it has messages.
    pub fn get(&self, group: &str) -> Option<Group> {
        self.known.get(group).copied()
    }

    /// Puts the group behind all whose turn comes in the same millisecond.
    pub fn place(&mut self, group: &str, ready_at: i64, front: u64) {
        self.last += 1;
        let turn = (ready_at, self.last);
        let name = match self.known.get_key_value(group) {
            Some((name, before)) => {
                self.turns.remove(&before.turn);
                name.clone()
            }
            None => group.into(),
        };
        self.turns.insert(turn, name.clone());
        self.known.insert(name, Group { turn, front });
    }

    /// Forgets a group without messages.
    pub fn remove(&mut self, group: &str) {
        if let Some(group) = self.known.remove(group) {
            self.turns.remove(&group.turn);
        }
    }

    /// The groups whose turn it is, first come first.
    pub fn ready(&self, now: i64) -> impl Iterator<Item = &Arc<str>> {
        self.turns.range(..=(now, u64::MAX)).map(|(_, group)| group)
    }

    /// When the next turn after `now` comes.
    pub fn next(&self, now: i64) -> Option<i64> {
        self.turns.range((now + 1, 0)..).next().map(|((ready_at, _), _)| *ready_at)
    }
}
