//! Unpacked code on disk, one folder per content.

mod entries;
mod state;
mod sweep;
mod unpack;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

pub(crate) use sweep::sweep;
pub(crate) use unpack::{overlay, unpack};

/// A folder with a function's code. It is never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDir(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    path: PathBuf,
    sha256: String,
    unpacked_bytes: u64,
}

impl CodeDir {
    pub(crate) fn new(path: PathBuf, sha256: String, unpacked_bytes: u64) -> Self {
        Self(Arc::new(Inner { path, sha256, unpacked_bytes }))
    }

    /// A folder that lies on this machine already, for code that is run where it is written.
    pub fn of_folder(path: impl Into<PathBuf>) -> io::Result<Self> {
        Ok(Self::new(path.into().canonicalize()?, String::new(), 0))
    }

    /// What tells this state of the files from another. Looks at every file: it blocks.
    pub fn state(&self) -> io::Result<String> {
        state::of(self.path())
    }

    /// Whether anybody has it besides the one who asks.
    pub fn is_used(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// What the folder is called in which archives with these hashes, in hexadecimal digits, lie over each other.
    pub fn name_of_overlay(hashes: &[String]) -> String {
        unpack::name_of_overlay(hashes)
    }

    /// Where the code lies.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The SHA-256 of the archive in hexadecimal digits; empty for a folder.
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// The size of all files together; zero for a folder.
    pub fn unpacked_bytes(&self) -> u64 {
        self.0.unpacked_bytes
    }
}

/// A zip archive.
#[derive(Clone, Debug)]
pub enum ZipSource {
    /// In memory.
    Bytes(Bytes),
    /// On disk.
    Path(PathBuf),
}

/// Why an archive was not unpacked.
#[derive(Debug)]
pub enum UnpackError {
    /// It is not a zip archive, or a broken one.
    Broken(String),
    /// It holds nothing.
    Empty,
    /// An entry would lie outside the folder, or point there.
    Unsafe(String),
    /// It holds more than that many bytes.
    TooLarge(u64),
    /// It holds more than that many entries.
    TooManyEntries(usize),
    /// The disk failed.
    Disk(io::Error),
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => write!(f, "Could not unzip uploaded file: {reason}."),
            Self::Empty => write!(f, "Uploaded file must be a non-empty zip"),
            Self::Unsafe(name) => {
                write!(f, "The archive's entry {name} leaves the folder it is unpacked into.")
            }
            Self::TooLarge(limit) => write!(f, "Unzipped size must be smaller than {limit} bytes"),
            Self::TooManyEntries(limit) => write!(f, "The archive has more than {limit} entries."),
            Self::Disk(error) => write!(f, "The archive could not be unpacked: {error}."),
        }
    }
}

impl std::error::Error for UnpackError {}

impl From<io::Error> for UnpackError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                Self::Broken(error.to_string())
            }
            _ => Self::Disk(error),
        }
    }
}
