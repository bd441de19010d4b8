//! The SDKs that AWS's runtimes bring and interpreters do not: taken from where this machine has them.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// `boto3` and what it needs, and the debugger that our bootstrap waits for: which is all that is shown of a folder of packages.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html>
const PYTHON: [&str; 8] =
    ["boto3", "botocore", "dateutil", "debugpy", "jmespath", "s3transfer", "six.py", "urllib3"];

/// Where Python's packages lie in a sandbox.
pub(crate) const PYTHON_FOLDER: &str = "/var/lang/sdk";
/// Where Node looks from every folder: its modules of the newer kind know no search path.
pub(crate) const NODE_FOLDER: &str = "/node_modules";

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sdk {
    /// Packages of Python, each a folder or a file.
    pub python: Vec<PathBuf>,
    /// A `node_modules` folder.
    pub node: Option<PathBuf>,
}

impl Sdk {
    /// Looks in the folder that was named, which is laid out like a layer; then, for `boto3`, where this process would
    /// find it: in its virtual environment and beside the programs of its search path.
    pub(crate) fn find(named: Option<&Path>) -> Self {
        let below = |path: &str| named.map(|named| named.join(path)).filter(|path| path.is_dir());
        let python = match below("python") {
            Some(folder) => {
                let mut all: Vec<_> =
                    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
                all.sort();
                all
            }
            None => search(),
        };
        Self { python, node: below("nodejs/node_modules") }
    }

    /// What is shown where in a sandbox.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Path, PathBuf)> {
        let python = self
            .python
            .iter()
            .filter_map(|path| Some((path.as_path(), Path::new(PYTHON_FOLDER).join(path.file_name()?))));
        python.chain(self.node.as_deref().map(|path| (path, PathBuf::from(NODE_FOLDER))))
    }

    /// A folder of links, for functions that see this machine as it is.
    pub(crate) fn link(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for package in &self.python {
            let at = package.file_name().map(|name| folder.join(name));
            match at.map(|at| symlink(package, at)) {
                Some(Err(error)) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

fn search() -> Vec<PathBuf> {
    let environment = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let beside = std::env::split_paths(&path).filter_map(|folder| folder.parent().map(Path::to_owned));
    let homes: Vec<_> = environment.into_iter().chain(beside).collect();
    homes.iter().find_map(|home| packages(home)).unwrap_or_default()
}

/// The packages of a Python installation or a virtual environment.
fn packages(home: &Path) -> Option<Vec<PathBuf>> {
    let versions = fs::read_dir(home.join("lib")).ok()?.flatten();
    let is_python = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with("python3"));
    let mut folders: Vec<_> = versions
        .filter(|entry| is_python(&entry.file_name()))
        .flat_map(|entry| ["site-packages", "dist-packages"].map(|name| entry.path().join(name)))
        .filter(|folder| folder.join("boto3").is_dir() && folder.join("botocore").is_dir())
        .collect();
    folders.sort();
    let folder = folders.pop()?;
    Some(PYTHON.iter().map(|name| folder.join(name)).filter(|path| path.exists()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sdk_is_taken_from_where_packages_lie() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("lib/python3.12/site-packages");
        for name in ["boto3", "botocore", "fastapi"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        assert_eq!(packages(home.path()), Some(vec![folder.join("boto3"), folder.join("botocore")]));
        assert_eq!(packages(&folder), None);
    }

    #[test]
    fn a_named_folder_is_laid_out_like_a_layer() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("python/boto3")).unwrap();
        fs::create_dir_all(home.path().join("nodejs/node_modules")).unwrap();
        let found = Sdk::find(Some(home.path()));
        let shown: Vec<_> = found.shown().map(|(_, at)| at).collect();
        assert_eq!(shown, [Path::new("/var/lang/sdk/boto3"), Path::new("/node_modules")]);
    }
}
