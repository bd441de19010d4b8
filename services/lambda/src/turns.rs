//! How many invocations of a function run at once, where that is limited.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The invocations that run, by function.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, usize>>>);

/// The place of one invocation; it is free again when this is dropped.
pub struct Turn {
    turns: Turns,
    function: String,
}

impl Turns {
    /// A place among at most that many, if one is free.
    pub fn take(&self, function: String, most: usize) -> Option<Turn> {
        let mut running = self.lock();
        let count = running.get(&function).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        running.insert(function.clone(), count + 1);
        Some(Turn { turns: self.clone(), function })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.turns.lock();
        match running.get_mut(&self.function) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(running.remove(&self.function)),
        }
    }
}

/// How often asynchronous events were turned away: such attempts do not count as tries.
#[derive(Default)]
pub struct Throttles(Mutex<HashMap<String, u32>>);

impl Throttles {
    /// How often an event was turned away, this time included if so.
    pub fn count(&self, request_id: &str, is_throttled: bool) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_throttled {
            *counts.entry(request_id.to_owned()).or_default() += 1;
        }
        counts.get(request_id).copied().unwrap_or_default()
    }

    /// The event is over.
    pub fn forget(&self, request_id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(request_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_invocation_ends() {
        let turns = Turns::default();
        let first = turns.take("f".to_owned(), 1).unwrap();
        assert!(turns.take("f".to_owned(), 1).is_none());
        assert!(turns.take("g".to_owned(), 1).is_some());
        drop(first);
        assert!(turns.take("f".to_owned(), 1).is_some());
        assert!(turns.take("f".to_owned(), 0).is_none());
    }
}
