//! Lays an image's layers over each other: files, and the marks of those that are gone.
//!
//! Source: <https://github.com/opencontainers/image-spec/blob/main/layer.md>

use std::collections::HashSet;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tar::{Archive, Entry, EntryType};

use super::root::{Root, below, names};
use super::{ENTRY_LIMIT, ImageError, SIZE_LIMIT};

/// Stands in front of the name of a file that is gone.
const GONE: &[u8] = b".wh.";
/// Says that nothing of what lies below is seen in this folder.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// What has been unpacked of an image so far.
#[derive(Default)]
pub(super) struct Unpacked {
    bytes: u64,
    entries: usize,
}

impl Unpacked {
    /// Lays one layer over what is there.
    pub fn lay(&mut self, root: &Root, layer: impl Read) -> Result<(), ImageError> {
        let mut seen = HashSet::new();
        for entry in Archive::new(layer).entries()? {
            let mut entry = entry?;
            self.entries += 1;
            if self.entries > ENTRY_LIMIT {
                return Err(ImageError::TooLarge);
            }
            let named = entry.path()?.into_owned();
            let path =
                below(&named).ok_or_else(|| ImageError::Broken(format!("{} leaves it", named.display())))?;
            match path.file_name().map(OsStrExt::as_bytes) {
                Some(OPAQUE) => clear(root, path.parent().unwrap_or(Path::new("")), &seen)?,
                Some(name) if name.starts_with(GONE) => {
                    let gone = path.with_file_name(std::ffi::OsStr::from_bytes(&name[GONE.len()..]));
                    if let Some(place) = root.place(&gone)? {
                        place.remove()?;
                    }
                }
                _ => self.put(root, &path, &mut entry)?,
            }
            seen.insert(path);
        }
        Ok(())
    }

    fn put(&mut self, root: &Root, path: &Path, entry: &mut Entry<'_, impl Read>) -> Result<(), ImageError> {
        let Some(place) = root.place(path)? else { return Ok(()) };
        let mode = entry.header().mode()?;
        match entry.header().entry_type() {
            EntryType::Directory => place.make_folder(mode)?,
            EntryType::Symlink => place.link(&target(entry)?)?,
            EntryType::Link => {
                let target = target(entry)?;
                let target =
                    below(&target).ok_or_else(|| ImageError::Broken("a link leaves it".to_owned()))?;
                match root.place(&target)? {
                    // A link to itself would remove what it names.
                    Some(other) if target != path => place.hard_link(&other)?,
                    _ => {}
                }
            }
            kind if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() => {
                let modified = entry.header().mtime()?;
                let room = SIZE_LIMIT - self.bytes;
                self.bytes += place.write(&mut (&mut *entry).take(room + 1), mode, modified)?;
                if self.bytes > SIZE_LIMIT {
                    return Err(ImageError::TooLarge);
                }
            }
            // Devices and pipes: a function has those of its own.
            _ => {}
        }
        Ok(())
    }
}

/// Removes what lower layers have put into a folder.
fn clear(root: &Root, folder: &Path, seen: &HashSet<PathBuf>) -> Result<(), ImageError> {
    let open = root.folder(folder)?;
    for name in names(open)? {
        let path = folder.join(name);
        let is_folder = || root.find(&path, OFlags::DIRECTORY | OFlags::NOFOLLOW).is_ok();
        if !seen.contains(&path) {
            if let Some(place) = root.place(&path)? {
                place.remove()?;
            }
        } else if is_folder() {
            clear(root, &path, seen)?;
        }
    }
    Ok(())
}

fn target(entry: &Entry<'_, impl Read>) -> Result<PathBuf, ImageError> {
    let target = entry.link_name()?;
    target
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| ImageError::Broken("a link without end".to_owned()))
}
