//! A folder of the user's that the emulator shares: its files by their relative paths, and what changes among them.
//!
//! Paths come from users, so every one is checked: it stays within the folder, and follows no symbolic link.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

mod change;
mod files;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use change::Change;
use change::Watch;
pub use files::Draft;

/// Names that begin so are files that are being written. They are nobody's to see.
const DRAFTS: &str = ".fogbank-";
/// How many hexadecimal digits follow, so that no file of the user's is taken for one.
pub const DRAFT_DIGITS: usize = 16;
/// The longest name of a file on common file systems, in bytes.
const NAME_BYTES: usize = 255;

/// A shared folder. Clones share the watch.
#[derive(Clone)]
pub struct Mount {
    root: Arc<PathBuf>,
    watch: Arc<Watch>,
}

/// What tells whether a file is still the same, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970.
    pub modified: i128,
    /// Its number on its file system.
    pub inode: u64,
}

impl Mount {
    /// Shares a folder, and watches it from now on. A folder that is not there is made; files that a crash kept from being
    /// written go.
    ///
    /// # Errors
    /// When the path is no folder, or the kernel will not watch it.
    pub fn open(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let root = path.canonicalize()?;
        files::remove_drafts(&root)?;
        let watch = Watch::start(&root).map_err(io::Error::other)?;
        Ok(Self { root: Arc::new(root), watch: Arc::new(watch) })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What changed since the last call, once something has.
    pub async fn changes(&self) -> Vec<Change> {
        self.watch.changes().await
    }

    /// Where a relative path leads, if it can be that of a file within the folder.
    pub fn place(&self, path: &str) -> Option<PathBuf> {
        let mut place = (*self.root).clone();
        for name in path.strip_suffix('/').unwrap_or(path).split('/') {
            if matches!(name, "" | "." | "..") || name.contains('\0') || name.len() > NAME_BYTES {
                return None;
            }
            if name.starts_with(DRAFTS) {
                return None;
            }
            place.push(name);
        }
        Some(place)
    }
}

/// The relative path of a file below the root, with slashes; nothing for what is not text, or nobody's to see.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    let parts = parts?;
    let hidden = parts.is_empty() || parts.iter().any(|part| part.starts_with(DRAFTS));
    (!hidden).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_crash_left_half_written_goes() {
        let home = tempfile::tempdir().unwrap();
        let inside = home.path().join("a");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join(".fogbank-0123456789abcdef"), "half").unwrap();
        std::fs::write(inside.join(".fogbank-notes"), "the user's").unwrap();
        Mount::open(home.path()).unwrap();
        let left: Vec<_> = std::fs::read_dir(&inside).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(left, [".fogbank-notes"]);
    }

    #[tokio::test]
    async fn paths_stay_within_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let mount = Mount::open(home.path()).unwrap();
        for path in ["../x", "a/../../x", "/etc/passwd", "a//b", "", "a/./b", ".fogbank-x", "a\0b"] {
            assert_eq!(mount.place(path), None, "{path:?}");
        }
        assert_eq!(mount.place("a/b.txt"), Some(mount.root().join("a/b.txt")));
        assert_eq!(mount.place("a/"), Some(mount.root().join("a")));
    }
}
