//! Snapshots: everything a store holds at one commit, in a folder that any engine can load.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::Bound;
use std::path::Path;

use bytes::Bytes;
use kernel::{Fault, Scope};

use crate::blobs::KEPT;
use crate::core::Core;
use crate::engine::{Engine, Record, Snapshot, Span};
use crate::transaction::ReadTx;

/// What the file of rows begins with, the format's version last.
const MAGIC: &[u8; 8] = b"FOGROWS\x01";
/// How many rows are loaded with one commit.
const BATCH: usize = 1000;

/// Writes rows and kept blobs into `folder`, which must not hold a snapshot yet.
pub(crate) fn save(core: &Core, folder: &Path) -> Result<(), Fault> {
    let snapshot = core.engine.snapshot();
    if folder.join("rows").exists() {
        return Err(Fault::internal(format_args!("{} holds a snapshot already", folder.display())));
    }
    let blobs = folder.join("blobs");
    fs::create_dir_all(&blobs).map_err(Fault::internal)?;
    for id in ReadTx::new(&*snapshot, &Scope::default()).keys(&KEPT) {
        let id = id?;
        core.blobs.export(&id, &blobs.join(id.as_str()))?;
    }
    // Under its name only when it is whole, so that half a snapshot is never loaded.
    let draft = folder.join("rows.new");
    save_rows(&*snapshot, &draft)?;
    fs::rename(draft, folder.join("rows")).map_err(Fault::internal)
}

fn save_rows(snapshot: &dyn Snapshot, path: &Path) -> Result<(), Fault> {
    let mut file = BufWriter::new(File::create(path).map_err(Fault::internal)?);
    let mut checksum = crc32fast::Hasher::new();
    let mut write = |bytes: &[u8]| {
        checksum.update(bytes);
        file.write_all(bytes).map_err(Fault::internal)
    };
    write(MAGIC)?;
    for entry in snapshot.range(Span { start: Bound::Unbounded, end: Bound::Unbounded })? {
        let entry = entry?;
        let value = entry.value().unwrap_or_default();
        let record = Record::put(entry.key(), |out| {
            out.extend_from_slice(value);
            Ok::<_, Fault>(())
        })?;
        write(&u32::try_from(record.bytes().len()).map_err(Fault::internal)?.to_le_bytes())?;
        write(record.bytes())?;
    }
    let sum = checksum.finalize();
    let finish = || {
        file.write_all(&sum.to_le_bytes())?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    };
    finish().map_err(Fault::internal)
}

/// Checks that the folder holds a whole snapshot, and gives its rows.
pub(crate) fn check(folder: &Path) -> Result<Vec<Record>, Fault> {
    let bytes = Bytes::from(fs::read(folder.join("rows")).map_err(Fault::internal)?);
    let damaged = || Fault::internal(format_args!("the snapshot in {} is damaged", folder.display()));
    let (content, sum) = bytes.split_last_chunk::<4>().ok_or_else(damaged)?;
    if !content.starts_with(MAGIC) || crc32fast::hash(content).to_le_bytes() != *sum {
        return Err(damaged());
    }
    let mut records = Vec::new();
    let mut rest = &content[MAGIC.len()..];
    while let Some((length, behind)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        let (record, behind) = behind.split_at_checked(length).ok_or_else(damaged)?;
        records.push(Record::from_bytes(bytes.slice_ref(record)).ok_or_else(damaged)?);
        rest = behind;
    }
    Ok(records)
}

/// Loads blobs, then rows, into a store that is empty.
pub(crate) fn load(core: &Core, folder: &Path, records: &[Record]) -> Result<(), Fault> {
    for entry in fs::read_dir(folder.join("blobs")).map_err(Fault::internal)? {
        core.blobs.import(&entry.map_err(Fault::internal)?.path())?;
    }
    records.chunks(BATCH).try_for_each(|batch| load_batch(&*core.engine, batch))
}

fn load_batch(engine: &dyn Engine, batch: &[Record]) -> Result<(), Fault> {
    if let Some(room) = engine.room() {
        tokio::runtime::Handle::current().block_on(room)?;
    }
    match engine.commit(&mut |_| Some(batch.to_vec()))? {
        Some(durable) => tokio::runtime::Handle::current().block_on(durable),
        None => Ok(()),
    }
}
