//! Receives that wait: each queue wakes its own when a message arrives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::Scope;
use tokio::sync::Notify;

use crate::queue::Place;

/// The queues somebody waits for.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<Scope, HashMap<String, Arc<Notify>>>>);

impl Waiting {
    /// What wakes the waiters of a queue.
    pub fn of(&self, scope: &Scope, queue: &str) -> Arc<Notify> {
        let mut all = self.lock();
        let region = all.entry(scope.clone()).or_default();
        if let Some(notify) = region.get(queue) {
            return notify.clone();
        }
        region.entry(queue.to_owned()).or_default().clone()
    }

    /// Wakes the waiters of a queue.
    pub fn wake(&self, scope: &Scope, queue: &str) {
        let mut all = self.lock();
        let Some(region) = all.get_mut(scope) else { return };
        if let Some(notify) = region.get(queue) {
            notify.notify_waiters();
            // Nobody but this map holds it: nobody waits.
            if Arc::strong_count(notify) == 1 {
                region.remove(queue);
            }
        }
    }

    /// Wakes the waiters of several queues.
    pub fn wake_all(&self, places: &[Place]) {
        places.iter().for_each(|(scope, queue)| self.wake(scope, queue));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Scope, HashMap<String, Arc<Notify>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
