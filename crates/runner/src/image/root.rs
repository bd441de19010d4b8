//! A folder that is some other machine's root: names in it are looked up as if there were nothing outside.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Timestamps, linkat, mkdirat, openat, openat2,
    statat, symlinkat, unlinkat,
};
use rustix::io::Errno;

/// How folders are opened.
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// An open root.
pub(super) struct Root(OwnedFd);

/// A place in it: an open folder and a name therein.
pub(super) struct Place {
    folder: OwnedFd,
    name: OsString,
}

impl Root {
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, FOLDER, Mode::empty())?))
    }

    /// Where a path leads, links followed but for the last name. The folders above are made.
    pub fn place(&self, path: &Path) -> io::Result<Option<Place>> {
        let Some(name) = path.file_name() else { return Ok(None) };
        let folder = self.folder(path.parent().unwrap_or(Path::new("")))?;
        Ok(Some(Place { folder, name: name.to_owned() }))
    }

    /// A folder, made with those above it if need be.
    pub fn folder(&self, path: &Path) -> io::Result<OwnedFd> {
        match self.find(path, FOLDER) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        if let Some(place) = self.place(path)? {
            place.make_folder(0o755)?;
        }
        self.find(path, FOLDER)
    }

    /// Opens what a path leads to.
    pub fn find(&self, path: &Path, how: OFlags) -> io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        loop {
            match openat2(&self.0, path, how | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::IN_ROOT) {
                // Something was renamed meanwhile, somewhere on this machine.
                Err(Errno::AGAIN) => {}
                found => return Ok(found?),
            }
        }
    }
}

impl Place {
    pub fn make_folder(&self, mode: u32) -> io::Result<()> {
        if self.kind()? != Some(FileType::Directory) {
            self.remove()?;
            mkdirat(&self.folder, &self.name, Mode::RWXU)?;
        }
        self.allow(mode | 0o700)
    }

    pub fn write(&self, content: &mut impl Read, mode: u32, modified: u64) -> io::Result<u64> {
        self.remove()?;
        let how = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = std::fs::File::from(openat(&self.folder, &self.name, how, Mode::RUSR | Mode::WUSR)?);
        let written = io::copy(content, &mut file)?;
        rustix::fs::fchmod(&file, Mode::from_raw_mode(mode & 0o777 | 0o400))?;
        // Compiled Python names the time of its source.
        let at = rustix::fs::Timespec { tv_sec: i64::try_from(modified).unwrap_or(0), tv_nsec: 0 };
        rustix::fs::futimens(&file, &Timestamps { last_access: at, last_modification: at })?;
        Ok(written)
    }

    pub fn link(&self, target: &Path) -> io::Result<()> {
        self.remove()?;
        Ok(symlinkat(target, &self.folder, &self.name)?)
    }

    pub fn hard_link(&self, other: &Self) -> io::Result<()> {
        self.remove()?;
        Ok(linkat(&other.folder, &other.name, &self.folder, &self.name, AtFlags::empty())?)
    }

    /// An empty file, unless there is one. What else is there gives way.
    pub fn make_file(&self) -> io::Result<()> {
        match self.kind()? {
            Some(FileType::RegularFile) => Ok(()),
            _ => self.write(&mut io::empty(), 0o644, 0).map(drop),
        }
    }

    /// Whatever is there goes, a folder with all that is in it.
    pub fn remove(&self) -> io::Result<()> {
        match self.kind()? {
            None => Ok(()),
            Some(FileType::Directory) => {
                // The name below the open folder, whatever leads there: the removal itself follows no links.
                let folder = PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd()));
                std::fs::remove_dir_all(folder.join(&self.name))
            }
            Some(_) => Ok(unlinkat(&self.folder, &self.name, AtFlags::empty())?),
        }
    }

    fn kind(&self) -> io::Result<Option<FileType>> {
        match statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(FileType::from_raw_mode(found.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn allow(&self, mode: u32) -> io::Result<()> {
        let folder = openat(&self.folder, &self.name, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
        Ok(rustix::fs::fchmod(folder, Mode::from_raw_mode(mode & 0o777))?)
    }
}

/// What is in a folder, by name.
pub(super) fn names(folder: impl AsFd) -> io::Result<Vec<OsString>> {
    use std::os::unix::ffi::OsStrExt;
    let mut found = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            found.push(name.to_owned());
        }
    }
    Ok(found)
}

/// The path below a root, if it stays there and names something.
pub(super) fn below(path: &Path) -> Option<PathBuf> {
    let mut below = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => below.push(part),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(below)
}
