//! Who gets a topic's messages, read once per change of the topic.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{Fault, Scope};
use store::Store;

use crate::filter::Filter;
use crate::message::Message;
use crate::subscription::{SUBSCRIPTIONS, Subscription};
use crate::topic::{TOPICS, Topic};

/// The most topics that are remembered.
const TOPICS_KEPT: usize = 10_000;

/// A topic with those who subscribed to it.
pub struct Receivers {
    /// The topic.
    pub topic: Topic,
    /// Its confirmed subscriptions.
    all: Vec<Receiver>,
}

struct Receiver {
    subscription: Arc<Subscription>,
    filter: Option<Filter>,
}

/// The receivers of topics.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<(Scope, String), Arc<Receivers>>>);

impl Receivers {
    /// Those whose filters a message passes and who were there at that revision.
    pub fn of<'a>(
        &'a self,
        message: &'a Message,
        revision: u64,
    ) -> impl Iterator<Item = &'a Arc<Subscription>> {
        let passes = move |receiver: &&Receiver| {
            receiver.subscription.since <= revision
                && receiver
                    .filter
                    .as_ref()
                    .is_none_or(|filter| filter.passes(&message.text, &message.attributes))
        };
        self.all.iter().filter(passes).map(|receiver| &receiver.subscription)
    }
}

impl Cache {
    /// The receivers of a topic as it is now; nothing when it is gone.
    pub fn get(&self, store: &Store, scope: &Scope, name: &str) -> Result<Option<Arc<Receivers>>, Fault> {
        let key = (scope.clone(), name.to_owned());
        let known = self.all().get(&key).cloned();
        let found = store.read(scope, |tx| {
            let Some(topic) = tx.get(&TOPICS, name)? else { return Ok(None) };
            if let Some(known) = known.filter(|known| known.topic.revision == topic.revision) {
                return Ok(Some(known));
            }
            let mut all = Vec::new();
            for row in tx.prefix(&SUBSCRIPTIONS, &(name,)) {
                let (_, subscription) = row?;
                if !subscription.is_pending {
                    let filter = Filter::of(&subscription.attributes);
                    all.push(Receiver { subscription: Arc::new(subscription), filter });
                }
            }
            Ok::<_, Fault>(Some(Arc::new(Receivers { topic, all })))
        })?;
        let mut kept = self.all();
        if kept.len() > TOPICS_KEPT {
            kept.clear();
        }
        match &found {
            Some(receivers) => drop(kept.insert(key, receivers.clone())),
            None => drop(kept.remove(&key)),
        }
        Ok(found)
    }

    /// Forgets all.
    pub fn forget(&self) {
        self.all().clear();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(Scope, String), Arc<Receivers>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
