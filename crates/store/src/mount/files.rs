//! The files of a shared folder: found, read, written whole, removed.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use kernel::{ByteStream, Fault};
use rustix::fs::OFlags;

use super::{DRAFT_DIGITS, DRAFTS, Mount, Stamp, relative};

/// What one read brings into memory.
const CHUNK: usize = 256 * 1024;

/// A file that is written and has no name yet. It goes when this does, unless it is published.
pub struct Draft {
    path: Option<PathBuf>,
    /// What will tell it apart once it has its name.
    pub stamp: Stamp,
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let _ = fs::remove_file(path);
        }
    }
}

impl Mount {
    /// All files at or below a path, which is empty for the whole folder.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn scan(&self, below: &str) -> Result<Vec<(String, Stamp)>, Fault> {
        let start = if below.is_empty() { Some((*self.root).clone()) } else { self.place(below) };
        let Some(start) = start else { return Ok(Vec::new()) };
        let root = self.root.clone();
        blocking(move || {
            let mut found = Vec::new();
            walk(&root, &start, &mut found)?;
            Ok(found)
        })
        .await
    }

    /// What tells a file apart; nothing where there is none.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn stamp(&self, path: &str) -> Result<Option<Stamp>, Fault> {
        let Some(place) = self.place(path) else { return Ok(None) };
        let root = self.root.clone();
        blocking(move || {
            if !within(&root, &place) {
                return Ok(None);
            }
            match fs::symlink_metadata(&place) {
                Ok(data) if data.is_file() => Ok(Some(Stamp::of(&data))),
                Ok(_) => Ok(None),
                Err(error) if is_absence(&error) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
    }

    /// Opens a file for reading, with what tells it apart; nothing where there is none.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn read(&self, path: &str) -> Result<Option<(Stamp, ByteStream)>, Fault> {
        let Some(place) = self.place(path) else { return Ok(None) };
        let root = self.root.clone();
        let opened = blocking(move || {
            if !within(&root, &place) {
                return Ok(None);
            }
            // Without waiting: a pipe in the place of the file would have no end to wait for.
            let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
            match OpenOptions::new().read(true).custom_flags(flags).open(&place) {
                Ok(file) => {
                    let data = file.metadata()?;
                    Ok(data.is_file().then(|| (Stamp::of(&data), file)))
                }
                Err(error) if is_absence(&error) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let Some((stamp, file)) = opened.await? else { return Ok(None) };
        let chunks = stream::try_unfold(file, |mut file| async move {
            let read = move || {
                let mut buffer = vec![0; CHUNK];
                let count = file.read(&mut buffer)?;
                buffer.truncate(count);
                Ok((Bytes::from(buffer), file))
            };
            let (bytes, file) = blocking(read).await?;
            Ok((!bytes.is_empty()).then_some((bytes, file)))
        });
        Ok(Some((stamp, ByteStream::new(Box::pin(chunks), None))))
    }

    /// Whether there can be a file, or a folder, of that path.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn takes(&self, path: &str) -> Result<bool, Fault> {
        let Some(place) = self.place(path) else { return Ok(false) };
        let (root, is_folder) = (self.root.clone(), path.ends_with('/'));
        blocking(move || {
            let clashes = |one: &Path| fs::symlink_metadata(one).is_ok_and(|data| !data.is_dir());
            let has_way = !place.ancestors().skip(1).take_while(|one| **one != **root).any(clashes);
            let fits = match fs::symlink_metadata(&place) {
                Ok(data) => {
                    if is_folder {
                        data.is_dir()
                    } else {
                        data.is_file()
                    }
                }
                Err(_) => true,
            };
            Ok(has_way && fits)
        })
        .await
    }

    /// Writes a body beside where it belongs. The file will have been `modified` then, in milliseconds since 1970.
    ///
    /// # Errors
    /// `InvalidRequest` where there cannot be such a file; else when the disk fails.
    pub async fn draft(
        &self,
        path: &str,
        name: &str,
        modified: i64,
        body: ByteStream,
    ) -> Result<Draft, Fault> {
        let refused = || Fault::client("InvalidRequest", "The folder cannot hold a file of that path.");
        let place = self.place(path).ok_or_else(refused)?;
        let root = self.root.clone();
        let folder = place.parent().unwrap_or(&root).to_owned();
        let draft = folder.join(format!("{DRAFTS}{name}"));
        let made = draft.clone();
        let open = blocking(move || {
            if !within(&root, &place) || place.is_dir() || fs::create_dir_all(&folder).is_err() {
                return Ok(None);
            }
            OpenOptions::new().write(true).create_new(true).open(made).map(Some)
        });
        let mut file = open.await?.ok_or_else(refused)?;
        let mut draft = Draft { path: Some(draft), stamp: Stamp { size: 0, modified: 0, inode: 0 } };
        let mut chunks = body.take();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            file = blocking(move || file.write_all(&chunk).map(|()| file)).await?;
        }
        let modified = UNIX_EPOCH + Duration::from_millis(u64::try_from(modified).unwrap_or(0));
        let stamp = move || {
            file.set_modified(modified)?;
            file.metadata().map(|data| Stamp::of(&data))
        };
        draft.stamp = blocking(stamp).await?;
        Ok(draft)
    }

    /// Gives a written file its name, in the place of what had it.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn publish(&self, path: &str, mut draft: Draft) -> Result<(), Fault> {
        let (Some(place), Some(from)) = (self.place(path), draft.path.take()) else { return Ok(()) };
        blocking(move || {
            fs::rename(&from, place).inspect_err(|_| {
                let _ = fs::remove_file(&from);
            })
        })
        .await
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn make_folder(&self, path: &str) -> Result<(), Fault> {
        let Some(place) = self.place(path) else { return Ok(()) };
        let root = self.root.clone();
        blocking(move || if within(&root, &place) { fs::create_dir_all(place) } else { Ok(()) }).await
    }

    /// Removes a file, or, where the path ends with a slash, a folder with nothing in it. What is not there, or is
    /// something else by now, is as good as removed.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn remove(&self, path: &str) -> Result<(), Fault> {
        let Some(place) = self.place(path) else { return Ok(()) };
        let (root, is_folder) = (self.root.clone(), path.ends_with('/'));
        blocking(move || {
            if !within(&root, &place) {
                return Ok(());
            }
            let removed = if is_folder { fs::remove_dir(&place) } else { fs::remove_file(&place) };
            match removed {
                Err(error) if !is_absence(&error) && !is_other(&error) => Err(error),
                _ => Ok(()),
            }
        })
        .await
    }
}

impl Stamp {
    fn of(data: &Metadata) -> Self {
        let modified = i128::from(data.mtime()) * 1_000_000_000 + i128::from(data.mtime_nsec());
        Self { size: data.len(), modified, inode: data.ino() }
    }
}

/// Whether no folder on the way is a symbolic link that leads elsewhere.
fn within(root: &Path, place: &Path) -> bool {
    let mut folder = place.parent();
    while let Some(one) = folder.filter(|one| *one != root) {
        if fs::symlink_metadata(one).is_ok_and(|data| data.is_symlink()) {
            return false;
        }
        folder = one.parent();
    }
    true
}

/// Removes what drafts a crash left below a folder. What cannot be looked at or removed stays.
pub fn remove_drafts(folder: &Path) -> io::Result<()> {
    let is_draft = |name: &str| {
        let digits = name.strip_prefix(DRAFTS).unwrap_or_default();
        digits.len() == DRAFT_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let _ = remove_drafts(&entry.path());
        } else if kind.is_file() && entry.file_name().to_str().is_some_and(is_draft) {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

fn walk(root: &Path, place: &Path, found: &mut Vec<(String, Stamp)>) -> io::Result<()> {
    let data = match fs::symlink_metadata(place) {
        Ok(data) => data,
        Err(error) if is_absence(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    if data.is_file() {
        found.extend(relative(root, place).map(|path| (path, Stamp::of(&data))));
    }
    if !data.is_dir() {
        return Ok(());
    }
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        // It went while we looked.
        Err(error) if is_absence(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        walk(root, &entry?.path(), found)?;
    }
    Ok(())
}

/// Whether there is a folder in the place of a file, or one that holds something.
fn is_other(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::IsADirectory)
}

fn is_absence(error: &io::Error) -> bool {
    let is_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_link || matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(Fault::internal)?.map_err(Fault::internal)
}
