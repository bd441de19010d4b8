//! The suite that every engine passes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "these are tests")]

mod blobs;
mod concurrency;
mod interface;
mod model;
mod outbox;
mod snapshot;

use kernel::{Clock, Ids};
use store::{Durability, Store, StoreSettings};

/// A store of one kind, which can be opened again where it keeps its data.
pub struct Subject {
    /// The store.
    pub store: Store,
    settings: Option<StoreSettings>,
    _folder: Option<tempfile::TempDir>,
}

impl Subject {
    fn memory() -> Self {
        Self { store: Store::memory(Clock::real(), Ids::seeded(1)), settings: None, _folder: None }
    }

    fn disk(durability: Durability) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // So small that tests go through many checkpoints.
        let settings = StoreSettings { durability, log_bytes: 20_000, ..StoreSettings::new(folder.path()) };
        let store = open(&settings);
        Self { store, settings: Some(settings), _folder: Some(folder) }
    }

    /// The same data in a new store, if the engine keeps it.
    fn reopen(self) -> Option<Self> {
        let Self { store, settings, _folder } = self;
        drop(store);
        let store = open(settings.as_ref()?);
        Some(Self { store, settings, _folder })
    }
}

fn open(settings: &StoreSettings) -> Store {
    Store::open(settings, Clock::real(), Ids::random()).unwrap()
}

/// Runs async tests against each engine.
#[macro_export]
macro_rules! on_every_engine {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::Subject::memory()).await;
            })+
        }

        mod disk {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::Subject::disk(store::Durability::Relaxed)).await;
            })+
        }

        mod strict {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                super::$test($crate::Subject::disk(store::Durability::Strict)).await;
            })+
        }
    };
}
