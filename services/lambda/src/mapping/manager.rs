//! Keeps one task for each mapping that is to work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Arn, Context, Fault, Scope};
use store::Store;
use tokio::sync::{Notify, watch};

use super::{MAPPINGS, Mapping, queue, stream};

/// The mappings at work.
#[derive(Clone)]
pub struct Mappings {
    store: Store,
    changed: Arc<Notify>,
    running: Arc<Mutex<HashMap<(Scope, String), Running>>>,
}

struct Running {
    revision: u64,
    /// Dropped, it ends the task: batches of queues go on to their end, records of streams in hand are read again.
    _stop: watch::Sender<()>,
}

/// Ends when its mapping is changed or gone.
pub type Stop = watch::Receiver<()>;

impl Mappings {
    /// Those that the store has.
    pub fn new(store: &Store) -> Self {
        Self { store: store.clone(), changed: Arc::default(), running: Arc::default() }
    }

    /// Looks again: something was changed.
    pub fn wake(&self) {
        self.changed.notify_one();
    }

    fn reconcile(&self, cx: &Context) -> Result<(), Fault> {
        let mut wanted: HashMap<(Scope, String), Mapping> = HashMap::new();
        self.store.read(&cx.scope, |tx| {
            for row in tx.everywhere(&MAPPINGS) {
                let (scope, id, mapping) = row?;
                if mapping.is_enabled() {
                    wanted.insert((scope, id), mapping);
                }
            }
            Ok::<_, Fault>(())
        })?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|key, one| wanted.get(key).is_some_and(|mapping| mapping.revision == one.revision));
        for (key, mapping) in wanted {
            if running.contains_key(&key) {
                continue;
            }
            let (stop, stopped) = watch::channel(());
            running.insert(key.clone(), Running { revision: mapping.revision, _stop: stop });
            let cx = cx.in_scope(key.0).on_behalf_of("lambda.amazonaws.com");
            start(self.store.clone(), cx, mapping, stopped);
        }
        Ok(())
    }
}

fn start(store: Store, cx: Context, mapping: Mapping, stop: Stop) {
    let Some(arn) = Arn::parse(mapping.source()) else { return };
    let mapping = Arc::new(mapping);
    match arn.service.as_str() {
        "sqs" => drop(tokio::spawn(queue::poll(cx, arn, mapping, stop))),
        _ => drop(tokio::spawn(stream::read(store, cx, arn, mapping, stop))),
    }
}

impl Worker for Mappings {
    fn name(&self) -> &'static str {
        "lambda.mappings"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move { self.reconcile(cx).map(|()| Next::WhenWoken) })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.changed.notified())
    }
}
