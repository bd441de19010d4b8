//! Which events wait for what: for their time, or for a place.

use std::collections::{BTreeSet, HashMap, VecDeque};

use kernel::Timestamp;
use store::Seq;

/// How many events of one kind are with their consumer at once.
const AT_ONCE: usize = 256;

/// The numbers of all events that are not done.
#[derive(Default)]
pub struct Queue {
    kinds: HashMap<&'static str, Turns>,
    /// Those whose time has not come.
    later: BTreeSet<(Timestamp, Seq, &'static str)>,
}

#[derive(Default)]
struct Turns {
    ready: VecDeque<Seq>,
    running: usize,
}

impl Queue {
    /// An event that is due now or at an instant.
    pub fn add(&mut self, seq: Seq, kind: &'static str, at: Option<Timestamp>) {
        match at {
            Some(at) => drop(self.later.insert((at, seq, kind))),
            None => self.kinds.entry(kind).or_default().ready.push_back(seq),
        }
    }

    /// When the next event is due that waits for its time.
    pub fn next(&self) -> Option<Timestamp> {
        self.later.first().map(|(at, ..)| *at)
    }

    /// Lets those line up whose time has come.
    pub fn wake(&mut self, now: Timestamp) {
        while let Some((at, seq, kind)) = self.later.first().copied().filter(|(at, ..)| *at <= now) {
            self.later.remove(&(at, seq, kind));
            self.add(seq, kind, None);
        }
    }

    /// The next event for which there is a place; the place is taken.
    pub fn take(&mut self) -> Option<(Seq, &'static str)> {
        self.kinds.iter_mut().find_map(|(kind, turns)| {
            if turns.running >= AT_ONCE {
                return None;
            }
            let seq = turns.ready.pop_front()?;
            turns.running += 1;
            Some((seq, *kind))
        })
    }

    /// A place is free again.
    pub fn end(&mut self, kind: &'static str) {
        if let Some(turns) = self.kinds.get_mut(kind) {
            turns.running = turns.running.saturating_sub(1);
        }
    }

    /// Forgets what waits. Places stay taken until their events end.
    pub fn clear(&mut self) {
        self.later.clear();
        self.kinds.values_mut().for_each(|turns| turns.ready.clear());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_without_places_holds_up_no_other() {
        let mut queue = Queue::default();
        (0..1000).for_each(|seq| queue.add(seq, "slow", None));
        queue.add(1000, "quick", None);
        let mut taken = Vec::new();
        while let Some(one) = queue.take() {
            taken.push(one);
        }
        assert_eq!(taken.len(), AT_ONCE + 1);
        assert!(taken.contains(&(1000, "quick")));
        queue.end("slow");
        assert_eq!(queue.take(), Some((AT_ONCE as u64, "slow")));
    }

    #[test]
    fn what_is_for_later_waits_for_its_time() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut queue = Queue::default();
        queue.add(1, "k", Some(at(20)));
        queue.add(2, "k", Some(at(10)));
        assert_eq!((queue.next(), queue.take()), (Some(at(10)), None));
        queue.wake(at(10));
        assert_eq!((queue.take(), queue.next()), (Some((2, "k")), Some(at(20))));
    }
}
