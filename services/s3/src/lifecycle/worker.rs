//! Applies the rules: every midnight, when days end, and when rules change.

use api_s3::{LifecycleRule, StorageClass, TransitionDefaultMinimumObjectSize};
use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Timestamp};
use store::WriteTx;

use super::{DAY, LEAST_MOVED, active, applies, expires, in_force, midnight_after, speaks_of_sizes};
use crate::S3;
use crate::bucket::{BUCKETS, Bucket};
use crate::events::{self, Event};
use crate::listing::{self, Entry, Query, Start};
use crate::object::{OBJECTS, Object};
use crate::operations::delete_object::mark;
use crate::setting::{LIFECYCLE, TRANSITIONS};
use crate::upload::{self, COMPLETED, UPLOADS};
use crate::version::{self, Spot};

/// How many versions one transaction looks at.
const BATCH: usize = 500;
/// How long the answer to the completion of an upload is kept.
const REMEMBERED: i64 = 7 * DAY;

/// A version among those of its key.
struct Seen<'a> {
    key: &'a str,
    object: &'a Object,
    /// When it stopped being the latest, in milliseconds since 1970; nothing for the latest.
    overtaken: Option<i64>,
    /// How many versions came between it and the latest.
    newer: i32,
    /// Whether its key has no other version.
    is_alone: bool,
}

/// What is due for a version.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Due {
    /// It goes for good.
    Removal,
    /// It gets a marker on top, or goes where no versions are kept.
    Expiration,
    /// It moves to another class.
    Move(StorageClass),
    /// Its restored copy goes.
    Unrestore,
}

impl Due {
    /// Of several that are due, what S3 does: removing before moving, and moving as far down as any rule asks.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html>
    fn rank(&self) -> (u8, u8) {
        match self {
            Self::Removal => (3, 0),
            Self::Expiration => (2, 0),
            Self::Move(class) => (1, depth(class.as_str())),
            Self::Unrestore => (0, 0),
        }
    }
}

/// How far down a class is: objects move down only.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
fn depth(class: &str) -> u8 {
    let down = ["STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];
    down.iter().position(|one| *one == class).map_or(0, |at| at as u8 + 1)
}

impl Worker for S3 {
    fn name(&self) -> &'static str {
        "s3 lifecycle"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let now = cx.clock.millis();
            let buckets: Vec<(String, Bucket)> =
                self.store.read(&cx.scope, |tx| tx.range(&BUCKETS, ..).collect::<Result<_, Fault>>())?;
            let mut applied = Ok(());
            let changes = |bucket: &Bucket| LIFECYCLE.is_set(bucket) || bucket.restores;
            for (name, bucket) in buckets.iter().filter(|(_, bucket)| changes(bucket)) {
                let there = cx.in_scope(bucket.home());
                // One bucket's failure keeps no other waiting.
                applied = applied.and(self.apply(&there, name, bucket, now).await);
            }
            applied.and(self.forget_completed(cx, now).await)?;
            let midnight = Timestamp::from_millisecond(midnight_after(now, 0)).unwrap_or(Timestamp::MAX);
            Ok(Next::At(midnight))
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.rules_changed.notified())
    }
}

impl S3 {
    async fn apply(&self, cx: &Context, name: &str, bucket: &Bucket, now: i64) -> Result<(), Fault> {
        let (configuration, sizes) = self.store.read(&cx.scope, |tx| {
            Ok::<_, Fault>((LIFECYCLE.of(tx, name, bucket)?, TRANSITIONS.of(tx, name, bucket)?))
        })?;
        let sizes = sizes.and_then(|sizes| sizes.transition_default_minimum_object_size);
        let varies = sizes == Some(TransitionDefaultMinimumObjectSize::VariesByStorageClass);
        let rules = configuration.map(in_force).unwrap_or_default();
        let mut after: Option<(String, u64)> = None;
        let mut tail = Tail::default();
        loop {
            let start = after.as_ref().map_or(Start::Beginning, |(key, _)| Start::From(key.clone()));
            let query = Query { prefix: "", delimiter: "", start, limit: BATCH };
            let place = after.as_ref().map(|(key, place)| (key.as_str(), *place));
            let page = self.store.read(&cx.scope, |tx| listing::versions(tx, name, &query, place))?;
            let is_last = !page.truncated;
            let found: Vec<_> = page
                .entries
                .into_iter()
                .filter_map(|entry| match entry {
                    Entry::Item(key, (object, _)) => Some((key, object)),
                    Entry::Prefix(_) => None,
                })
                .collect();
            let due = tail.judge(&found, is_last, &rules, (bucket, varies), now);
            if !due.is_empty() {
                let done = self.store.write(&cx.scope, |tx| {
                    let Some(bucket) = tx.get(&BUCKETS, name)? else { return Ok(()) };
                    due.iter().try_for_each(|(key, object, due)| {
                        carry_out(tx, cx, &bucket, (Spot { bucket: name, key }, object, due))
                    })
                });
                done.await?;
            }
            match found.last() {
                Some((key, object)) if !is_last => after = Some((key.clone(), object.sequence)),
                _ => break,
            }
        }
        self.abort_uploads(cx, name, &rules, now).await
    }

    /// Uploads that were given up.
    async fn abort_uploads(
        &self,
        cx: &Context,
        name: &str,
        rules: &[LifecycleRule],
        now: i64,
    ) -> Result<(), Fault> {
        let aborted = self.store.write(&cx.scope, |tx| {
            let uploads: Vec<_> = tx.prefix(&UPLOADS, &(name,)).collect::<Result<_, Fault>>()?;
            for ((_, key, id), upload) in uploads {
                let is_due = active(rules).any(|rule| {
                    let days = rule.abort_incomplete_multipart_upload.as_ref();
                    let days = days.and_then(|abort| abort.days_after_initiation);
                    let filter = rule.filter.as_ref();
                    let all = filter.and_then(|filter| filter.and.as_ref());
                    let prefix = filter.and_then(|filter| filter.prefix.as_ref());
                    let prefix = prefix.or(all.and_then(|all| all.prefix.as_ref())).or(rule.prefix.as_ref());
                    prefix.is_none_or(|prefix| key.starts_with(prefix))
                        && days.is_some_and(|days| midnight_after(upload.initiated, i64::from(days)) <= now)
                });
                if is_due {
                    upload::remove(tx, name, &key, &id, &[])?;
                }
            }
            Ok(())
        });
        aborted.await
    }

    async fn forget_completed(&self, cx: &Context, now: i64) -> Result<(), Fault> {
        let old: Vec<_> = self.store.read(&cx.scope, |tx| {
            let is_old = |row: &Result<(_, upload::Completed), Fault>| {
                row.as_ref().map_or(true, |(_, done)| done.completed + REMEMBERED < now)
            };
            let rows = tx.range(&COMPLETED, ..).filter(is_old);
            rows.map(|row| row.map(|(key, _)| key)).collect::<Result<Vec<_>, Fault>>()
        })?;
        if old.is_empty() {
            return Ok(());
        }
        let forgotten = self
            .store
            .write(&cx.scope, |tx| old.iter().try_for_each(|key| tx.delete(&COMPLETED, key).map(drop)));
        forgotten.await
    }
}

/// What of one page matters for the next: the versions of a key follow each other.
#[derive(Default)]
struct Tail {
    key: String,
    /// When the version before was written.
    newer_modified: Option<i64>,
    newer: i32,
}

impl Tail {
    /// What is due for the versions of a page.
    fn judge(
        &mut self,
        found: &[(String, Object)],
        is_last: bool,
        rules: &[LifecycleRule],
        bucket: (&Bucket, bool),
        now: i64,
    ) -> Vec<(String, Object, Due)> {
        let mut all = Vec::new();
        for (at, (key, object)) in found.iter().enumerate() {
            if *key != self.key {
                *self = Self { key: key.clone(), newer_modified: None, newer: 0 };
            }
            let followed = match found.get(at + 1) {
                Some((next, _)) => next == key,
                None => !is_last,
            };
            let seen = Seen {
                key,
                object,
                overtaken: self.newer_modified,
                newer: self.newer,
                is_alone: self.newer_modified.is_none() && !followed,
            };
            let found = rules.iter().filter_map(|rule| due(rule, &seen, bucket, now));
            if let Some(due) = found.max_by_key(Due::rank) {
                all.push((key.clone(), object.clone(), due));
            } else if object.restored_until.is_some_and(|until| until <= now) {
                all.push((key.clone(), object.clone(), Due::Unrestore));
            }
            if self.newer_modified.is_some() {
                self.newer += 1;
            }
            self.newer_modified = Some(object.modified);
        }
        all
    }
}

fn due(rule: &LifecycleRule, seen: &Seen<'_>, (bucket, varies): (&Bucket, bool), now: i64) -> Option<Due> {
    let object = seen.object;
    if !applies(rule, seen.key, object) {
        return None;
    }
    let Some(overtaken) = seen.overtaken else { return due_latest(rule, seen, (bucket, varies), now) };
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        let days = i64::from(expiration.noncurrent_days.unwrap_or(0));
        let kept = expiration.newer_noncurrent_versions.unwrap_or(0);
        if midnight_after(overtaken, days) <= now && seen.newer >= kept {
            return object.about.lock.check_removal(now, false).is_ok().then_some(Due::Removal);
        }
    }
    let moves = rule.noncurrent_version_transitions.iter().flatten().filter(|one| {
        let days = i64::from(one.noncurrent_days.unwrap_or(0));
        midnight_after(overtaken, days) <= now && seen.newer >= one.newer_noncurrent_versions.unwrap_or(0)
    });
    let last = moves.max_by_key(|one| one.noncurrent_days.unwrap_or(0))?;
    moved(rule, object, last.storage_class.as_ref()?.as_str(), varies)
}

fn due_latest(
    rule: &LifecycleRule,
    seen: &Seen<'_>,
    (bucket, varies): (&Bucket, bool),
    now: i64,
) -> Option<Due> {
    let object = seen.object;
    let expires = expires(rule, object).is_some_and(|due| due <= now);
    if object.is_marker() {
        // A marker with nothing below it hides nothing.
        let cleans = rule.expiration.as_ref().and_then(|one| one.expired_object_delete_marker) == Some(true);
        return (seen.is_alone && (cleans || expires)).then_some(Due::Removal);
    }
    if expires {
        let stays = bucket.versioning.is_none() && object.about.lock.check_removal(now, false).is_err();
        return (!stays).then_some(Due::Expiration);
    }
    let moves = rule.transitions.iter().flatten().filter_map(|one| {
        let due = match (one.date, one.days) {
            (Some(date), _) => date.as_millisecond(),
            (None, days) => midnight_after(object.modified, i64::from(days.unwrap_or(0))),
        };
        (due <= now).then_some((due, one.storage_class.as_ref()?))
    });
    let (_, class) = moves.max_by_key(|(due, _)| *due)?;
    moved(rule, object, class.as_str(), varies)
}

/// The move to a class, unless the object is there, or further down, or too small. Where that varies with the class,
/// archives take all.
fn moved(rule: &LifecycleRule, object: &Object, class: &str, varies: bool) -> Option<Due> {
    let takes_all = varies && matches!(class, "GLACIER" | "DEEP_ARCHIVE");
    let now = object.about.storage_class.as_ref().map_or("STANDARD", |now| now.as_str());
    let is_there = depth(now) >= depth(class);
    let is_small = object.size < LEAST_MOVED && !speaks_of_sizes(rule) && !takes_all;
    (!is_there && !is_small && !object.is_marker()).then(|| Due::Move(class.into()))
}

/// Does what is due, if the version is still as it was seen.
fn carry_out(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    (spot, seen, due): (Spot<'_>, &Object, &Due),
) -> Result<(), Fault> {
    let id = seen.version_id.as_deref().unwrap_or("null");
    let Some(mut object) = version::named(tx, spot, id)?.filter(|found| found.modified == seen.modified)
    else {
        return Ok(());
    };
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    let is_current = current.as_ref().is_some_and(|current| current.version_id == object.version_id);
    let is_locked = object.about.lock.check_removal(cx.clock.millis(), false).is_err();
    let event = match due {
        // What came before it is gone, or somebody locked it.
        Due::Removal if is_current || is_locked => return Ok(()),
        // Something newer came, which has not expired.
        Due::Expiration if !is_current => return Ok(()),
        Due::Removal => {
            version::remove(tx, spot, &object)?;
            Event::ExpiredDelete
        }
        Due::Expiration if bucket.versioning.is_some() => {
            return mark(tx, cx, bucket, spot, (current, Event::ExpiredMarker)).map(drop);
        }
        Due::Expiration => {
            version::remove(tx, spot, &object)?;
            Event::ExpiredDelete
        }
        Due::Move(class) => {
            object.about.storage_class = Some(class.clone());
            version::rewrite(tx, spot, &object)?;
            Event::Transitioned
        }
        Due::Unrestore => {
            object.restored_until = None;
            version::rewrite(tx, spot, &object)?;
            Event::RestoreExpired
        }
    };
    events::emit(tx, cx, bucket, spot, &object, event)
}
