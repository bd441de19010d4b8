//! Buckets of folders: a file dropped there is an object, and an object put here is a file.
//!
//! A file is taken in whole: its bytes become a body like any other, so that versions, ranges and copies work as in all
//! buckets. What a row of [`FILES`] says of a file tells, also after a crash or a pause, which side changed since.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer, Next, Worker};
use kernel::{Context, Fault};
use serde::{Deserialize, Serialize};
use store::{Change, DRAFT_DIGITS, Mount, Stamp, Table, WriteTx};

use crate::bucket::{BUCKETS, Bucket, OWNED, Owned};
use crate::checksum::Declared;
use crate::commit::{self, Writing};
use crate::content;
use crate::events::Event;
use crate::object::{About, OBJECTS, Object};
use crate::operations::delete_object;
use crate::receive::{Expected, receive};
use crate::version::Spot;
use crate::{S3, limits};

/// What the files of shared folders were when they were last the same as their objects, by bucket and key.
static FILES: Table<(String, String), Known> = Table::global("s3.mounts.files");
/// The kind of the events that say that an object of such a bucket changed.
const KIND: &str = "s3.mount";
/// A file that nobody told of, because its folder is new, may still be written to: it counts once it has not changed
/// for so long.
const SETTLED: Duration = Duration::from_millis(800);
/// How long a file that could not be taken in waits for another try.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// A file as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// What tells the file apart; nothing for a folder.
    stamp: Option<Stamp>,
    /// The entity tag of the object.
    etag: String,
    /// The place of the object among the versions of its key.
    sequence: u64,
}

/// A changed object of such a bucket.
#[derive(Serialize, Deserialize)]
struct Changed {
    bucket: String,
    key: String,
}

/// The shared folders, by bucket.
#[derive(Default)]
pub struct Mounts {
    folders: HashMap<String, Shared>,
}

struct Shared {
    mount: Mount,
    /// One side is made the same as the other at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Mounts {
    /// Shares these folders under these names.
    pub fn new(mounts: Vec<(String, Mount)>) -> Self {
        let shared = |mount| Shared { mount, turn: tokio::sync::Mutex::default() };
        Self { folders: mounts.into_iter().map(|(name, mount)| (name, shared(mount))).collect() }
    }

    /// Whether the bucket is a folder.
    pub fn has(&self, bucket: &str) -> bool {
        self.folders.contains_key(bucket)
    }

    /// Refuses keys that no file of the folder can have.
    pub async fn check(&self, spot: Spot<'_>) -> Result<(), Fault> {
        let Some(shared) = self.folders.get(spot.bucket) else { return Ok(()) };
        if shared.mount.takes(spot.key).await? {
            return Ok(());
        }
        Err(Fault::client("InvalidRequest", "The bucket is a folder, which cannot hold a file of that path."))
    }
}

/// Has an object's file follow it, where its bucket is a folder.
pub fn follow(tx: &mut WriteTx<'_>, bucket: &Bucket, spot: Spot<'_>) -> Result<(), Fault> {
    if !bucket.mounted {
        return Ok(());
    }
    tx.emit(KIND, &Changed { bucket: spot.bucket.to_owned(), key: spot.key.to_owned() })
}

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

    /// Has both sides say the same, whichever changed.
    async fn even(&self, cx: &Context, bucket: &str, key: &str) -> Result<(), Fault> {
        self.give_out(cx, Spot { bucket, key }).await?;
        self.take_in(cx, bucket, key).await
    }

    fn pair(&self, cx: &Context, spot: Spot<'_>) -> Result<(Option<Object>, Option<Known>), Fault> {
        self.store.read(&cx.scope, |tx| {
            let key = (spot.bucket, spot.key);
            Ok((tx.get(&OBJECTS, &key)?, tx.get(&FILES, &key)?))
        })
    }

    /// Makes a file's object the same as the file, if the file changed.
    async fn take_in(&self, cx: &Context, bucket: &str, key: &str) -> Result<(), Fault> {
        let Some(shared) = self.mounts.folders.get(bucket) else { return Ok(()) };
        let spot = Spot { bucket, key };
        let _turn = shared.turn.lock().await;
        let (object, known) = self.pair(cx, spot)?;
        let stamp = shared.mount.stamp(key).await?;
        let known_stamp = known.as_ref().and_then(|known| known.stamp);
        if stamp == known_stamp || limits::key(key).is_err() {
            return Ok(());
        }
        let is_known = |object: &Object| known.as_ref().is_some_and(|known| known.is_of(object));
        if let (Some(object), Some(stamp)) = (&object, stamp)
            && !is_known(object)
            && !is_later(stamp, object)
        {
            // The object will have its file follow.
            return Ok(());
        }
        let read = if stamp.is_some() { shared.mount.read(key).await? } else { None };
        let Some((stamp, body)) = read else {
            // It is gone: so is the object, if it is still the file's.
            let is_its = object.as_ref().is_some_and(is_known);
            return if is_its { self.take_away(cx, spot).await } else { Ok(()) };
        };
        let expected = Expected { checksum: Declared::default(), ..Expected::default() };
        let received = receive(self.store.blobs(), &body, &expected).await?;
        let kind = mime_guess::from_path(key).first_raw().map(str::to_owned);
        let object = Object {
            size: received.size,
            etag: received.etag.clone(),
            place: received.content.place(),
            checksum: Some(received.checksum.clone()),
            about: About { content_type: kind, ..About::default() },
            ..Object::marker(cx.clock.millis())
        };
        let writing = Writing {
            spot,
            expected_owner: None,
            if_match: None,
            if_none_match: None,
            event: Event::CreatedPut,
        };
        let written = self.store.write(&cx.scope, |tx| {
            let Some(bucket) = tx.get(&BUCKETS, bucket)? else { return Ok(false) };
            let there = cx.in_scope(bucket.home());
            let object = commit::replace(tx, &there, &bucket, &writing, object.clone(), &received.content)?;
            tx.put(&FILES, &(spot.bucket, spot.key), &Known::of(&object, Some(stamp)))?;
            Ok::<_, Fault>(true)
        });
        let written = written.await;
        if !matches!(written, Ok(true)) {
            self.discard(&received.content).await;
        }
        written.map(drop)
    }

    async fn take_away(&self, cx: &Context, spot: Spot<'_>) -> Result<(), Fault> {
        let deleted = self.store.write(&cx.scope, |tx| {
            tx.delete(&FILES, &(spot.bucket, spot.key))?;
            let Some(bucket) = tx.get(&BUCKETS, spot.bucket)? else { return Ok(()) };
            let there = cx.in_scope(bucket.home());
            delete_object::delete_latest(tx, &there, &bucket, spot).map(drop)
        });
        deleted.await
    }

    /// Has a change of an object reach its file before the change is answered. What fails here is tried again from the
    /// outbox: the object is changed whatever becomes of the file.
    pub(crate) async fn mirror(&self, cx: &Context, spot: Spot<'_>) {
        if let Err(fault) = self.give_out(cx, spot).await {
            tracing::warn!(bucket = spot.bucket, key = spot.key, %fault, "a file cannot follow its object");
        }
    }

    /// Makes an object's file the same as the object, if the object changed.
    async fn give_out(&self, cx: &Context, spot: Spot<'_>) -> Result<(), Fault> {
        let Some(shared) = self.mounts.folders.get(spot.bucket) else { return Ok(()) };
        let _turn = shared.turn.lock().await;
        let (object, known, content) = self.store.read(&cx.scope, |tx| {
            let key = (spot.bucket, spot.key);
            let (object, known) = (tx.get(&OBJECTS, &key)?, tx.get(&FILES, &key)?);
            let news = object
                .as_ref()
                .filter(|object| !known.as_ref().is_some_and(|known: &Known| known.is_of(object)));
            let content = news.map(|object| content::load(tx, spot, object)).transpose()?;
            Ok::<_, Fault>((object, known, content))
        })?;
        let mount = &shared.mount;
        let Some(object) = object else {
            let Some(known) = known else { return Ok(()) };
            // A file that changed since is a new object, and stays.
            if known.stamp.is_none() || mount.stamp(spot.key).await? == known.stamp {
                mount.remove(spot.key).await?;
            }
            return self.know(cx, spot, None).await;
        };
        let Some(content) = content else { return Ok(()) };
        if spot.key.ends_with('/') {
            mount.make_folder(spot.key).await?;
            return self.know(cx, spot, Some(Known::of(&object, None))).await;
        }
        let there = mount.stamp(spot.key).await?;
        let known_stamp = known.and_then(|known| known.stamp);
        if there.is_some_and(|there| known_stamp != Some(there) && is_later(there, &object)) {
            // Both changed, and the file last: it is taken in.
            return Ok(());
        }
        let body = content::open(self.store.blobs(), content, None).await?;
        let draft = mount.draft(spot.key, &cx.ids.hex(DRAFT_DIGITS), body).await?;
        let stamp = draft.stamp;
        // What is known comes last: after a crash in between, the object is still ahead and its file written again. The
        // other way round, the old file would seem to be news.
        mount.publish(spot.key, draft).await?;
        self.know(cx, spot, Some(Known::of(&object, Some(stamp)))).await
    }

    async fn know(&self, cx: &Context, spot: Spot<'_>, known: Option<Known>) -> Result<(), Fault> {
        let written = self.store.write(&cx.scope, |tx| match &known {
            Some(known) => tx.put(&FILES, &(spot.bucket, spot.key), known),
            None => tx.delete(&FILES, &(spot.bucket, spot.key)).map(drop),
        });
        written.await
    }
}

impl Known {
    fn of(object: &Object, stamp: Option<Stamp>) -> Self {
        Self { stamp, etag: object.etag.clone(), sequence: object.sequence }
    }

    fn is_of(&self, object: &Object) -> bool {
        self.etag == object.etag && self.sequence == object.sequence
    }
}

/// Whether a file was written later than an object.
fn is_later(file: Stamp, object: &Object) -> bool {
    file.modified > i128::from(object.modified) * 1_000_000
}

/// Has files follow their objects, also those that a crash kept from it.
pub struct Exporter(pub Arc<S3>);

impl Consumer for Exporter {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let changed: Changed = match store::decode_event(payload) {
                Ok(changed) => changed,
                Err(fault) => return Consumed::Failed(fault),
            };
            match self.0.give_out(cx, Spot { bucket: &changed.bucket, key: &changed.key }).await {
                Err(fault) if fault.status() >= 500 => Consumed::Failed(fault),
                _ => Consumed::Done,
            }
        })
    }
}
