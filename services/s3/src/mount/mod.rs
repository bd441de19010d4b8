//! Buckets of folders: a file dropped there is an object, and an object put here is a file.
//!
//! A file is taken in whole: its bytes become a body like any other, so that versions, ranges and copies work as in all
//! buckets. What a row of [`FILES`] says of a file tells, also after a crash or a pause, which side changed since.

mod exporter;
mod follower;
mod importer;
mod turns;

use std::collections::HashMap;

use kernel::{Context, Fault};
use serde::{Deserialize, Serialize};
use store::{Mount, Stamp, Table};

use crate::S3;
use crate::object::Object;
use crate::version::Spot;

pub use exporter::{Exporter, follow};
pub use follower::Follower;
use turns::Turns;

/// What the files of shared folders were when they were last the same as their objects, by bucket and key.
static FILES: Table<(String, String), Known> = Table::global("s3.mounts.files");

/// A file as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// What tells the file apart; nothing for a folder.
    stamp: Option<Stamp>,
    /// The entity tag of the object.
    etag: String,
    /// The place of the object among the versions of its key.
    sequence: u64,
    /// When the object was written, in milliseconds since 1970: who puts the same bytes again means them to stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<i64>,
}

/// The shared folders, by bucket.
#[derive(Default)]
pub struct Mounts {
    folders: HashMap<String, Shared>,
}

struct Shared {
    mount: Mount,
    /// One side of a key is made the same as the other at a time.
    turns: Turns,
}

impl Mounts {
    /// Shares these folders under these names.
    pub fn new(mounts: Vec<(String, Mount)>) -> Self {
        let shared = |mount| Shared { mount, turns: Turns::default() };
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

impl S3 {
    /// Has both sides say the same, whichever changed.
    async fn even(&self, cx: &Context, bucket: &str, key: &str) -> Result<(), Fault> {
        self.give_out(cx, Spot { bucket, key }).await?;
        self.take_in(cx, bucket, key).await
    }
}

impl Known {
    fn of(object: &Object, stamp: Option<Stamp>) -> Self {
        let modified = Some(object.modified);
        Self { stamp, etag: object.etag.clone(), sequence: object.sequence, modified }
    }

    fn is_of(&self, object: &Object) -> bool {
        let is_as_old = self.modified.is_none_or(|modified| modified == object.modified);
        self.etag == object.etag && self.sequence == object.sequence && is_as_old
    }
}

/// Whether a file was written later than an object, which knows its time to the millisecond. Files that follow objects
/// have their times, so that none of them seems later than the object that came after it.
fn is_later(file: Stamp, object: &Object) -> bool {
    file.modified.div_euclid(1_000_000) > i128::from(object.modified)
}
