//! Unpacks an image once: into a new folder that is renamed to the image's digest when it is complete.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::document::Configuration;
use super::layer;
use super::manifest::Chosen;
use super::root::Root;
use super::store::{Checked, ImageStore, plain_reader};
use super::{Image, ImageError, Unpacked};

const ROOT: &str = "root";
const CONFIGURATION: &str = "config.json";
/// Where a sandbox mounts what every program expects.
const FOLDERS: [&str; 3] = ["dev", "proc", "tmp"];
/// What a sandbox shows from this machine, so that names are looked up as here.
pub(crate) const NETWORK_FILES: [&str; 2] = ["etc/hosts", "etc/resolv.conf"];

/// An image that has been unpacked below that folder.
pub(crate) fn unpacked_before(root: &Path, digest: &str) -> Option<Image> {
    let home = root.join("images").join(digest);
    let text = fs::read(home.join(CONFIGURATION)).ok()?;
    Some(image(&home, digest, serde_json::from_slice(&text).ok()?))
}

fn image(home: &Path, digest: &str, configuration: Configuration) -> Image {
    Image(Arc::new(Unpacked { root: home.join(ROOT), digest: digest.to_owned(), configuration }))
}

/// Unpacks below `root`, unless it has been. Blocks.
pub(super) fn unpack(root: &Path, store: &ImageStore, chosen: Chosen) -> Result<Image, ImageError> {
    if let Some(image) = unpacked_before(root, &chosen.digest) {
        return Ok(image);
    }
    let all = root.join("images");
    let fresh = tempfile::Builder::new().prefix(".unpacking-").tempdir_in(&all)?;
    let folder = fresh.path().join(ROOT);
    fs::create_dir(&folder)?;
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    lay(&Root::open(&folder)?, store, &chosen)?;
    let text = serde_json::to_vec(&chosen.configuration).map_err(std::io::Error::other)?;
    fs::write(fresh.path().join(CONFIGURATION), text)?;
    let home = all.join(&chosen.digest);
    match fs::rename(fresh.path(), &home) {
        Ok(()) => drop(fresh.keep()),
        // Somebody else was faster with the same image.
        Err(error) if unpacked_before(root, &chosen.digest).is_none() => return Err(error.into()),
        Err(_) => {}
    }
    Ok(image(&home, &chosen.digest, chosen.configuration))
}

fn lay(root: &Root, store: &ImageStore, chosen: &Chosen) -> Result<(), ImageError> {
    let mut unpacked = layer::Unpacked::default();
    for (name, digest) in &chosen.layers {
        let mut file = Checked::new(store.read(name)?);
        unpacked.lay(root, plain_reader(&mut file)?)?;
        if let Some(digest) = digest {
            file.finish(digest)?;
        }
    }
    for name in FOLDERS {
        if let Some(place) = root.place(Path::new(name))? {
            place.make_folder(0o755)?;
        }
    }
    for name in NETWORK_FILES {
        if let Some(place) = root.place(Path::new(name))? {
            place.make_file()?;
        }
    }
    Ok(())
}
