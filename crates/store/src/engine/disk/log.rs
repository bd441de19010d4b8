//! The log: every commit since the last checkpoint, one checksummed record each, in numbered files.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::engine::Record;

/// What a file begins with: magic, number, length of the file before it, salt, checksum.
const HEADER: usize = 36;
const MAGIC: [u8; 8] = *b"FOGLOG\x00\x01";
/// What a record begins with: length and checksum of what follows.
const FRAME: usize = 8;

/// The log file that commits go to.
pub(super) struct Log {
    pub file: Arc<File>,
    pub number: u64,
    pub length: u64,
    salt: u64,
    /// Bytes of a commit that failed may lie behind `length` until they are cut off.
    soiled: bool,
    buffer: Vec<u8>,
}

/// What reading a file gave.
pub(super) struct Replayed {
    pub log: Log,
    /// How long the file before must have been for this one to continue it.
    pub length_before: u64,
    pub commits: Vec<Vec<Record>>,
}

impl Log {
    /// Starts file `number`, which continues one of `length_before` bytes.
    pub fn create(folder: &Path, number: u64, length_before: u64, salt: u64) -> io::Result<Self> {
        let path = path(folder, number);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&MAGIC);
        for field in [number, length_before, salt] {
            header.extend_from_slice(&field.to_le_bytes());
        }
        header.extend_from_slice(&crc32fast::hash(&header).to_le_bytes());
        if let Err(error) = file.write_all_at(&header, 0) {
            // A file without a header would be in the way of the next attempt's replay.
            let _ = std::fs::remove_file(path);
            return Err(error);
        }
        Ok(Self::over(file, number, HEADER as u64, salt))
    }

    fn over(file: File, number: u64, length: u64, salt: u64) -> Self {
        Self { file: Arc::new(file), number, length, salt, soiled: false, buffer: Vec::new() }
    }

    /// Appends one commit with one write. When that fails, the file is as before.
    pub fn append(&mut self, records: &[Record]) -> io::Result<()> {
        self.clean()?;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend_from_slice(&[0; FRAME]);
        for record in records {
            buffer.extend_from_slice(&length_of(record.bytes())?.to_le_bytes());
            buffer.extend_from_slice(record.bytes());
        }
        let length = length_of(&buffer[FRAME..])?;
        let checksum = checksum(self.salt, self.length, &buffer[FRAME..]);
        buffer[..4].copy_from_slice(&length.to_le_bytes());
        buffer[4..FRAME].copy_from_slice(&checksum.to_le_bytes());
        let written = self.file.write_all_at(&buffer, self.length);
        match &written {
            Ok(()) => self.length += buffer.len() as u64,
            Err(_) => {
                self.soiled = true;
                // What cannot be cut off now is cut off before the next commit.
                let _ = self.clean();
            }
        }
        if buffer.capacity() <= 1 << 20 {
            self.buffer = buffer;
        }
        written
    }

    fn clean(&mut self) -> io::Result<()> {
        if self.soiled {
            self.file.set_len(self.length)?;
            self.soiled = false;
        }
        Ok(())
    }

    /// Reads a file up to the first record that is not whole, and cuts off the rest.
    ///
    /// `None` when not even the header is whole: the process died while starting the file.
    pub fn replay(folder: &Path, number: u64) -> io::Result<Option<Replayed>> {
        let mut file = OpenOptions::new().read(true).write(true).open(path(folder, number))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let bytes = Bytes::from(bytes);
        let Some((length_before, salt)) = header(&bytes, number) else { return Ok(None) };
        let mut log = Self::over(file, number, HEADER as u64, salt);
        let mut commits = Vec::new();
        while let Some((commit, length)) = commit(salt, log.length, &bytes.slice(log.length as usize..)) {
            commits.push(commit);
            log.length += length;
        }
        log.soiled = log.length < bytes.len() as u64;
        log.clean()?;
        Ok(Some(Replayed { log, length_before, commits }))
    }
}

/// The numbers of the files in the folder, in order.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.strip_prefix("log-")?.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Removes a file whose commits are in the base, or which continues nothing.
pub(super) fn remove(folder: &Path, number: u64) -> io::Result<()> {
    std::fs::remove_file(path(folder, number))
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("log-{number:010}"))
}

fn header(bytes: &[u8], number: u64) -> Option<(u64, u64)> {
    let (fields, checksum) = bytes.get(..HEADER)?.split_at(HEADER - 4);
    let field = |index: usize| fields[8 * index..].first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let whole = fields.starts_with(&MAGIC)
        && crc32fast::hash(fields).to_le_bytes() == checksum
        && field(1) == Some(number);
    whole.then_some((field(2)?, field(3)?))
}

/// The commit at the front of `bytes` and its length with frame, if it is whole.
fn commit(salt: u64, offset: u64, bytes: &Bytes) -> Option<(Vec<Record>, u64)> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    let expected = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    let mut payload = bytes.get(FRAME..FRAME + length)?;
    if checksum(salt, offset, payload) != expected {
        return None;
    }
    let mut records = Vec::new();
    while let Some((length, rest)) = payload.split_first_chunk() {
        let (record, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        records.push(Record::from_bytes(bytes.slice_ref(record))?);
        payload = rest;
    }
    Some((records, (FRAME + length) as u64))
}

/// Salt and place are part of it, so bytes that a user wrote or an older file held cannot pass for a record.
fn checksum(salt: u64, offset: u64, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&salt.to_le_bytes());
    hasher.update(&offset.to_le_bytes());
    hasher.update(payload);
    hasher.finalize()
}

fn length_of(bytes: &[u8]) -> io::Result<u32> {
    let too_large = |_| io::Error::other("a transaction may not write more than 4 GiB");
    u32::try_from(bytes.len()).map_err(too_large)
}
