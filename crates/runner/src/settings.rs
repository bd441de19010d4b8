//! What the runner is told once: its folder, its limits, whether to sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the runner works.
#[derive(Clone, Debug)]
pub struct RunnerSettings {
    /// Scratch folder for unpacked code, bootstraps and the folders of environments.
    pub root: PathBuf,
    /// Where functions reach this server, such as `http://127.0.0.1:4566`.
    pub endpoint_url: String,
    /// How long an idle environment is kept.
    pub keep_warm: Duration,
    /// Whether functions are isolated.
    pub sandbox: SandboxMode,
    /// How long a function's initialisation may take before it is started over.
    pub init_timeout: Duration,
    /// How many environments may exist at once.
    pub max_environments: usize,
    /// Where container images are looked for by name: folders, and sockets of container engines as `unix://…`.
    pub images: Vec<String>,
    /// A folder laid out like a layer, with packages that all functions see last.
    pub sdk: Option<PathBuf>,
    /// Folders of this machine from which code may be run where it lies; nothing is all.
    pub folders: Option<Vec<PathBuf>>,
    /// Functions that wait for a debugger, by name, each on a port of 127.0.0.1.
    pub debug: Vec<(String, u16)>,
}

impl RunnerSettings {
    /// AWS's numbers, with that scratch folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            endpoint_url: "http://127.0.0.1:4566".to_owned(),
            keep_warm: Duration::from_secs(300),
            sandbox: SandboxMode::Auto,
            init_timeout: Duration::from_secs(10),
            max_environments: 1000,
            images: Vec::new(),
            sdk: None,
            folders: None,
            debug: Vec::new(),
        }
    }
}

impl RunnerSettings {
    /// Whether code may be run from that place, whatever links lead there.
    pub fn lets_run(&self, path: &Path) -> bool {
        let Some(folders) = &self.folders else { return true };
        let Ok(path) = path.canonicalize() else { return false };
        folders.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder)))
    }
}

/// Whether functions run isolated from this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SandboxMode {
    /// Isolated where the kernel allows it.
    #[default]
    Auto,
    /// Never isolated.
    Off,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_no_other_folder() {
        let root = tempfile::tempdir().unwrap();
        let (allowed, other) = (root.path().join("allowed"), root.path().join("other"));
        std::fs::create_dir_all(allowed.join("shop")).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        std::os::unix::fs::symlink(&other, allowed.join("out")).unwrap();
        let settings = RunnerSettings { folders: Some(vec![allowed.clone()]), ..RunnerSettings::new("/x") };
        assert!(settings.lets_run(&allowed.join("shop")));
        for path in [other, allowed.join("out"), allowed.join("shop/../../other"), allowed.join("none")] {
            assert!(!settings.lets_run(&path), "{}", path.display());
        }
        assert!(RunnerSettings::new("/x").lets_run(root.path()));
    }
}
