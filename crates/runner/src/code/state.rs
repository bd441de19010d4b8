//! What tells one state of a folder from another.

use std::fs;
use std::io;
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

/// A hash of the names, sizes and times of all files.
pub(super) fn of(folder: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    add(folder, &mut hasher)?;
    Ok(base16ct::lower::encode_string(&hasher.finalize()))
}

fn add(folder: &Path, hasher: &mut Sha256) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // Where it may, Python writes there what it compiled.
        if entry.file_name() == "__pycache__" {
            continue;
        }
        let metadata = entry.metadata()?;
        hasher.update(entry.file_name().as_encoded_bytes());
        if metadata.is_dir() {
            add(&entry.path(), hasher)?;
        } else {
            let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            hasher.update(metadata.len().to_le_bytes());
            hasher.update(changed.as_nanos().to_le_bytes());
        }
    }
    Ok(())
}
