//! Writes an archive's entries, and refuses those that would reach outside the folder.

use std::fs;
use std::io::{self, Read, Seek};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::UnpackError;

/// Far more than real code has; each costs the disk an inode.
const ENTRY_LIMIT: usize = 100_000;
/// A link's target is a path, and paths are no longer.
const TARGET_LIMIT: u64 = 4096;

/// Extracts all entries and answers how many bytes they hold.
pub(super) fn extract(zip: impl Read + Seek, folder: &Path, limit: u64) -> Result<u64, UnpackError> {
    let mut archive = ZipArchive::new(zip).map_err(broken)?;
    if archive.is_empty() {
        return Err(UnpackError::Empty);
    }
    if archive.len() > ENTRY_LIMIT {
        return Err(UnpackError::TooManyEntries(ENTRY_LIMIT));
    }
    let mut total = 0;
    let mut links = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        let path = inside(&entry.name().map_err(broken)?)?;
        if entry.is_symlink() {
            links.push((path, target(&mut entry)?));
        } else if entry.is_dir() {
            open_folders(folder, &path)?;
        } else {
            // An archive that was unpacked here before may have left links.
            if passes_link(folder, &path) {
                return Err(UnpackError::Unsafe(path.display().to_string()));
            }
            open_folders(folder, path.parent().unwrap_or(Path::new("")))?;
            total +=
                write(&mut entry, &folder.join(path), limit - total)?.ok_or(UnpackError::TooLarge(limit))?;
        }
    }
    // Links come last, so that no file is ever written through one.
    for (path, target) in links {
        link(folder, &path, &target)?;
    }
    Ok(total)
}

/// The entry's path below the folder.
fn inside(name: &str) -> Result<PathBuf, UnpackError> {
    let name = name.replace('\\', "/");
    let refused = || UnpackError::Unsafe(name.clone());
    let mut path = PathBuf::new();
    for component in Path::new(&name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) | Component::RootDir => return Err(refused()),
        }
    }
    if name.contains('\0') { Err(refused()) } else { Ok(path) }
}

/// Makes folders that everybody may look into, whatever this process keeps from others.
pub(super) fn open_folders(folder: &Path, below: &Path) -> io::Result<()> {
    let mut path = folder.to_owned();
    for part in below {
        path.push(part);
        match fs::create_dir(&path) {
            Ok(()) => fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Writes a file, unless it is longer than `room`: what the archive says about its size is not believed.
fn write<R: Read>(entry: &mut ZipFile<'_, R>, path: &Path, room: u64) -> Result<Option<u64>, UnpackError> {
    // Functions are others than whoever unpacks their code.
    let executable = if entry.unix_mode().unwrap_or(0o644) & 0o111 == 0 { 0 } else { 0o111 };
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o644).open(path)?;
    let written = io::copy(&mut entry.take(room + 1), &mut file)?;
    file.set_permissions(fs::Permissions::from_mode(0o644 | executable))?;
    Ok((written <= room).then_some(written))
}

fn target<R: Read>(entry: &mut ZipFile<'_, R>) -> Result<PathBuf, UnpackError> {
    let mut text = String::new();
    entry.take(TARGET_LIMIT).read_to_string(&mut text)?;
    Ok(text.into())
}

fn link(folder: &Path, path: &Path, target: &Path) -> Result<(), UnpackError> {
    let refused = || UnpackError::Unsafe(path.display().to_string());
    let parent = path.parent().unwrap_or(Path::new(""));
    if !(stays_inside(parent, target) || leads_to_system(target)) || passes_link(folder, parent) {
        return Err(refused());
    }
    open_folders(folder, parent)?;
    symlink(target, folder.join(path)).map_err(UnpackError::Disk)
}

/// What a sandbox shows besides: programs and layers that code may name. Nothing is ever written through a link.
fn leads_to_system(target: &Path) -> bool {
    const SHOWN: [&str; 9] =
        ["/bin", "/lib", "/lib64", "/opt", "/tmp", "/usr", "/var/lang", "/var/runtime", "/var/task"];
    SHOWN.iter().any(|shown| target.starts_with(shown))
        && !target.components().any(|part| part == Component::ParentDir)
}

/// Steps up come first and are fewer than the folders above. A step up later could leave through another link.
fn stays_inside(parent: &Path, target: &Path) -> bool {
    let up = target.components().take_while(|part| *part == Component::ParentDir).count();
    let rest = target.components().skip(up);
    up <= parent.components().count()
        && target.components().next().is_some()
        && rest.into_iter().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// Whether a folder on the way is itself a link.
fn passes_link(folder: &Path, parent: &Path) -> bool {
    parent.ancestors().any(|part| folder.join(part).is_symlink())
}

fn broken(error: ZipError) -> UnpackError {
    match error {
        ZipError::Io(error) => error.into(),
        other => UnpackError::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_may_point_around_but_not_out() {
        let stays = |parent: &str, target: &str| stays_inside(Path::new(parent), Path::new(target));
        assert!(stays("node_modules/.bin", "../tool/cli.js"));
        assert!(stays("", "real"));
        assert!(!stays("a", "../../etc/passwd"));
        assert!(!stays("a", "b/../../../etc"));
        assert!(!stays("", "/etc/passwd"));
        assert!(!stays("", ""));
        assert!(
            leads_to_system(Path::new("/opt/python/x")) && leads_to_system(Path::new("/usr/bin/python3"))
        );
        assert!(
            !leads_to_system(Path::new("/etc/passwd")) && !leads_to_system(Path::new("/opt/../etc/passwd"))
        );
    }
}
