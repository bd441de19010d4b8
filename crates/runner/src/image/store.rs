//! Where an image's files are read from: a folder in OCI's layout, or an archive of one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::root::below;
use super::{ENTRY_LIMIT, ImageError};

/// Documents are small. So says OCI of manifests, too.
const DOCUMENT_LIMIT: u64 = 4 * 1024 * 1024;

/// An open image store.
pub(super) enum ImageStore {
    Folder(PathBuf),
    /// A tar archive and where in it each file lies.
    Archive(File, HashMap<PathBuf, (u64, u64)>),
}

impl ImageStore {
    /// Opens a folder or an archive; one that is compressed is first written out into `scratch`.
    pub fn open(path: &Path, scratch: &Path) -> Result<Self, ImageError> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        let mut file = File::open(path)?;
        if is_compressed(&mut file)? {
            let mut plain = tempfile::tempfile_in(scratch)?;
            io::copy(&mut plain_reader(file)?, &mut plain)?;
            plain.rewind()?;
            file = plain;
        }
        let mut places = HashMap::new();
        let mut links = Vec::new();
        let mut archive = tar::Archive::new(&file);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let Some(name) = below(&entry.path()?) else { continue };
            if places.len() > ENTRY_LIMIT {
                return Err(ImageError::TooLarge);
            }
            // What is the same as another file may be a link to it.
            match entry.link_name()? {
                Some(target) => links.push((name, target.into_owned())),
                None => drop(places.insert(name, (entry.raw_file_position(), entry.size()))),
            }
        }
        for (name, target) in links {
            let found = [resolve(&name, &target), target]
                .iter()
                .find_map(|path| below(path).and_then(|path| places.get(&path).copied()));
            if let Some(found) = found {
                places.insert(name, found);
            }
        }
        Ok(Self::Archive(file, places))
    }

    /// Whether it has a file of that name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder(folder) => folder.join(name).is_file(),
            Self::Archive(_, places) => places.contains_key(Path::new(name)),
        }
    }

    /// A file's content.
    pub fn read(&self, name: &str) -> Result<Box<dyn Read + '_>, ImageError> {
        let missing = || ImageError::Broken(format!("it has no {name}"));
        let path = below(Path::new(name)).ok_or_else(missing)?;
        match self {
            Self::Folder(folder) => match File::open(folder.join(path)) {
                Ok(file) => Ok(Box::new(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing()),
                Err(error) => Err(error.into()),
            },
            Self::Archive(file, places) => {
                let (start, size) = *places.get(&path).ok_or_else(missing)?;
                let mut file = file;
                file.seek(SeekFrom::Start(start))?;
                Ok(Box::new(file.take(size)))
            }
        }
    }

    /// A document, and the SHA-256 of its text.
    pub fn document<T: DeserializeOwned>(&self, name: &str) -> Result<(T, String), ImageError> {
        let mut text = Vec::new();
        self.read(name)?.take(DOCUMENT_LIMIT).read_to_end(&mut text)?;
        let parsed = serde_json::from_slice(&text)
            .map_err(|error| ImageError::Broken(format!("{name} cannot be read: {error}")))?;
        Ok((parsed, base16ct::lower::encode_string(&Sha256::digest(&text))))
    }

    /// A document by its digest, which is checked.
    pub fn blob<T: DeserializeOwned>(&self, digest: &str) -> Result<T, ImageError> {
        let (parsed, sha256) = self.document(&blob_name(digest)?)?;
        if digest != format!("sha256:{sha256}") {
            return Err(ImageError::Broken(format!("the content of {digest} is another")));
        }
        Ok(parsed)
    }
}

/// A reader that knows the digest of what it has read.
pub(super) struct Checked<R> {
    inner: R,
    hasher: Sha256,
}

impl<R: Read> Checked<R> {
    pub fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new() }
    }

    /// Reads what is left and compares.
    pub fn finish(mut self, digest: &str) -> Result<(), ImageError> {
        io::copy(&mut self, &mut io::sink())?;
        if digest == format!("sha256:{}", base16ct::lower::encode_string(&self.hasher.finalize())) {
            return Ok(());
        }
        Err(ImageError::Broken(format!("the content of {digest} is another")))
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}

/// Where a blob lies in a layout.
pub(super) fn blob_name(digest: &str) -> Result<String, ImageError> {
    let hash = digest.strip_prefix("sha256:").filter(|hash| is_hash(hash));
    let hash = hash.ok_or_else(|| ImageError::Broken(format!("{digest} is no digest of SHA-256")))?;
    Ok(format!("blobs/sha256/{hash}"))
}

pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A reader of what is inside, whichever way it was compressed.
pub(super) fn plain_reader<'a>(mut reader: impl Read + 'a) -> Result<Box<dyn Read + 'a>, ImageError> {
    let mut start = [0; 4];
    let mut filled = 0;
    while filled < start.len() {
        match reader.read(&mut start[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    let reader = io::Cursor::new(start).take(filled as u64).chain(reader);
    Ok(match start {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(reader);
            Box::new(decoder.map_err(|error| ImageError::Broken(error.to_string()))?)
        }
        _ => Box::new(reader),
    })
}

fn is_compressed(file: &mut File) -> io::Result<bool> {
    let mut start = [0; 4];
    let count = file.read(&mut start)?;
    file.rewind()?;
    Ok(count == 4 && (start.starts_with(&[0x1f, 0x8b]) || start == [0x28, 0xb5, 0x2f, 0xfd]))
}

/// What a link's target means beside the link.
fn resolve(name: &Path, target: &Path) -> PathBuf {
    let mut path = name.parent().unwrap_or(Path::new("")).to_owned();
    for part in target {
        if part == ".." {
            path.pop();
        } else {
            path.push(part);
        }
    }
    path
}
