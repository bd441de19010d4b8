//! Bodies: where they are kept, and how they are read back.

use std::ops::Range;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use kernel::stream::Chunks;
use kernel::{ByteStream, Fault};
use serde::{Deserialize, Serialize};
use store::{BlobRef, Blobs, ReadTx, Table, WriteTx};

use crate::checksum::Checksum;
use crate::object::{OBJECTS, Object, Place};
use crate::version::{Spot, VERSIONS};

/// Small bodies, by bucket, key and version.
static BODIES: Table<(String, String, String), Bytes> = Table::global("s3.objects.bodies");
/// The parts of objects that were uploaded in parts, by bucket, key and version.
static PARTS: Table<(String, String, String), Vec<PartBody>> = Table::global("s3.objects.parts");

/// A body, or where it is.
#[derive(Clone, Debug)]
pub enum Content {
    /// In a blob.
    Blob(BlobRef),
    /// Here.
    Inline(Bytes),
    /// In the blobs of its parts, in order.
    Parts(Vec<PartBody>),
}

/// A part of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartBody {
    /// The number it was uploaded with.
    pub number: u32,
    /// Its bytes.
    pub blob: BlobRef,
    /// Their checksum.
    pub checksum: Option<Checksum>,
}

impl Content {
    /// The place of the content, as the object's row has it.
    pub fn place(&self) -> Place {
        match self {
            Self::Blob(blob) => Place::Blob(blob.clone()),
            Self::Inline(_) => Place::Inline,
            Self::Parts(_) => Place::Parts,
        }
    }
}

/// The content of an object.
pub fn load(tx: &ReadTx<'_>, spot: Spot<'_>, object: &Object) -> Result<Content, Fault> {
    let lost = || Fault::internal("an object has lost its body");
    let key = (spot.bucket, spot.key, object.version());
    match &object.place {
        Place::Blob(blob) => Ok(Content::Blob(blob.clone())),
        Place::Inline => Ok(Content::Inline(tx.get(&BODIES, &key)?.ok_or_else(lost)?)),
        Place::Parts => Ok(Content::Parts(tx.get(&PARTS, &key)?.ok_or_else(lost)?)),
        Place::DeleteMarker => Err(Fault::internal("a delete marker has no body")),
    }
}

/// Writes an object with its content, or a marker, in the place of `old`, which is of the same version. The blobs of
/// parts are kept since their upload.
pub fn put(
    tx: &mut WriteTx<'_>,
    spot: Spot<'_>,
    object: &Object,
    content: Option<&Content>,
    old: Option<&Object>,
) -> Result<(), Fault> {
    if let Some(old) = old {
        replace_body(tx, spot, old, content)?;
    }
    put_body(tx, spot, object, content)?;
    if object.is_marker() {
        if old.is_some() {
            tx.delete(&OBJECTS, &(spot.bucket, spot.key))?;
        }
        return tx.put(&VERSIONS, &(spot.bucket, spot.key, !object.sequence), object);
    }
    tx.put(&OBJECTS, &(spot.bucket, spot.key), object)
}

/// Writes the content of an object, of which there is none yet. The blobs of parts are kept already.
pub fn put_body(
    tx: &mut WriteTx<'_>,
    spot: Spot<'_>,
    object: &Object,
    content: Option<&Content>,
) -> Result<(), Fault> {
    let key = (spot.bucket, spot.key, object.version());
    match content {
        Some(Content::Blob(blob)) => tx.keep_blob(&blob.id),
        Some(Content::Inline(bytes)) => tx.put(&BODIES, &key, bytes),
        Some(Content::Parts(parts)) => tx.put(&PARTS, &key, parts),
        None => Ok(()),
    }
}

/// Keeps the parts of a copied content, as uploads keep theirs.
pub fn keep_parts(tx: &mut WriteTx<'_>, content: Option<&Content>) -> Result<(), Fault> {
    let Some(Content::Parts(parts)) = content else { return Ok(()) };
    parts.iter().try_for_each(|part| tx.keep_blob(&part.blob.id))
}

/// Lets go of a copied content that nothing refers to.
pub fn drop_unkept(tx: &mut WriteTx<'_>, content: &Content) -> Result<(), Fault> {
    match content {
        Content::Blob(blob) => tx.drop_blob(&blob.id),
        Content::Inline(_) => Ok(()),
        Content::Parts(parts) => parts.iter().try_for_each(|part| tx.drop_blob(&part.blob.id)),
    }
}

/// The same content, in blobs of its own. What was copied before a failure goes again.
pub async fn copied(blobs: &Blobs, content: Content) -> Result<Content, Fault> {
    let parts = match content {
        Content::Blob(blob) => return Ok(Content::Blob(copied_blob(blobs, &blob).await?)),
        Content::Inline(bytes) => return Ok(Content::Inline(bytes)),
        Content::Parts(parts) => parts,
    };
    let mut copies: Vec<PartBody> = Vec::with_capacity(parts.len());
    for part in parts {
        match copied_blob(blobs, &part.blob).await {
            Ok(blob) => copies.push(PartBody { blob, ..part }),
            Err(fault) => {
                for copy in &copies {
                    let _ = blobs.discard(&copy.blob.id).await;
                }
                return Err(fault);
            }
        }
    }
    Ok(Content::Parts(copies))
}

async fn copied_blob(blobs: &Blobs, blob: &BlobRef) -> Result<BlobRef, Fault> {
    let mut chunks = blobs.read(&blob.id, None).await?.take();
    let mut writer = blobs.create().await?;
    while let Some(chunk) = chunks.next().await {
        writer.write(chunk?).await?;
    }
    writer.finish().await
}

/// Removes the current object and its content.
pub fn remove(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    remove_body(tx, spot, object)?;
    tx.delete(&OBJECTS, &(spot.bucket, spot.key)).map(drop)
}

/// Removes the content of an object.
pub fn remove_body(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    let key = (spot.bucket, spot.key, object.version());
    match &object.place {
        Place::Blob(blob) => tx.drop_blob(&blob.id),
        Place::Inline => tx.delete(&BODIES, &key).map(drop),
        Place::Parts => {
            drop_parts(tx, spot, object)?;
            tx.delete(&PARTS, &key).map(drop)
        }
        Place::DeleteMarker => Ok(()),
    }
}

/// Removes what the new content does not overwrite.
fn replace_body(
    tx: &mut WriteTx<'_>,
    spot: Spot<'_>,
    old: &Object,
    new: Option<&Content>,
) -> Result<(), Fault> {
    match (&old.place, new) {
        (Place::Inline, Some(Content::Inline(_))) => Ok(()),
        (Place::Parts, Some(Content::Parts(_))) => drop_parts(tx, spot, old),
        _ => remove_body(tx, spot, old),
    }
}

fn drop_parts(tx: &mut WriteTx<'_>, spot: Spot<'_>, object: &Object) -> Result<(), Fault> {
    let parts = tx.get(&PARTS, &(spot.bucket, spot.key, object.version()))?.unwrap_or_default();
    parts.iter().try_for_each(|part| tx.drop_blob(&part.blob.id))
}

/// The bytes of a content, or a range of them.
pub async fn open(blobs: &Blobs, content: Content, range: Option<Range<u64>>) -> Result<ByteStream, Fault> {
    match content {
        Content::Blob(blob) => blobs.read(&blob.id, range).await,
        Content::Inline(bytes) => {
            let range = range.unwrap_or(0..bytes.len() as u64);
            // Ranges are cut to the body, which is in memory.
            Ok(ByteStream::from_bytes(bytes.slice(range.start as usize..range.end as usize)))
        }
        Content::Parts(parts) => open_parts(blobs, &parts, range).await,
    }
}

async fn open_parts(
    blobs: &Blobs,
    parts: &[PartBody],
    range: Option<Range<u64>>,
) -> Result<ByteStream, Fault> {
    let pieces = pieces(parts, range);
    let length = pieces.iter().map(|(_, range)| range.end - range.start).sum();
    // The parts are opened one after the other, and stay until the last is read, whoever replaces the object meanwhile.
    let held = blobs.hold(pieces.iter().map(|(blob, _)| blob.id.clone()).collect())?;
    let mut pieces = pieces.into_iter();
    let first = match pieces.next() {
        Some(piece) => Some(open_piece(blobs, piece).await?),
        None => None,
    };
    let blobs = blobs.clone();
    let later = stream::unfold((pieces, blobs, held), |(mut pieces, blobs, held)| async {
        let piece = pieces.next()?;
        Some((open_piece(&blobs, piece).await, (pieces, blobs, held)))
    });
    let chunks = stream::iter(first.map(Ok)).chain(later).try_flatten();
    Ok(ByteStream::new(Box::pin(chunks), Some(length)))
}

async fn open_piece(blobs: &Blobs, (blob, range): (BlobRef, Range<u64>)) -> Result<Chunks, Fault> {
    let is_whole = range == (0..blob.length);
    blobs.read(&blob.id, (!is_whole).then_some(range)).await.map(|stream| stream.take())
}

/// The blobs that a range of the whole touches, with the range within each.
fn pieces(parts: &[PartBody], range: Option<Range<u64>>) -> Vec<(BlobRef, Range<u64>)> {
    let range = range.unwrap_or(0..u64::MAX);
    let mut start = 0;
    let mut pieces = Vec::new();
    for part in parts {
        let end = start + part.blob.length;
        let within = range.start.max(start)..range.end.min(end);
        if within.start < within.end {
            pieces.push((part.blob.clone(), within.start - start..within.end - start));
        }
        start = end;
    }
    pieces
}
