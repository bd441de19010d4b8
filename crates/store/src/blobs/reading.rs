//! Reading a blob in chunks, checking its checksum on the way when it is read whole.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use kernel::{ByteStream, Fault};

use super::{BlobId, Folder, blocking, missing};

/// What one read brings into memory.
const CHUNK: u64 = 512 * 1024;

/// A read that is under way.
struct Reading {
    folder: Arc<Folder>,
    file: Arc<File>,
    left: Range<u64>,
    /// What has been read of a whole blob, and the checksum it must come to.
    check: Option<(crc32fast::Hasher, BlobId)>,
}

pub(super) fn from_memory(whole: &Bytes, range: Option<Range<u64>>) -> ByteStream {
    let range = cut(range, whole.len() as u64);
    // Both ends are within a length that fits memory.
    ByteStream::from_bytes(whole.slice(range.start as usize..range.end as usize))
}

pub(super) async fn from_disk(
    folder: Arc<Folder>,
    id: BlobId,
    range: Option<Range<u64>>,
) -> Result<ByteStream, Fault> {
    let wanted = id.clone();
    let open = move |folder: &Folder| {
        let file = folder.open_blob(&wanted).map_err(|_| missing(&wanted))?;
        let length = file.metadata().map_err(Fault::internal)?.len();
        Ok((file, length))
    };
    let (file, length) = blocking(&folder, open).await?;
    let whole = range.is_none();
    let left = cut(range, length);
    let check = whole.then(|| (crc32fast::Hasher::new(), id));
    let amount = left.end - left.start;
    let reading = Reading { folder, file: Arc::new(file), left, check };
    Ok(ByteStream::new(Box::pin(stream::try_unfold(reading, Reading::next)), Some(amount)))
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Fault> {
        if self.left.is_empty() {
            return self.verified().map(|()| None);
        }
        let (file, start, mut check) = (self.file.clone(), self.left.start, self.check.take());
        let length = CHUNK.min(self.left.end - start);
        let read = move |_: &Folder| {
            let chunk = read_at(&file, start, length as usize).map_err(Fault::internal)?;
            // Here the bytes are near: on the way to the socket they may come to another processor.
            if let Some((hasher, _)) = &mut check {
                hasher.update(&chunk);
            }
            Ok((chunk, check))
        };
        let (chunk, check) = blocking(&self.folder, read).await?;
        self.check = check;
        self.left.start += length;
        Ok(Some((chunk, self)))
    }

    fn verified(self) -> Result<(), Fault> {
        let Some((hasher, id)) = self.check else { return Ok(()) };
        if id.checksum() == Some(hasher.finalize()) {
            return Ok(());
        }
        Err(Fault::internal(format_args!("the blob {id} is damaged: its checksum has changed")))
    }
}

/// So many bytes from there, into memory that nobody has to clear first.
fn read_at(file: &File, start: u64, length: usize) -> io::Result<Bytes> {
    let mut chunk = Vec::with_capacity(length);
    while chunk.len() < length {
        let at = start + chunk.len() as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(&mut chunk), at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // The allocator may have given more than was asked for, and the file had it.
    chunk.truncate(length);
    Ok(chunk.into())
}

fn cut(range: Option<Range<u64>>, length: u64) -> Range<u64> {
    let range = range.unwrap_or(0..length);
    range.start.min(length)..range.end.clamp(range.start.min(length), length)
}
