//! The documents of an image: index, manifest, configuration, and what `docker save` writes beside them.
//!
//! Sources: <https://github.com/opencontainers/image-spec/blob/main/manifest.md>,
//! <https://github.com/moby/docker-image-spec/blob/main/v1.2.md>

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// `index.json`, or an index that names an image for each platform.
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    #[serde(default)]
    pub manifests: Vec<Descriptor>,
}

/// A blob by its digest.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Descriptor {
    #[serde(rename = "mediaType", default)]
    pub media_type: String,
    pub digest: String,
    #[serde(default)]
    pub annotations: HashMap<String, String>,
    pub platform: Option<Platform>,
}

/// What machine an image is for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Platform {
    #[serde(default)]
    pub architecture: String,
    #[serde(default)]
    pub os: String,
}

/// An image: its configuration and its layers. An index read as one has neither.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub config: Option<Descriptor>,
    #[serde(default)]
    pub layers: Vec<Descriptor>,
    #[serde(default)]
    pub manifests: Vec<Descriptor>,
}

/// An image in the `manifest.json` of `docker save`: paths of the archive.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Saved {
    pub config: String,
    pub repo_tags: Option<Vec<String>>,
    pub layers: Vec<String>,
}

impl Saved {
    /// The name of the configuration, whose digest it is as a rule: Docker calls it the image's id.
    pub fn id(&self) -> &str {
        self.config.trim_end_matches(".json").rsplit('/').next().unwrap_or_default()
    }
}

/// An image's configuration, as far as it is acted on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Configuration {
    #[serde(default)]
    pub architecture: String,
    #[serde(default)]
    pub config: Option<Execution>,
}

/// How its program is started.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Execution {
    #[serde(default)]
    pub env: Option<Vec<String>>,
    #[serde(default)]
    pub entrypoint: Option<Vec<String>>,
    #[serde(default)]
    pub cmd: Option<Vec<String>>,
    #[serde(default)]
    pub working_dir: Option<String>,
}
