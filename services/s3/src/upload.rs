//! Uploads in parts: one row for each, and one for every part, whose bytes are a blob from the start.

use kernel::{AccountId, Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobRef, ReadTx, Table, WriteTx};

use crate::checksum::{Algorithm, Checksum, Kind};
use crate::errors;
use crate::object::About;

/// Uploads under way, by bucket, key and id.
pub static UPLOADS: Table<(String, String, String), Upload> = Table::global("s3.uploads");
/// Their parts, by id and number.
pub static UPLOAD_PARTS: Table<(String, u32), Part> = Table::global("s3.uploads.parts");

/// Uploads that became objects, by bucket, key and id: who completes one again, after an answer that was lost, gets it
/// again.
pub static COMPLETED: Table<(String, String, String), Completed> = Table::global("s3.uploads.completed");

/// What an upload became.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Completed {
    /// The entity tag of the object.
    pub etag: String,
    /// Its version.
    pub version_id: Option<String>,
    /// When, in milliseconds since 1970.
    pub completed: i64,
}

/// An upload under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// When it was started, in milliseconds since 1970.
    pub initiated: i64,
    /// What the object will be stored with.
    pub about: About,
    /// Who started it.
    pub initiator: AccountId,
    /// The checksum it was started with.
    pub checksum: Option<(Algorithm, Kind)>,
    /// Whether the object of its key was deleted since.
    #[serde(default)]
    pub deleted_since: bool,
}

/// A part of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its entity tag, without quotes: the MD5 of its bytes.
    pub etag: String,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
    /// Its bytes.
    pub blob: BlobRef,
    /// Their checksum.
    pub checksum: Checksum,
}

impl Upload {
    /// When it was started, to the second.
    pub fn initiated(&self) -> Timestamp {
        Timestamp::from_second(self.initiated.div_euclid(1000)).unwrap_or_default()
    }
}

impl Part {
    /// When it was written, to the second.
    pub fn modified(&self) -> Timestamp {
        Timestamp::from_second(self.modified.div_euclid(1000)).unwrap_or_default()
    }
}

/// The upload, which must be under way for that key.
pub fn find(tx: &ReadTx<'_>, bucket: &str, key: &str, id: &str) -> Result<Upload, Fault> {
    tx.get(&UPLOADS, &(bucket, key, id))?.ok_or_else(|| errors::no_such_upload(id))
}

/// Ends an upload and removes its parts, but for the blobs of those that `keep` names.
pub fn remove(tx: &mut WriteTx<'_>, bucket: &str, key: &str, id: &str, keep: &[u32]) -> Result<(), Fault> {
    let parts: Vec<_> = tx.prefix(&UPLOAD_PARTS, &(id,)).collect::<Result<_, Fault>>()?;
    for ((_, number), part) in parts {
        if keep.binary_search(&number).is_err() {
            tx.drop_blob(&part.blob.id)?;
        }
        tx.delete(&UPLOAD_PARTS, &(id, number))?;
    }
    tx.delete(&UPLOADS, &(bucket, key, id)).map(drop)
}

/// Lets the uploads of a key know that its object was deleted: their conditions have failed then.
pub fn tell_of_deletion(tx: &mut WriteTx<'_>, bucket: &str, key: &str) -> Result<(), Fault> {
    let uploads: Vec<_> = tx.prefix(&UPLOADS, &(bucket, key)).collect::<Result<_, Fault>>()?;
    uploads
        .into_iter()
        .try_for_each(|(place, upload)| tx.put(&UPLOADS, &place, &Upload { deleted_since: true, ..upload }))
}

/// Ends all uploads of a bucket.
pub fn remove_all(tx: &mut WriteTx<'_>, bucket: &str) -> Result<(), Fault> {
    let uploads: Vec<_> = tx.prefix(&UPLOADS, &(bucket,)).keys().collect::<Result<_, Fault>>()?;
    uploads.iter().try_for_each(|(_, key, id)| remove(tx, bucket, key, id, &[]))?;
    let completed: Vec<_> = tx.prefix(&COMPLETED, &(bucket,)).keys().collect::<Result<_, Fault>>()?;
    completed.iter().try_for_each(|key| tx.delete(&COMPLETED, key).map(drop))
}
