//! Follows what changes in a folder.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault};
use store::{Change, Mount, Stamp};

use super::{FILES, Known, Shared};
use crate::S3;
use crate::bucket::{BUCKETS, Bucket, OWNED, Owned};
use crate::object::OBJECTS;

/// A file that nobody told of, because its folder is new, may still be written to: it counts once it has not changed
/// for so long.
const SETTLED: Duration = Duration::from_millis(800);
/// How long a file that could not be taken in waits for another try.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// Follows the changes of one folder.
pub struct Follower {
    s3: Arc<S3>,
    bucket: String,
    mount: Mount,
    /// What changed since the last look.
    waiting: std::sync::Mutex<Waiting>,
    /// Told when everything is to be looked at anew.
    begins: tokio::sync::Notify,
}

#[derive(Default)]
struct Waiting {
    is_begun: bool,
    changes: Vec<Change>,
    /// Files that may still be written to.
    unsettled: Vec<(String, Stamp)>,
}

impl Follower {
    /// A follower for each folder.
    pub fn all(s3: &Arc<S3>) -> Vec<Self> {
        let folders = s3.mounts.folders.iter();
        let follower = |(bucket, shared): (&String, &Shared)| Self {
            s3: s3.clone(),
            bucket: bucket.clone(),
            mount: shared.mount.clone(),
            waiting: std::sync::Mutex::default(),
            begins: tokio::sync::Notify::new(),
        };
        folders.map(follower).collect()
    }

    /// Begins anew: the bucket and all that was known of the folder are gone.
    pub fn forget(&self) {
        *self.waiting() = Waiting::default();
        self.begins.notify_one();
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Worker for Follower {
    fn name(&self) -> &'static str {
        "s3 folder"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            if !self.waiting().is_begun {
                self.s3.make_mounted(cx, &self.bucket).await?;
                self.waiting().is_begun = true;
                if let Err(fault) = self.look(cx, "", false).await {
                    self.waiting().is_begun = false;
                    return Err(fault);
                }
            }
            let (changes, unsettled) = {
                let mut waiting = self.waiting();
                (std::mem::take(&mut waiting.changes), std::mem::take(&mut waiting.unsettled))
            };
            for (key, before) in unsettled {
                match self.mount.stamp(&key).await {
                    Ok(Some(now)) if now != before => self.waiting().unsettled.push((key, now)),
                    _ => self.follow(cx, Change::File(key)).await,
                }
            }
            for change in changes {
                self.follow(cx, change).await;
            }
            let waiting = self.waiting();
            Ok(match (waiting.unsettled.is_empty(), waiting.changes.is_empty()) {
                (false, _) => Next::At(cx.clock.now() + SETTLED),
                (true, false) => Next::At(cx.clock.now() + AFTER_FAILURE),
                (true, true) => Next::WhenWoken,
            })
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(async move {
            tokio::select! {
                changes = self.mount.changes() => self.waiting().changes.extend(changes),
                () = self.begins.notified() => {}
            }
        })
    }
}

impl Follower {
    /// Follows one change. What fails waits for another try and keeps nothing else from following.
    async fn follow(&self, cx: &Context, change: Change) {
        let followed = match &change {
            Change::File(key) => self.s3.take_in(cx, &self.bucket, key).await,
            Change::Below(place) => self.look(cx, place, true).await,
            Change::All => self.look(cx, "", true).await,
        };
        if let Err(fault) = followed {
            tracing::warn!(bucket = self.bucket, ?change, %fault, "a change of a folder cannot be followed");
            if fault.status() >= 500 {
                self.waiting().changes.push(change);
            }
        }
    }

    /// Compares what is at and below a path with what is known of it. What may still be written to is left for later,
    /// where that `waits`.
    async fn look(&self, cx: &Context, place: &str, waits: bool) -> Result<(), Fault> {
        let found: HashMap<String, Stamp> = self.mount.scan(place).await?.into_iter().collect();
        let bucket = self.bucket.as_str();
        let (known, objects) = self.s3.store.read(&cx.scope, |tx| {
            let known = tx.starting_with(&FILES, &(bucket, place));
            let known: HashMap<String, Known> =
                known.map(|row| row.map(|((_, key), known)| (key, known))).collect::<Result<_, Fault>>()?;
            let objects = tx.starting_with(&OBJECTS, &(bucket, place)).keys();
            let objects: Vec<String> =
                objects.map(|row| row.map(|(_, key)| key)).collect::<Result<_, Fault>>()?;
            Ok::<_, Fault>((known, objects))
        })?;
        let inside = |key: &str| {
            let rest = key.strip_prefix(place);
            rest.is_some_and(|rest| place.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        let now = i128::from(cx.clock.millis()) * 1_000_000;
        for (key, stamp) in &found {
            let is_same = known.get(key).is_some_and(|known| known.stamp == Some(*stamp));
            let is_fresh = waits && now - stamp.modified < SETTLED.as_nanos() as i128;
            if is_same || !is_fresh {
                self.even(cx, key).await;
            } else {
                self.waiting().unsettled.push((key.clone(), *stamp));
            }
        }
        let gone = known.keys().filter(|key| inside(key) && !found.contains_key(*key));
        let unseen = objects.iter().filter(|key| inside(key) && !known.contains_key(*key));
        for key in gone.chain(unseen.filter(|key| !found.contains_key(*key))) {
            self.even(cx, key).await;
        }
        Ok(())
    }

    /// Has both sides of one key say the same. What fails waits for another try; what the folder cannot hold does not.
    async fn even(&self, cx: &Context, key: &str) {
        let bucket = self.bucket.as_str();
        match self.s3.even(cx, bucket, key).await {
            Ok(()) => {}
            Err(fault) if fault.status() < 500 => {
                tracing::warn!(bucket, key, %fault, "a file cannot follow its object");
            }
            Err(fault) => {
                tracing::warn!(bucket, key, %fault, "a file and its object cannot be compared yet");
                self.waiting().changes.push(Change::File(key.to_owned()));
            }
        }
    }
}

impl S3 {
    /// Makes the bucket, if it is not there, and marks it.
    async fn make_mounted(&self, cx: &Context, name: &str) -> Result<(), Fault> {
        let made = self.store.write(&cx.scope, |tx| {
            let bucket = match tx.get(&BUCKETS, name)? {
                Some(bucket) => Bucket { mounted: true, ..bucket },
                None => {
                    let bucket = Bucket::new(&cx.scope, cx.clock.millis());
                    let owned = Owned { region: bucket.region.clone(), created: bucket.created };
                    tx.put(&OWNED, name, &owned)?;
                    Bucket { mounted: true, ..bucket }
                }
            };
            tx.put(&BUCKETS, name, &bucket)
        });
        made.await
    }
}
