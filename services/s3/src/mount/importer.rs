//! Makes objects the same as their files.

use kernel::{Context, Fault};
use store::Stamp;

use super::{FILES, Known, is_later};
use crate::bucket::BUCKETS;
use crate::checksum::Declared;
use crate::commit::{self, Writing};
use crate::events::Event;
use crate::object::{About, OBJECTS, Object};
use crate::operations::delete_object;
use crate::receive::{Expected, receive};
use crate::version::Spot;
use crate::{S3, limits};

impl S3 {
    fn pair(&self, cx: &Context, spot: Spot<'_>) -> Result<(Option<Object>, Option<Known>), Fault> {
        self.store.read(&cx.scope, |tx| {
            let key = (spot.bucket, spot.key);
            Ok((tx.get(&OBJECTS, &key)?, tx.get(&FILES, &key)?))
        })
    }

    /// Makes a file's object the same as the file, if the file changed.
    pub(super) async fn take_in(&self, cx: &Context, bucket: &str, key: &str) -> Result<(), Fault> {
        let Some(shared) = self.mounts.folders.get(bucket) else { return Ok(()) };
        let spot = Spot { bucket, key };
        let _turn = shared.turns.take(key).await;
        let (object, known) = self.pair(cx, spot)?;
        let stamp = shared.mount.stamp(key).await?;
        let known_stamp = known.as_ref().and_then(|known| known.stamp);
        if stamp == known_stamp || limits::key(key).is_err() {
            return Ok(());
        }
        let known = known.as_ref();
        if stamp.is_some_and(|stamp| is_behind(stamp, known, object.as_ref())) {
            return Ok(());
        }
        let read = if stamp.is_some() { shared.mount.read(key).await? } else { None };
        let Some((stamp, body)) = read else {
            return match known {
                Some(known) => self.take_away(cx, spot, known).await,
                None => Ok(()),
            };
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
            // It may have changed while the file was read.
            if is_behind(stamp, known, tx.get(&OBJECTS, &(spot.bucket, spot.key))?.as_ref()) {
                return Ok(false);
            }
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

    /// A file is gone: so is its object, if it is still the file's.
    async fn take_away(&self, cx: &Context, spot: Spot<'_>, known: &Known) -> Result<(), Fault> {
        let deleted = self.store.write(&cx.scope, |tx| {
            let object = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
            if !object.is_some_and(|object| known.is_of(&object)) {
                return Ok(());
            }
            tx.delete(&FILES, &(spot.bucket, spot.key))?;
            let Some(bucket) = tx.get(&BUCKETS, spot.bucket)? else { return Ok(()) };
            let there = cx.in_scope(bucket.home());
            delete_object::delete_latest(tx, &there, &bucket, spot).map(drop)
        });
        deleted.await
    }
}

/// Whether the object changed too, and last: it will have its file follow.
fn is_behind(file: Stamp, known: Option<&Known>, object: Option<&Object>) -> bool {
    let is_news = |object: &&Object| !known.is_some_and(|known| known.is_of(object));
    object.filter(is_news).is_some_and(|object| !is_later(file, object))
}
