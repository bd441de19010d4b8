//! Finds the image that a function names: by its path, or by its name in the folders and engines we were told of.

use std::fs;
use std::path::{Path, PathBuf};

use crate::RunnerSettings;

use super::engine;
use super::manifest::choose;
use super::reference::{Name, Reference};
use super::store::ImageStore;
use super::unpack::unpack;
use super::{Image, ImageError};

/// What a setting that names an engine's socket starts with.
const SOCKET: &str = "unix://";

/// Finds and unpacks an image. Blocks, for as long as reading it takes.
pub(crate) fn find(
    root: &Path,
    settings: &RunnerSettings,
    uri: &str,
    architecture: &str,
) -> Result<Image, ImageError> {
    let reference = Reference::parse(uri).ok_or(ImageError::Invalid)?;
    let images = root.join("images");
    fs::create_dir_all(&images)?;
    let from = |path: &Path| {
        let store = ImageStore::open(path, &images)?;
        let chosen = choose(&store, &reference, architecture)?;
        unpack(root, &store, chosen)
    };
    let name = match &reference {
        Reference::Path(path, _) if !path.exists() => return Err(ImageError::Missing),
        Reference::Path(path, _) if !settings.lets_run(path) => return Err(ImageError::Invalid),
        Reference::Path(path, _) => return from(path),
        Reference::Name(name) => name,
    };
    for place in &settings.images {
        match place.strip_prefix(SOCKET) {
            Some(socket) => {
                if let Some(saved) = engine::save(Path::new(socket), uri, &images)? {
                    let chosen_by_engine = Reference::Path(saved.path().into(), None);
                    let store = ImageStore::open(saved.path(), &images)?;
                    return unpack(root, &store, choose(&store, &chosen_by_engine, architecture)?);
                }
            }
            None => {
                for path in candidates(Path::new(place), name)? {
                    match from(&path) {
                        Err(ImageError::Missing) => {}
                        Err(error @ ImageError::Broken(_)) => {
                            tracing::warn!(path = %path.display(), %error, "skipped while looking for an image");
                        }
                        found => return found,
                    }
                }
            }
        }
    }
    Err(ImageError::Missing)
}

/// The stores in a folder: it may be one itself. Those named like the image come first.
fn candidates(folder: &Path, name: &Name) -> Result<Vec<PathBuf>, ImageError> {
    if folder.join("index.json").is_file() || folder.is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let is_store = |path: &PathBuf| {
        let text = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        [".tar", ".tar.gz", ".tgz", ".tar.zst"].iter().any(|end| text.ends_with(end))
            || path.join("index.json").is_file()
    };
    let mut found: Vec<_> =
        fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(is_store).collect();
    let last = name.repository.rsplit('/').next().unwrap_or_default();
    found.sort_by_key(|path| {
        let is_alike = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(last));
        (!is_alike, path.clone())
    });
    Ok(found)
}
