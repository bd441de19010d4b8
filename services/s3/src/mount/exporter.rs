//! Makes files the same as their objects.

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault};
use serde::{Deserialize, Serialize};
use store::{DRAFT_DIGITS, WriteTx};

use super::{FILES, Known, is_later};
use crate::bucket::Bucket;
use crate::object::OBJECTS;
use crate::version::Spot;
use crate::{S3, content};

/// The kind of the events that say that an object of such a bucket changed.
const KIND: &str = "s3.mount";

/// A changed object of such a bucket.
#[derive(Serialize, Deserialize)]
struct Changed {
    bucket: String,
    key: String,
}

/// Has an object's file follow it, where its bucket is a folder.
pub fn follow(tx: &mut WriteTx<'_>, bucket: &Bucket, spot: Spot<'_>) -> Result<(), Fault> {
    if !bucket.mounted {
        return Ok(());
    }
    tx.emit(KIND, &Changed { bucket: spot.bucket.to_owned(), key: spot.key.to_owned() })
}

impl S3 {
    /// Has a change of an object reach its file before the change is answered. What fails here is tried again from the
    /// outbox: the object is changed whatever becomes of the file.
    pub(crate) async fn mirror(&self, cx: &Context, spot: Spot<'_>) {
        if let Err(fault) = self.give_out(cx, spot).await {
            tracing::warn!(bucket = spot.bucket, key = spot.key, %fault, "a file cannot follow its object");
        }
    }

    /// Makes an object's file the same as the object, if the object changed.
    pub(super) async fn give_out(&self, cx: &Context, spot: Spot<'_>) -> Result<(), Fault> {
        let Some(shared) = self.mounts.folders.get(spot.bucket) else { return Ok(()) };
        let _turn = shared.turns.take(spot.key).await;
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
        let draft = mount.draft(spot.key, &cx.ids.hex(DRAFT_DIGITS), object.modified, body).await?;
        let stamp = draft.stamp;
        // What is known comes last: after a crash in between, the object is still ahead and its file, which is no later,
        // written again. The other way round, the old file would seem to be news.
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
            Consumed::of(self.0.give_out(cx, Spot { bucket: &changed.bucket, key: &changed.key }).await)
        })
    }
}
