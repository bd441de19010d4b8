//! Unpacks an archive once: into a new folder that is renamed to the archive's hash when it is complete.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::entries::{extract, open_folders};
use super::{CodeDir, UnpackError, ZipSource};

/// The code's folder; the size is written beside it.
const CODE: &str = "task";
const SIZE: &str = "size";

/// Unpacks below `root`, unless this content has been unpacked before. Blocks.
pub(crate) fn unpack(root: &Path, zip: &ZipSource, limit: u64) -> Result<CodeDir, UnpackError> {
    match zip {
        ZipSource::Bytes(bytes) => unpack_reader(root, io::Cursor::new(bytes), limit),
        ZipSource::Path(path) => unpack_reader(root, io::BufReader::new(fs::File::open(path)?), limit),
    }
}

fn unpack_reader(root: &Path, mut zip: impl Read + Seek, limit: u64) -> Result<CodeDir, UnpackError> {
    let all = root.join("code");
    fs::create_dir_all(&all)?;
    let sha256 = digest(&mut zip)?;
    let home = all.join(&sha256);
    if let Some(size) = unpacked_before(&home) {
        return if size > limit { Err(UnpackError::TooLarge(limit)) } else { Ok(code(&home, sha256, size)) };
    }
    zip.rewind()?;
    let fresh = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(&all)?;
    let task = fresh.path().join(CODE);
    open_folders(fresh.path(), Path::new(CODE))?;
    let size = extract(zip, &task, limit)?;
    fs::write(fresh.path().join(SIZE), size.to_string())?;
    settle(fresh, &home)?;
    Ok(code(&home, sha256, size))
}

/// Unpacks archives over each other into one folder, the later ones over the earlier. Blocks.
pub(crate) fn overlay(root: &Path, zips: &[ZipSource], limit: u64) -> Result<CodeDir, UnpackError> {
    let all = root.join("layers");
    fs::create_dir_all(&all)?;
    let hashes = zips.iter().map(|zip| match zip {
        ZipSource::Bytes(bytes) => digest(&mut io::Cursor::new(bytes)),
        ZipSource::Path(path) => digest(&mut fs::File::open(path)?),
    });
    let sha256 = name_of_overlay(&hashes.collect::<io::Result<Vec<_>>>()?);
    let home = all.join(&sha256);
    if let Some(size) = unpacked_before(&home) {
        return Ok(code(&home, sha256, size));
    }
    let fresh = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(&all)?;
    let task = fresh.path().join(CODE);
    open_folders(fresh.path(), Path::new(CODE))?;
    let mut size = 0;
    for zip in zips {
        let room = limit.saturating_sub(size);
        size += match zip {
            ZipSource::Bytes(bytes) => extract(io::Cursor::new(bytes), &task, room)?,
            ZipSource::Path(path) => extract(io::BufReader::new(fs::File::open(path)?), &task, room)?,
        };
    }
    fs::write(fresh.path().join(SIZE), size.to_string())?;
    settle(fresh, &home)?;
    Ok(code(&home, sha256, size))
}

/// The hash of all hashes.
pub(super) fn name_of_overlay(hashes: &[String]) -> String {
    let mut hasher = Sha256::new();
    hashes.iter().for_each(|hash| hasher.update(hash));
    base16ct::lower::encode_string(&hasher.finalize())
}

/// Gives a complete folder its name.
fn settle(fresh: tempfile::TempDir, home: &Path) -> Result<(), UnpackError> {
    match fs::rename(fresh.path(), home) {
        Ok(()) => drop(fresh.keep()),
        // Somebody else was faster with the same content.
        Err(_) if unpacked_before(home).is_some() => {}
        Err(error) => return Err(UnpackError::Disk(error)),
    }
    Ok(())
}

fn code(home: &Path, sha256: String, size: u64) -> CodeDir {
    CodeDir::new(home.join(CODE), sha256, size)
}

fn unpacked_before(home: &Path) -> Option<u64> {
    fs::read_to_string(home.join(SIZE)).ok()?.parse().ok()
}

fn digest(zip: &mut impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match zip.read(&mut buffer)? {
            0 => return Ok(base16ct::lower::encode_string(&hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}
