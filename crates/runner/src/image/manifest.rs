//! Which image of a store is meant, and what it is made of.

use super::ImageError;
use super::document::{Configuration, Descriptor, Index, Manifest, Saved};
use super::reference::{Name, Reference};
use super::store::{ImageStore, blob_name, is_hash};

/// Indexes name indexes; no real ones go deeper.
const DEPTH: usize = 4;
const NAME: &str = "io.containerd.image.name";
const TAG: &str = "org.opencontainers.image.ref.name";

/// An image of a store.
pub(super) struct Chosen {
    /// In hexadecimal digits.
    pub digest: String,
    pub configuration: Configuration,
    /// The names of the files, the lowest layer first; with the digest where it is to be checked.
    pub layers: Vec<(String, Option<String>)>,
}

/// The image that is meant; `architecture` is `amd64` or `arm64`.
pub(super) fn choose(
    store: &ImageStore,
    wanted: &Reference,
    architecture: &str,
) -> Result<Chosen, ImageError> {
    if store.has("index.json") {
        return choose_oci(store, wanted, architecture);
    }
    if store.has("manifest.json") {
        return choose_saved(store, wanted);
    }
    Err(ImageError::Broken("it has neither an index.json nor a manifest.json".to_owned()))
}

fn choose_oci(store: &ImageStore, wanted: &Reference, architecture: &str) -> Result<Chosen, ImageError> {
    let (index, _) = store.document::<Index>("index.json")?;
    let mut found: Vec<_> = index.manifests.iter().filter(|image| is_meant(image, wanted)).collect();
    // Where there is but one and a path names it, its own name does not matter.
    if found.is_empty() && matches!(wanted, Reference::Path(_, None)) {
        found = index.manifests.iter().collect();
    }
    if let Reference::Name(Name { digest: Some(digest), .. }) = wanted {
        // It is that of the index, or of the manifest there for the architecture, which functions are told of.
        found.retain(|image| {
            let own = || descend(store, std::slice::from_ref(*image), architecture, DEPTH);
            *digest == image.digest || own().is_ok_and(|(own, _)| own == *digest)
        });
    }
    if found.is_empty() {
        return Err(ImageError::Missing);
    }
    let found: Vec<_> = found.into_iter().cloned().collect();
    let (digest, manifest) = descend(store, &found, architecture, DEPTH)?;
    let config = manifest.config.ok_or_else(|| ImageError::Broken("no configuration".to_owned()))?;
    let layers = manifest.layers.into_iter().map(|layer| Ok((blob_name(&layer.digest)?, Some(layer.digest))));
    Ok(Chosen {
        digest: digest.trim_start_matches("sha256:").to_owned(),
        configuration: store.blob(&config.digest)?,
        layers: layers.collect::<Result<_, ImageError>>()?,
    })
}

fn is_meant(image: &Descriptor, wanted: &Reference) -> bool {
    let label = |name: &str| image.annotations.get(name);
    match wanted {
        Reference::Path(_, None) => true,
        Reference::Path(_, Some(name)) => {
            [label(NAME), label(TAG)].into_iter().flatten().any(|label| label == name)
                || label(NAME).zip(Name::parse(name)).is_some_and(|(label, name)| name.means(label))
        }
        Reference::Name(name) => {
            let kept = label(NAME).or_else(|| label(TAG).filter(|tag| tag.contains(['/', ':'])));
            kept.is_some_and(|kept| name.means(kept))
        }
    }
}

/// The manifest for the architecture, through however many indexes.
fn descend(
    store: &ImageStore,
    images: &[Descriptor],
    architecture: &str,
    depth: usize,
) -> Result<(String, Manifest), ImageError> {
    let fits = |image: &&Descriptor| {
        image.platform.as_ref().is_none_or(|platform| {
            (platform.architecture == architecture || platform.architecture.is_empty())
                && (platform.os == "linux" || platform.os.is_empty())
        })
    };
    let nothing = || ImageError::Architecture(architecture.to_owned());
    let image = images.iter().find(fits).ok_or_else(nothing)?;
    let manifest: Manifest = store.blob(&image.digest)?;
    if manifest.config.is_some() || depth == 0 || !is_index(image, &manifest) {
        return Ok((image.digest.clone(), manifest));
    }
    descend(store, &manifest.manifests, architecture, depth - 1)
}

fn is_index(image: &Descriptor, manifest: &Manifest) -> bool {
    image.media_type.contains("index")
        || image.media_type.contains("manifest.list")
        || !manifest.manifests.is_empty()
}

fn choose_saved(store: &ImageStore, wanted: &Reference) -> Result<Chosen, ImageError> {
    let (all, _) = store.document::<Vec<Saved>>("manifest.json")?;
    let is_meant = |image: &&Saved| {
        let tags = image.repo_tags.as_deref().unwrap_or_default();
        match wanted {
            Reference::Path(_, None) => true,
            Reference::Path(_, Some(name)) => tags.iter().any(|tag| tag == name),
            // Pulled images have another digest than this one, but this is the one that functions are told of.
            Reference::Name(name) => {
                let is_own = |digest: &String| digest.strip_prefix("sha256:") == Some(image.id());
                tags.iter().any(|tag| name.means(tag)) && name.digest.as_ref().is_none_or(is_own)
            }
        }
    };
    let image = all.iter().find(is_meant).ok_or(ImageError::Missing)?.clone();
    let (configuration, sha256) = store.document::<Configuration>(&image.config)?;
    if is_hash(image.id()) && image.id() != sha256 {
        return Err(ImageError::Broken(format!("the content of {} is another", image.config)));
    }
    let layers = image.layers.into_iter().map(|layer| (layer, None)).collect();
    Ok(Chosen { digest: sha256, configuration, layers })
}
