//! Writing a blob: gathered into chunks, each written where blocking is allowed.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use kernel::Fault;

use super::{BlobId, BlobRef, Folder, Home, blocking, locked};

/// As much is gathered before the disk is bothered: few system calls, few turns of the thread that may block.
const CHUNK: usize = 1024 * 1024;

/// So many pieces are written at once; the system takes at most 1024.
const PIECES: usize = 256;

/// A blob being written.
pub struct BlobWriter {
    home: Home,
    chance: String,
    /// All of it, in memory.
    whole: BytesMut,
    /// What is to be written next, on disk: as it came, never copied.
    gathered: Vec<Bytes>,
    gathered_length: usize,
    length: u64,
    checksum: crc32fast::Hasher,
    temp: Option<Temp>,
}

/// The file of an unfinished blob; it goes when this does.
struct Temp {
    path: PathBuf,
    file: File,
}

impl BlobWriter {
    pub(super) fn new(home: Home, chance: String) -> Self {
        Self {
            home,
            chance,
            whole: BytesMut::new(),
            gathered: Vec::new(),
            gathered_length: 0,
            length: 0,
            checksum: crc32fast::Hasher::new(),
            temp: None,
        }
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk is full or fails; the blob cannot be finished then.
    pub async fn write(&mut self, bytes: impl Into<Bytes>) -> Result<(), Fault> {
        let bytes = bytes.into();
        self.length += bytes.len() as u64;
        self.checksum.update(&bytes);
        let Home::Disk(folder) = &self.home else {
            self.whole.extend_from_slice(&bytes);
            return Ok(());
        };
        self.gathered_length += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_length < CHUNK && self.gathered.len() < PIECES {
            return Ok(());
        }
        self.gathered_length = 0;
        let (temp, name) = (self.temp.take(), self.chance.clone());
        let gathered = std::mem::take(&mut self.gathered);
        self.temp = Some(blocking(folder, move |folder| append(folder, temp, &name, &gathered)).await?);
        Ok(())
    }

    /// How many bytes were written so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Publishes the blob, whole. It belongs to the data once a commit keeps it.
    ///
    /// # Errors
    /// When the disk is full or fails; nothing is left behind then.
    pub async fn finish(mut self) -> Result<BlobRef, Fault> {
        let checksum = std::mem::take(&mut self.checksum).finalize();
        let id = BlobId::new(&self.chance, checksum);
        match &self.home {
            Home::Memory(blobs) => drop(locked(blobs).insert(id.clone(), self.whole.split().freeze())),
            Home::Disk(folder) => {
                let rest = std::mem::take(&mut self.gathered);
                let (temp, name, id) = (self.temp.take(), self.chance.clone(), id.clone());
                blocking(folder, move |folder| publish(folder, temp, &name, &rest, &id)).await?;
            }
        }
        Ok(BlobRef { id, length: self.length, checksum })
    }
}

fn append(folder: &Folder, temp: Option<Temp>, name: &str, pieces: &[Bytes]) -> Result<Temp, Fault> {
    let mut temp = match temp {
        Some(temp) => temp,
        None => folder.create(name).map(|(path, file)| Temp { path, file })?,
    };
    write_all(&mut temp.file, pieces).map_err(Fault::internal)?;
    Ok(temp)
}

/// Writes all pieces, mostly with one call.
fn write_all(file: &mut File, pieces: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
    let mut left = slices.as_mut_slice();
    while left.iter().any(|slice| !slice.is_empty()) {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn publish(
    folder: &Folder,
    temp: Option<Temp>,
    name: &str,
    rest: &[Bytes],
    id: &BlobId,
) -> Result<(), Fault> {
    let temp = append(folder, temp, name, rest)?;
    folder.publish(&temp.file, &temp.path, id)
}

impl Drop for Temp {
    fn drop(&mut self) {
        // After publishing there is no such file any more, which is as well.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl std::fmt::Debug for BlobWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobWriter({} bytes)", self.length)
    }
}
