//! Builds images: layers of files, in OCI's layout or as `docker save` writes them.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A layer in the making.
pub struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    /// A file with the name as given, however strange.
    pub fn file(mut self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref();
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    pub fn link(mut self, name: &str, target: &str) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        header.set_mode(0o777);
        self.0.append_link(&mut header, name, target).unwrap();
        self
    }

    /// A program of this machine with all it needs.
    pub fn program(self, program: &str) -> Self {
        let told = std::process::Command::new("ldd").arg(program).output().unwrap().stdout;
        let told = String::from_utf8(told).unwrap();
        let libraries = told.split_whitespace().filter(|word| word.starts_with('/'));
        std::iter::once(program)
            .chain(libraries)
            .fold(self, |layer, path| layer.file(path.trim_start_matches('/'), std::fs::read(path).unwrap()))
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// Files by name: the blobs of an image, and the index that names it.
pub struct Built {
    pub files: Vec<(String, Vec<u8>)>,
    pub digest: String,
}

impl Built {
    /// In OCI's layout. The second and all further layers are compressed.
    pub fn oci(name: &str, config: &Value, layers: Vec<Layer>) -> Self {
        let mut files = vec![("oci-layout".to_owned(), br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec())];
        let mut keep = |content: Vec<u8>| {
            let hash = hash(&content);
            let size = content.len();
            files.push((format!("blobs/sha256/{hash}"), content));
            json!({"digest": format!("sha256:{hash}"), "size": size})
        };
        let layers: Vec<_> = layers
            .into_iter()
            .enumerate()
            .map(|(number, layer)| {
                let bytes = layer.bytes();
                keep(if number == 0 { bytes } else { gzip(&bytes) })
            })
            .collect();
        let config = keep(config.to_string().into());
        let manifest =
            keep(json!({"schemaVersion": 2, "config": config, "layers": layers}).to_string().into());
        let mut image = manifest.clone();
        image["platform"] = json!({"os": "linux", "architecture": "amd64"});
        let other = json!({"digest": format!("sha256:{}", "0".repeat(64)), "size": 1,
            "platform": {"os": "linux", "architecture": "arm64"}});
        let mut platforms = keep(json!({"schemaVersion": 2, "manifests": [other, image]}).to_string().into());
        platforms["mediaType"] = json!("application/vnd.oci.image.index.v1+json");
        platforms["annotations"] = json!({"io.containerd.image.name": name});
        let index = json!({"schemaVersion": 2, "manifests": [platforms]});
        files.push(("index.json".to_owned(), index.to_string().into()));
        let digest = manifest["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
        Self { files, digest }
    }

    /// As older engines save images.
    pub fn saved(name: &str, config: &Value, layers: Vec<Layer>) -> Self {
        let config = config.to_string().into_bytes();
        let digest = hash(&config);
        let mut files = vec![(format!("{digest}.json"), config)];
        let names: Vec<_> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
        files.extend(names.iter().cloned().zip(layers.into_iter().map(Layer::bytes)));
        let manifest = json!([{"Config": format!("{digest}.json"), "RepoTags": [name], "Layers": names}]);
        files.push(("manifest.json".to_owned(), manifest.to_string().into()));
        Self { files, digest }
    }

    /// Writes it as a folder.
    pub fn folder(&self, at: &Path) -> PathBuf {
        for (name, content) in &self.files {
            let path = at.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        at.to_owned()
    }

    /// It in one archive.
    pub fn archive(&self) -> Vec<u8> {
        let layer = self.files.iter().fold(Layer::new(), |layer, (name, content)| layer.file(name, content));
        layer.bytes()
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
