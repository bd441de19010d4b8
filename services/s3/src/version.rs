//! Versions: what a key held before, and the markers that tell of deletions.
//!
//! The current object of a key is in [`OBJECTS`], so that listings and reads of current objects cost the same with or
//! without versions. Everything else is here, the latest first.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html>

use crc_fast::CrcAlgorithm;
use kernel::{Fault, Ids};
use store::{ReadTx, Table, WriteTx};

use crate::bucket::{Bucket, Versioning};
use crate::content::{self, Content};
use crate::errors;
use crate::object::{OBJECTS, Object, Place};

/// Versions that are not the current object, by bucket, key and how late they came: the latest first.
pub static VERSIONS: Table<(String, String, u64), Object> = Table::global("s3.objects.versions");

/// Digits of the place among the versions, at the front of a version's id.
const PLACE_DIGITS: usize = 11;
/// Digits of the check at its end: ids that S3 never gave out are told apart.
const CHECK_DIGITS: usize = 5;
/// The bits of a place behind its milliseconds.
const ROOM_BITS: u32 = 20;
/// The length of a version's id.
const ID_LENGTH: usize = 32;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The name of the bucket.
    pub bucket: &'a str,
    /// The key.
    pub key: &'a str,
}

/// The latest version, be it a marker or not.
pub fn latest(tx: &ReadTx<'_>, bucket: &Bucket, spot: Spot<'_>) -> Result<Option<Object>, Fault> {
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    if current.is_some() || bucket.versioning.is_none() {
        return Ok(current);
    }
    let mut rows = tx.prefix(&VERSIONS, &(spot.bucket, spot.key));
    Ok(rows.next().transpose()?.map(|(_, object)| object))
}

/// A version by its id, be it a marker or not.
pub fn named(tx: &ReadTx<'_>, spot: Spot<'_>, id: &str) -> Result<Option<Object>, Fault> {
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    if id == "null" {
        return match current {
            Some(current) if current.version_id.is_none() => Ok(Some(current)),
            _ => old_null(tx, spot),
        };
    }
    let sequence = sequence(id).ok_or_else(|| errors::invalid_version(id))?;
    let is_meant = |object: &Object| object.version_id.as_deref() == Some(id);
    if let Some(current) = current.filter(is_meant) {
        return Ok(Some(current));
    }
    Ok(tx.get(&VERSIONS, &(spot.bucket, spot.key, !sequence))?.filter(is_meant))
}

/// The object, or the version of it, that a request names. Markers are no objects.
pub fn find(tx: &ReadTx<'_>, bucket: &Bucket, spot: Spot<'_>, id: Option<&str>) -> Result<Object, Fault> {
    match id {
        None => match latest(tx, bucket, spot)? {
            Some(object) if object.is_marker() => Err(errors::no_such_key(spot.key)
                .header("x-amz-delete-marker", "true")
                .header("x-amz-version-id", object.told_version(bucket).unwrap_or_default())),
            Some(object) => Ok(object),
            None => Err(errors::no_such_key(spot.key)),
        },
        Some(id) => match named(tx, spot, id)? {
            Some(object) if object.is_marker() => {
                let modified = object.modified().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                Err(errors::delete_marker("GET")
                    .header("x-amz-delete-marker", "true")
                    .header("last-modified", modified)
                    .header("x-amz-version-id", id))
            }
            Some(object) => Ok(object),
            None => Err(errors::no_such_version(spot.key, id)),
        },
    }
}

/// The same for requests on what belongs to an object: a marker has nothing of it, named or not.
pub fn find_owning(
    tx: &ReadTx<'_>,
    bucket: &Bucket,
    spot: Spot<'_>,
    id: Option<&str>,
    method: &'static str,
) -> Result<Object, Fault> {
    let found = match id {
        None => latest(tx, bucket, spot)?.ok_or_else(|| errors::no_such_key(spot.key))?,
        Some(id) => named(tx, spot, id)?.ok_or_else(|| errors::no_such_version(spot.key, id))?,
    };
    if found.is_marker() { Err(errors::delete_marker(method)) } else { Ok(found) }
}

/// The place of an id among the versions of a key: older ones have lower ones. Ids tell theirs, be the version still
/// there or not. Where the `null` one stood is not known once it is gone, so then it counts as the latest: some versions
/// are listed twice, and none is lost.
pub fn place(tx: &ReadTx<'_>, spot: Spot<'_>, id: &str) -> Result<u64, Fault> {
    if id != "null" {
        return Ok(sequence(id).unwrap_or(0));
    }
    Ok(named(tx, spot, id)?.map_or(u64::MAX, |object| object.sequence))
}

/// Writes a version's row again, wherever it is.
pub fn rewrite(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    if current.is_some_and(|current| current.version_id == object.version_id) {
        tx.put(&OBJECTS, &(spot.bucket, spot.key), object)
    } else {
        tx.put(&VERSIONS, &(spot.bucket, spot.key, !object.sequence), object)
    }
}

/// Makes an object, or a marker, the latest version; `old` is the current object. Returns it as it was written.
pub fn install(
    tx: &mut WriteTx<'_>,
    bucket: &Bucket,
    spot: Spot<'_>,
    mut object: Object,
    content: Option<&Content>,
    (old, ids): (Option<Object>, &Ids),
) -> Result<Object, Fault> {
    let Some(versioning) = bucket.versioning else {
        content::put(tx, spot, &object, content, old.as_ref())?;
        return Ok(object);
    };
    let last = match &old {
        Some(old) => Some(old.sequence),
        None => {
            tx.prefix(&VERSIONS, &(spot.bucket, spot.key)).next().transpose()?.map(|(_, old)| old.sequence)
        }
    };
    // Milliseconds, with room for a million versions in each. Chance chooses among those, so that a copy from another
    // bucket, which keeps its place, finds it free.
    let now = (u64::try_from(object.modified).unwrap_or(0) << ROOM_BITS) + ids.below(1 << ROOM_BITS);
    object.sequence = last.map_or(now, |last| now.max(last + 1));
    let mut replaced = old;
    match versioning {
        Versioning::Enabled => object.version_id = Some(id(object.sequence, ids)),
        // There is one version called `null`: the new one takes its place.
        Versioning::Suspended => {
            object.version_id = None;
            if let Some(null) = old_null(tx, spot)? {
                remove_old(tx, spot, &null)?;
            }
        }
    }
    if let Some(old) = replaced.take_if(|old| old.version_id.is_some() || object.version_id.is_some()) {
        tx.put(&VERSIONS, &(spot.bucket, spot.key, !old.sequence), &old)?;
        tx.delete(&OBJECTS, &(spot.bucket, spot.key))?;
    }
    content::put(tx, spot, &object, content, replaced.as_ref())?;
    Ok(object)
}

/// Puts a copied version among those of its key, where its id places it. Tells whether it is new there.
pub fn insert(
    tx: &mut WriteTx<'_>,
    spot: Spot<'_>,
    object: &Object,
    content: Option<&Content>,
) -> Result<bool, Fault> {
    let Some(id) = &object.version_id else { return Ok(false) };
    if let Some(there) = named(tx, spot, id)? {
        // An order that came twice: what came first stays.
        if let Some(content) = content {
            content::drop_unkept(tx, content)?;
        }
        return rewrite(tx, spot, &Object { place: there.place, ..object.clone() }).map(|()| false);
    }
    content::keep_parts(tx, content)?;
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    let newest = match &current {
        Some(current) => Some(current.sequence),
        None => {
            tx.prefix(&VERSIONS, &(spot.bucket, spot.key)).next().transpose()?.map(|(_, old)| old.sequence)
        }
    };
    if newest.is_some_and(|newest| newest > object.sequence) {
        content::put_body(tx, spot, object, content)?;
        tx.put(&VERSIONS, &(spot.bucket, spot.key, !object.sequence), object)?;
        return Ok(true);
    }
    if let Some(current) = current {
        tx.put(&VERSIONS, &(spot.bucket, spot.key, !current.sequence), &current)?;
        tx.delete(&OBJECTS, &(spot.bucket, spot.key))?;
    }
    content::put(tx, spot, object, content, None)?;
    Ok(true)
}

/// Removes a version for good. What came before the current one then takes its place.
pub fn remove(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    let current = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    let is_current = current.is_some_and(|current| current.version_id == object.version_id);
    if is_current && !object.is_marker() {
        content::remove(tx, spot, object)?;
    } else {
        remove_old(tx, spot, object)?;
    }
    let has_current = tx.contains(&OBJECTS, &(spot.bucket, spot.key))?;
    if has_current {
        return Ok(());
    }
    let next = tx.prefix(&VERSIONS, &(spot.bucket, spot.key)).next().transpose()?;
    match next {
        Some((key, next)) if !next.is_marker() => {
            tx.delete(&VERSIONS, &key)?;
            tx.put(&OBJECTS, &(spot.bucket, spot.key), &next)
        }
        _ => Ok(()),
    }
}

fn remove_old(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    content::remove_body(tx, spot, object)?;
    tx.delete(&VERSIONS, &(spot.bucket, spot.key, !object.sequence)).map(drop)
}

/// The version called `null`, where it is not the current object.
fn old_null(tx: &ReadTx<'_>, spot: Spot<'_>) -> Result<Option<Object>, Fault> {
    let mut rows = tx.prefix(&VERSIONS, &(spot.bucket, spot.key));
    let null = rows.find(|row| row.as_ref().map_or(true, |(_, object)| object.version_id.is_none()));
    Ok(null.transpose()?.map(|(_, object)| object))
}

/// An id that tells the place among the versions, so that it is found by it.
fn id(sequence: u64, ids: &Ids) -> String {
    let mut id = digits(sequence, PLACE_DIGITS);
    id.push_str(&ids.base62(ID_LENGTH - PLACE_DIGITS - CHECK_DIGITS));
    let check = check(&id);
    id + &check
}

/// The digits at the end of an id that begins so.
fn check(start: &str) -> String {
    digits(crc_fast::checksum(CrcAlgorithm::Crc64Nvme, start.as_bytes()), CHECK_DIGITS)
}

/// The last digits of a number, to the base of 62.
fn digits(mut number: u64, count: usize) -> String {
    let mut digits = vec![0; count];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// The place that an id tells; nothing where it is none.
fn sequence(id: &str) -> Option<u64> {
    let (start, end) = id.split_at_checked(ID_LENGTH - CHECK_DIGITS)?;
    if check(start) != end {
        return None;
    }
    let value = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).map(|at| at as u64);
    id.as_bytes()[..PLACE_DIGITS]
        .iter()
        .try_fold(0_u64, |sum, byte| sum.checked_mul(62)?.checked_add(value(byte)?))
}

impl Object {
    /// A marker that tells of a deletion at that time.
    pub fn marker(modified: i64) -> Self {
        Self {
            version_id: None,
            sequence: 0,
            size: 0,
            etag: String::new(),
            modified,
            place: Place::DeleteMarker,
            checksum: None,
            about: crate::object::About::default(),
            owner: None,
            restored_until: None,
            replication: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_tell_their_place() {
        let ids = Ids::seeded(1);
        for place in [0, 1, 61, 62, 1_800_000_000_000 << 20, u64::MAX] {
            let id = id(place, &ids);
            assert_eq!((id.len(), sequence(&id)), (ID_LENGTH, Some(place)));
        }
        assert_eq!(sequence("null"), None);
        assert_eq!(sequence(&"z".repeat(ID_LENGTH)), None);
        assert_eq!(sequence(&"/".repeat(ID_LENGTH)), None);
    }
}
