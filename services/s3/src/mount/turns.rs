//! Turns: one at a time for a key, and none waits for that of another key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

/// Who has their turn, by the path of the key's file.
#[derive(Default)]
pub struct Turns {
    taken: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

impl Turns {
    /// Waits for the key's turn, which lasts until what is returned goes.
    pub async fn take(&self, key: &str) -> OwnedMutexGuard<()> {
        // A folder and a file of that name have one place.
        let place = key.strip_suffix('/').unwrap_or(key);
        let turn = {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = taken.get(place).and_then(Weak::upgrade);
            turn.unwrap_or_else(|| {
                taken.retain(|_, turn| turn.strong_count() > 0);
                let turn = Arc::default();
                taken.insert(place.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn only_the_same_key_waits() {
        let turns = Turns::default();
        let first = turns.take("a").await;
        let mut same = Box::pin(turns.take("a/"));
        assert!(same.as_mut().now_or_never().is_none());
        assert!(turns.take("b").now_or_never().is_some());
        drop(first);
        assert!(same.now_or_never().is_some());
        assert_eq!(turns.taken.lock().unwrap().len(), 2);
        assert!(turns.take("c").now_or_never().is_some());
        assert_eq!(turns.taken.lock().unwrap().len(), 1);
    }
}
