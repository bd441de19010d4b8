//! Receives that wait: each queue wakes its own when a message arrives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kernel::Scope;
use tokio::sync::Notify;

/// The queues somebody waits for.
#[derive(Default)]
pub struct Waiting(Mutex<HashMap<(Scope, String), Arc<Notify>>>);

impl Waiting {
    /// What wakes the waiters of a queue.
    pub fn of(&self, scope: &Scope, queue: &str) -> Arc<Notify> {
        self.lock().entry((scope.clone(), queue.to_owned())).or_default().clone()
    }

    /// Wakes the waiters of a queue.
    pub fn wake(&self, scope: &Scope, queue: &str) {
        let mut all = self.lock();
        if all.is_empty() {
            return;
        }
        let key = (scope.clone(), queue.to_owned());
        if let Some(notify) = all.get(&key) {
            notify.notify_waiters();
            // Nobody but this map holds it: nobody waits.
            if Arc::strong_count(notify) == 1 {
                all.remove(&key);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(Scope, String), Arc<Notify>>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
