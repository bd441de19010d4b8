//! Writing a blob: gathered into chunks, each written where blocking is allowed.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use kernel::Fault;

use super::{BlobId, BlobRef, Folder, Home, blocking, locked};

/// As much is gathered before the disk is bothered.
const CHUNK: usize = 128 * 1024;

/// A blob being written.
pub struct BlobWriter {
    home: Home,
    chance: String,
    gathered: BytesMut,
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
        let checksum = crc32fast::Hasher::new();
        Self { home, chance, gathered: BytesMut::new(), length: 0, checksum, temp: None }
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk is full or fails; the blob cannot be finished then.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Fault> {
        let bytes = bytes.as_ref();
        self.length += bytes.len() as u64;
        self.checksum.update(bytes);
        self.gathered.extend_from_slice(bytes);
        match &self.home {
            Home::Disk(folder) if self.gathered.len() >= CHUNK => {
                let (temp, name) = (self.temp.take(), self.chance.clone());
                let gathered = self.gathered.split().freeze();
                self.temp =
                    Some(blocking(folder, move |folder| append(folder, temp, &name, &gathered)).await?);
                Ok(())
            }
            _ => Ok(()),
        }
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
        let rest = self.gathered.split().freeze();
        match &self.home {
            Home::Memory(blobs) => drop(locked(blobs).insert(id.clone(), rest)),
            Home::Disk(folder) => {
                let (temp, name, id) = (self.temp.take(), self.chance.clone(), id.clone());
                blocking(folder, move |folder| publish(folder, temp, &name, &rest, &id)).await?;
            }
        }
        Ok(BlobRef { id, length: self.length, checksum })
    }
}

fn append(folder: &Folder, temp: Option<Temp>, name: &str, bytes: &Bytes) -> Result<Temp, Fault> {
    let mut temp = match temp {
        Some(temp) => temp,
        None => folder.create(name).map(|(path, file)| Temp { path, file })?,
    };
    temp.file.write_all(bytes).map_err(Fault::internal)?;
    Ok(temp)
}

fn publish(folder: &Folder, temp: Option<Temp>, name: &str, rest: &Bytes, id: &BlobId) -> Result<(), Fault> {
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
