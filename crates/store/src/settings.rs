//! Where and how a store keeps its data, and why it may not open.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// How a store on disk behaves.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// The folder, made when it is missing.
    pub path: PathBuf,
    /// When a write returns.
    pub durability: Durability,
    /// The most bytes that pages read from disk may take in memory. Grows as they are read.
    pub cache_bytes: usize,
    /// How many bytes of recent commits are kept in memory and in the log before they are checkpointed.
    ///
    /// Memory holds at most about twice as much; opening after a crash replays at most twice as much.
    pub log_bytes: u64,
}

impl StoreSettings {
    /// The defaults, in that folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), durability: Durability::Relaxed, cache_bytes: 32 << 20, log_bytes: 4 << 20 }
    }
}

/// When a write returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the operating system has the commit: it outlives a kill of the process, and a power cut may lose the
    /// last ones.
    #[default]
    Relaxed,
    /// When the disk has the commit: it outlives a power cut.
    Strict,
}

/// Why a store does not open.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has the folder.
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A newer version of Fogbank wrote the folder.
    Newer {
        /// The folder.
        path: PathBuf,
        /// The folder's format.
        found: u32,
        /// The newest format this version reads.
        known: u32,
    },
    /// What is in the folder is not what we wrote.
    Damaged {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The operating system refuses.
    Io {
        /// The folder.
        path: PathBuf,
        /// Its reason.
        error: io::Error,
    },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { path } => write!(f, "{} is in use by another process", path.display()),
            Self::Newer { path, found, known } => {
                let path = path.display();
                write!(
                    f,
                    "{path} was written by a newer version: its format is {found}, this version reads {known}"
                )
            }
            Self::Damaged { path, reason } => write!(f, "{} is damaged: {reason}", path.display()),
            Self::Io { path, error } => write!(f, "{} cannot be opened: {error}", path.display()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}
