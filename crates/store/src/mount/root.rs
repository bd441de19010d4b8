//! Which folder a shared one is: another may come in its place, as where a disk is not mounted.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What tells a folder from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The number of its file system.
    pub device: u64,
    /// Its number there.
    pub inode: u64,
}

impl Root {
    /// The folder at a path, and whether it holds nothing; nothing where there is none.
    ///
    /// # Errors
    /// When it is no folder, or cannot be read.
    pub fn look(path: &Path) -> io::Result<Option<(Self, bool)>> {
        let data = match fs::metadata(path) {
            Ok(data) => data,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_empty = fs::read_dir(path)?.next().is_none();
        Ok(Some((Self::of(&data), is_empty)))
    }

    pub(super) fn of(data: &Metadata) -> Self {
        Self { device: data.dev(), inode: data.ino() }
    }
}
