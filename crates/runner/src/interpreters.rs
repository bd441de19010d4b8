//! Finds the interpreters of this machine, once and only when asked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::FunctionSpec;
use crate::outcome::RunnerError;

/// The runtimes AWS offers for interpreters, newest last.
const PYTHONS: [u32; 6] = [9, 10, 11, 12, 13, 14];
const NODES: [u32; 5] = [16, 18, 20, 22, 24];
const PROVIDED: [&str; 3] = ["provided", "provided.al2", "provided.al2023"];
/// What lies here is seen in every sandbox.
const SYSTEM: [&str; 4] = ["/usr", "/bin", "/sbin", "/nix"];

/// A runtime this machine can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeInfo {
    /// AWS's name, such as `python3.12`.
    pub name: String,
    /// The program that runs it; none for `provided`, which brings its own.
    pub interpreter: Option<PathBuf>,
    /// The program's version, which may be another one than the name's if that is missing.
    pub version: String,
}

/// A program that runs a language.
#[derive(Clone, Debug)]
pub(crate) struct Interpreter {
    /// The program itself, with all links resolved.
    pub program: PathBuf,
    /// The folder it needs, if a sandbox does not show it anyway.
    pub folder: Option<PathBuf>,
    version: u32,
}

/// What kind of runtime a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Python(u32),
    Node(u32),
    Provided,
    Image,
}

impl Kind {
    /// The kind of a function.
    pub fn of_function(spec: &FunctionSpec) -> Result<Self, RunnerError> {
        if spec.container.is_some() { Ok(Self::Image) } else { Self::of(&spec.runtime) }
    }

    /// The kind of a runtime's name.
    pub fn of(runtime: &str) -> Result<Self, RunnerError> {
        let unknown = || RunnerError::UnknownRuntime(runtime.to_owned());
        if PROVIDED.contains(&runtime) {
            return Ok(Self::Provided);
        }
        if let Some(minor) = runtime.strip_prefix("python3.") {
            return minor.parse().map(Self::Python).map_err(|_| unknown());
        }
        let major = runtime.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x"));
        major.and_then(|major| major.parse().ok()).map(Self::Node).ok_or_else(unknown)
    }
}

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Interpreters {
    pythons: OnceLock<BTreeMap<u32, PathBuf>>,
    nodes: OnceLock<BTreeMap<u32, PathBuf>>,
    warned: Mutex<Vec<String>>,
}

impl Interpreters {
    /// The interpreter of a runtime; the nearest one if the exact one is missing. May run a program, so it blocks.
    pub fn find(&self, runtime: &str) -> Result<Option<Interpreter>, RunnerError> {
        let (found, wanted, name) = match Kind::of(runtime)? {
            Kind::Provided | Kind::Image => return Ok(None),
            Kind::Python(minor) => (self.pythons.get_or_init(find_pythons), minor, "python3"),
            Kind::Node(major) => (self.nodes.get_or_init(find_nodes), major, "node"),
        };
        let nearest =
            found.iter().min_by_key(|(version, _)| (version.abs_diff(wanted), u32::MAX - **version));
        let Some((&version, program)) = nearest else {
            return Err(RunnerError::MissingInterpreter {
                runtime: runtime.to_owned(),
                wanted: name.to_owned(),
            });
        };
        if version != wanted {
            self.warn_once(runtime, program);
        }
        Ok(Some(Interpreter { program: program.clone(), folder: own_folder(program), version }))
    }

    /// All runtimes that can be run here.
    pub fn list(&self) -> Vec<RuntimeInfo> {
        let pythons = PYTHONS.map(|minor| (format!("python3.{minor}"), "3."));
        let nodes = NODES.map(|major| (format!("nodejs{major}.x"), ""));
        let interpreted = pythons.into_iter().chain(nodes).filter_map(|(name, prefix)| {
            let interpreter = self.find(&name).ok()??;
            let version = format!("{prefix}{}", interpreter.version);
            Some(RuntimeInfo { name, interpreter: Some(interpreter.program), version })
        });
        let provided = PROVIDED.iter().map(|name| RuntimeInfo {
            name: (*name).to_owned(),
            interpreter: None,
            version: String::new(),
        });
        interpreted.chain(provided).collect()
    }

    fn warn_once(&self, runtime: &str, program: &Path) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if !warned.iter().any(|name| name == runtime) {
            warned.push(runtime.to_owned());
            tracing::warn!(%runtime, program = %program.display(), "not installed: the nearest version runs it");
        }
    }
}

fn find_pythons() -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in folders(&[".pyenv/versions/*/bin", ".local/share/uv/python/*/bin"]) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let minor = name.to_str().and_then(|name| name.strip_prefix("python3.")?.parse().ok());
            if let (Some(minor @ 8..), Ok(program)) = (minor, entry.path().canonicalize()) {
                found.entry(minor).or_insert(program);
            }
        }
    }
    found
}

fn find_nodes() -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in folders(&[".nvm/versions/node/*/bin", ".local/share/fnm/node-versions/*/installation/bin"])
    {
        let Ok(program) = folder.join("node").canonicalize() else { continue };
        if !found.values().any(|known| *known == program)
            && let Some(major) = node_major(&program)
        {
            found.entry(major).or_insert(program);
        }
    }
    found
}

fn node_major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").env_clear().output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Where programs lie: the search path first, then the usual places, then version managers' below the home.
fn folders(below_home: &[&str]) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // A version manager's shims are scripts that need its environment.
    let mut all: Vec<_> = std::env::split_paths(&path).filter(|folder| !folder.ends_with("shims")).collect();
    all.extend(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
    all.extend(expand(Path::new("/"), "opt/*/bin"));
    if let Some(home) = std::env::var_os("HOME") {
        all.extend(below_home.iter().flat_map(|pattern| expand(Path::new(&home), pattern)));
    }
    all
}

/// The folders a pattern with stars means, the highest names first.
fn expand(base: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut all = vec![base.to_owned()];
    for part in pattern.split('/') {
        all = all.into_iter().flat_map(|folder| step(&folder, part)).collect();
    }
    all
}

fn step(folder: &Path, part: &str) -> Vec<PathBuf> {
    if part != "*" {
        return vec![folder.join(part)];
    }
    let mut inside: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    inside.sort();
    inside.reverse();
    inside
}

/// The folder above `bin`, unless it is the system's.
fn own_folder(program: &Path) -> Option<PathBuf> {
    if SYSTEM.iter().any(|system| program.starts_with(system)) {
        return None;
    }
    let bin = program.parent()?;
    if bin.ends_with("bin") { bin.parent().map(Path::to_owned) } else { Some(bin.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_told_by_their_names() {
        assert_eq!(Kind::of("python3.12"), Ok(Kind::Python(12)));
        assert_eq!(Kind::of("nodejs20.x"), Ok(Kind::Node(20)));
        assert_eq!(Kind::of("provided.al2023"), Ok(Kind::Provided));
        assert_eq!(Kind::of("cobol"), Err(RunnerError::UnknownRuntime("cobol".to_owned())));
    }
}
