//! Tells those who follow groups of events as they arrive.

use std::sync::Arc;

use kernel::Scope;
use tokio::sync::broadcast;

use crate::event::Event;

/// How many batches may wait for a slow follower before it misses some.
const BACKLOG: usize = 1024;

/// A batch of events that has arrived.
#[derive(Debug)]
pub struct Arrival {
    /// Account and region.
    pub scope: Scope,
    /// The group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Times and events.
    pub events: Vec<(i64, Event)>,
}

/// All who follow.
pub struct Tail(broadcast::Sender<Arc<Arrival>>);

impl Tail {
    /// Nobody yet.
    pub fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    /// Tells of a batch, if anybody listens.
    pub fn tell(&self, arrival: impl FnOnce() -> Arrival) {
        if self.0.receiver_count() > 0 {
            let _ = self.0.send(Arc::new(arrival()));
        }
    }

    /// Follows from now on.
    pub fn follow(&self) -> broadcast::Receiver<Arc<Arrival>> {
        self.0.subscribe()
    }
}
