//! Server access logs: a line for every request to a bucket that is logged, in objects of its target bucket.
//!
//! Lines are rows until the worker makes objects of them, so that none is lost with the process.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html>

mod line;
mod worker;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::exchange::{Exchange, Observer};
use kernel::service::Boxed;
use kernel::{Context, Fault, Scope};
use serde::{Deserialize, Serialize};
use store::{Store, Table};
use tokio::sync::Notify;

use crate::bucket::BUCKETS;
use crate::setting::LOGGING;

/// Lines by bucket, instant and request.
static LINES: Table<(String, i64, String), Line> = Table::global("s3.access-log.lines");

/// A line on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    text: String,
}

/// Collects lines and delivers them.
pub struct AccessLog {
    store: Store,
    /// The buckets that are logged, so that others cost nothing; nothing before anybody asked.
    logged: RwLock<Option<Arc<HashSet<String>>>>,
    /// Whether the worker waits for a line.
    idle: AtomicBool,
    /// Told when there is the line it waits for.
    written: Notify,
}

impl AccessLog {
    /// The logs of all buckets.
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            logged: RwLock::default(),
            idle: AtomicBool::new(false),
            written: Notify::new(),
        }
    }

    /// Looks again which buckets are logged: one has changed, or all are gone.
    pub fn look_again(&self) {
        *self.logged.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn is_logged(&self, bucket: &str) -> bool {
        let known = self.logged.read().unwrap_or_else(PoisonError::into_inner).clone();
        let known = known.unwrap_or_else(|| self.look());
        known.contains(bucket)
    }

    fn look(&self) -> Arc<HashSet<String>> {
        let mut logged = self.logged.write().unwrap_or_else(PoisonError::into_inner);
        let found: Result<HashSet<String>, Fault> = self.store.read(&Scope::default(), |tx| {
            let rows = tx.starting_with(&BUCKETS, "").filter(|row| match row {
                Ok((_, bucket)) => LOGGING.is_set(bucket),
                Err(_) => true,
            });
            rows.map(|row| row.map(|(name, _)| name)).collect()
        });
        let found = Arc::new(found.unwrap_or_default());
        *logged = Some(found.clone());
        found
    }
}

impl Observer for AccessLog {
    fn wants(&self, _: &'static str, labels: &[(&'static str, String)]) -> bool {
        bucket(labels).is_some_and(|bucket| self.is_logged(bucket))
    }

    fn observe<'a>(&'a self, cx: &'a Context, exchange: &'a Exchange) -> Boxed<'a, ()> {
        Box::pin(async move {
            let Some(name) = bucket(&exchange.labels) else { return };
            let written = self.store.write(&cx.scope, |tx| {
                // It may have been made anew since.
                let bucket = tx.get(&BUCKETS, name)?.filter(|bucket| LOGGING.is_set(bucket));
                let Some(bucket) = bucket else { return Ok::<_, Fault>(()) };
                let text = line::of(cx, name, &bucket, exchange);
                tx.put(&LINES, &(name, exchange.began, cx.request.id.as_str()), &Line { text })
            });
            // Logs are written as well as may be: no request fails for them.
            if written.await.is_ok() && self.idle.swap(false, Ordering::SeqCst) {
                self.written.notify_one();
            }
        })
    }
}

/// The bucket of a request.
fn bucket<'a>(labels: &'a [(&'static str, String)]) -> Option<&'a str> {
    label(labels, "Bucket")
}

fn label<'a>(labels: &'a [(&'static str, String)], wanted: &str) -> Option<&'a str> {
    labels.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str())
}
