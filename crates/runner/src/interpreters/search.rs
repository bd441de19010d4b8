//! Where the programs of a language lie on this machine, and of which version each is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Language;

/// What lies here is seen in every sandbox.
const SYSTEM: [&str; 4] = ["/usr", "/bin", "/sbin", "/nix"];

/// The programs of a language by version. May run programs, so it blocks.
pub(super) fn find(language: Language) -> BTreeMap<u32, PathBuf> {
    match language {
        Language::Python => find_pythons(),
        Language::Node => {
            let below = [".nvm/versions/node/*/bin", ".local/share/fnm/node-versions/*/installation/bin"];
            ask_each("node", &below, &["--version"], |text| {
                text.strip_prefix('v')?.split('.').next()?.parse().ok()
            })
        }
        Language::Ruby => {
            let below = [".rbenv/versions/*/bin", ".rubies/*/bin", ".rvm/rubies/*/bin"];
            ask_each("ruby", &below, &["-e", "print RUBY_VERSION"], |text| {
                let mut parts = text.split('.').map(str::parse::<u32>);
                Some(parts.next()?.ok()? * 100 + parts.next()?.ok()?)
            })
        }
        Language::Java => find_javas(),
        Language::Dotnet => find_dotnets(),
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

/// Development kits only: our bootstrap is compiled for the machine on which it runs.
fn find_javas() -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    let mut all = folders(&[".sdkman/candidates/java/*/bin", ".jdks/*/bin"]);
    all.extend(std::env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin")));
    all.extend(expand(Path::new("/"), "usr/lib/jvm/*/bin"));
    for folder in all {
        let Ok(program) = folder.join("java").canonicalize() else { continue };
        let Some(home) = program.parent().and_then(Path::parent) else { continue };
        if home.join("bin/javac").is_file()
            && let Some(major) = fs::read_to_string(home.join("release")).ok().as_deref().and_then(java_major)
        {
            found.entry(major).or_insert(program);
        }
    }
    found
}

/// `JAVA_VERSION="17.0.15"`, and `1.8.0` for the eighth.
fn java_major(release: &str) -> Option<u32> {
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    let mut parts = line.trim_matches('"').split(['.', '+', '-']);
    match parts.next()?.parse().ok()? {
        1 => parts.next()?.parse().ok(),
        major => Some(major),
    }
}

/// One program runs all versions it has.
fn find_dotnets() -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    let mut all = folders(&[".dotnet"]);
    all.extend(["/usr/share/dotnet", "/usr/lib/dotnet"].map(PathBuf::from));
    for folder in all {
        let Ok(program) = folder.join("dotnet").canonicalize() else { continue };
        let told = ask(&program, &["--list-runtimes"]).unwrap_or_default();
        let versions = told.lines().filter_map(|line| line.strip_prefix("Microsoft.NETCore.App "));
        for major in versions.filter_map(|version| version.split('.').next()?.parse().ok()) {
            found.entry(major).or_insert_with(|| program.clone());
        }
    }
    found
}

/// Asks every program of that name for its version.
fn ask_each(
    name: &str,
    below_home: &[&str],
    arguments: &[&str],
    version: impl Fn(&str) -> Option<u32>,
) -> BTreeMap<u32, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in folders(below_home) {
        let Ok(program) = folder.join(name).canonicalize() else { continue };
        if !found.values().any(|known| *known == program)
            && let Some(version) = ask(&program, arguments).as_deref().and_then(&version)
        {
            found.entry(version).or_insert(program);
        }
    }
    found
}

fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).env_clear().output().ok()?;
    String::from_utf8(output.stdout).ok().map(|text| text.trim().to_owned())
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
pub(super) fn own_folder(program: &Path) -> Option<PathBuf> {
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
    fn javas_tell_their_version() {
        assert_eq!(java_major("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n"), Some(17));
        assert_eq!(java_major("JAVA_VERSION=\"25\""), Some(25));
        assert_eq!(java_major("JAVA_VERSION=\"1.8.0_402\""), Some(8));
        assert_eq!(java_major("nothing"), None);
    }
}
