//! Blobs on disk: `temp/` while being written, `new/` until a commit keeps them, then one of 256 folders.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk, and this is where its blobs are")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::Fault;

use super::BlobId;

/// The folder with all blobs of a store.
pub(crate) struct Folder {
    root: PathBuf,
    /// Whether blobs are made durable before they are referred to.
    strict: bool,
    /// Whether blobs were published that the disk perhaps does not have.
    unsynced: AtomicBool,
}

impl Folder {
    /// Opens the folder and removes what earlier processes did not finish.
    pub fn open(root: PathBuf, strict: bool) -> io::Result<Self> {
        let folder = Self { root, strict, unsynced: false.into() };
        for name in ["temp", "new"] {
            fs::create_dir_all(folder.root.join(name))?;
        }
        for entry in fs::read_dir(folder.root.join("temp"))? {
            fs::remove_file(entry?.path())?;
        }
        Ok(folder)
    }

    /// Finishes what a crash interrupted: kept blobs are settled, others and dropped ones removed.
    pub fn recover(&self, is_kept: impl Fn(&BlobId) -> Result<bool, Fault>) -> Result<(), Fault> {
        for entry in fs::read_dir(self.root.join("new")).map_err(Fault::internal)? {
            let name = entry.map_err(Fault::internal)?.file_name();
            let id = BlobId(name.to_string_lossy().into());
            if is_kept(&id)? {
                self.settle(&id)?;
            } else {
                self.remove(&id)?;
            }
        }
        Ok(())
    }

    /// A new file to write into.
    pub fn create(&self, name: &str) -> Result<(PathBuf, File), Fault> {
        let path = self.root.join("temp").join(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(Fault::internal)?;
        Ok((path, file))
    }

    /// Gives a written file its name, at once and whole.
    pub fn publish(&self, file: &File, written: &Path, id: &BlobId) -> Result<(), Fault> {
        let publish = || {
            if self.strict {
                file.sync_data()?;
            }
            fs::rename(written, self.fresh(id))?;
            self.unsynced.store(!self.strict, Ordering::Release);
            if self.strict { File::open(self.root.join("new"))?.sync_all() } else { Ok(()) }
        };
        publish().map_err(Fault::internal)
    }

    /// Makes all blobs durable that relaxed publishing has left to the operating system.
    pub fn sync(&self) -> io::Result<()> {
        if !self.unsynced.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        // One call for the whole file system: there may be thousands of blobs, each in a file of its own.
        #[cfg(target_os = "linux")]
        let synced = File::open(&self.root).and_then(|root| Ok(rustix::fs::syncfs(root)?));
        #[cfg(not(target_os = "linux"))]
        let synced: io::Result<()> = Ok(rustix::fs::sync());
        self.unsynced.fetch_or(synced.is_err(), Ordering::AcqRel);
        synced
    }

    /// Takes in a copy of a file as a kept blob.
    pub fn import(&self, from: &Path, id: &BlobId) -> Result<(), Fault> {
        let (path, mut file) = self.create(id.as_str())?;
        let mut source = File::open(from).map_err(Fault::internal)?;
        io::copy(&mut source, &mut file).map_err(Fault::internal)?;
        self.publish(&file, &path, id)?;
        self.settle(id)
    }

    /// Moves a kept blob to its place. A blob that is there already stays.
    pub fn settle(&self, id: &BlobId) -> Result<(), Fault> {
        let place = self.place(id);
        let moved = fs::rename(self.fresh(id), &place).or_else(|error| match error.kind() {
            ErrorKind::NotFound if place.exists() => Ok(()),
            ErrorKind::NotFound => {
                place.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::rename(self.fresh(id), &place)
            }
            _ => Err(error),
        });
        moved.map_err(Fault::internal)
    }

    /// Where the blob is now.
    pub fn find(&self, id: &BlobId) -> PathBuf {
        let fresh = self.fresh(id);
        if fresh.exists() { fresh } else { self.place(id) }
    }

    /// Opens the blob for reading.
    pub fn open_blob(&self, id: &BlobId) -> io::Result<File> {
        // A commit may move it between two looks, but never back.
        File::open(self.place(id))
            .or_else(|_| File::open(self.fresh(id)))
            .or_else(|_| File::open(self.place(id)))
    }

    /// Removes the blob, if it is there.
    pub fn remove(&self, id: &BlobId) -> Result<(), Fault> {
        for path in [self.fresh(id), self.place(id)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(Fault::internal(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes every blob.
    pub fn clear(&self) -> Result<(), Fault> {
        let clear = || {
            for entry in fs::read_dir(&self.root)? {
                let path = entry?.path();
                for file in fs::read_dir(&path)? {
                    fs::remove_file(file?.path())?;
                }
            }
            Ok(())
        };
        clear().map_err(|error: io::Error| Fault::internal(error))
    }

    fn fresh(&self, id: &BlobId) -> PathBuf {
        self.root.join("new").join(id.as_str())
    }

    fn place(&self, id: &BlobId) -> PathBuf {
        self.root.join(id.as_str().get(..2).unwrap_or("00")).join(id.as_str())
    }
}
