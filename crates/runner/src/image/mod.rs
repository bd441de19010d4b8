//! Container images: found on this machine, unpacked once, run in the sandbox with the image for its root.

mod document;
mod engine;
mod find;
mod layer;
mod manifest;
mod reference;
mod root;
mod store;
mod unpack;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

pub(crate) use find::find;
pub(crate) use unpack::{NETWORK_FILES, unpacked_before};

use crate::CodeDir;
use document::Configuration;
use root::Root;

/// AWS's limit on an image: 10 GB, uncompressed.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const SIZE_LIMIT: u64 = 10 * 1024 * 1024 * 1024;
/// Far more than real images have; each costs the disk an inode.
const ENTRY_LIMIT: usize = 2_000_000;
/// Where programs are looked for if the image does not say.
pub(crate) const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin:/opt/bin";

/// A container image, unpacked.
#[derive(Clone, Debug)]
pub struct Image(Arc<Unpacked>);

#[derive(Debug)]
struct Unpacked {
    root: PathBuf,
    digest: String,
    configuration: Configuration,
}

/// How a function's image is run: what it says itself, and what the function says instead.
#[derive(Clone, Debug)]
pub struct Container {
    /// The image.
    pub image: Image,
    /// The program, in place of the image's.
    pub entry_point: Option<Vec<String>>,
    /// Its arguments, in place of the image's.
    pub command: Option<Vec<String>>,
    /// The folder it starts in, in place of the image's.
    pub working_directory: Option<String>,
}

/// Why there is no image.
#[derive(Debug)]
pub enum ImageError {
    /// The name is none.
    Invalid,
    /// No image has the name.
    Missing,
    /// It is for other machines only.
    Architecture(String),
    /// It is not an image, or a broken one.
    Broken(String),
    /// It is larger than AWS allows.
    TooLarge,
    /// The disk failed.
    Disk(io::Error),
}

impl Image {
    /// The digest of its manifest, in hexadecimal digits; of its configuration where there is no manifest.
    pub fn digest(&self) -> &str {
        &self.0.digest
    }

    /// Its files, as code.
    #[must_use]
    pub fn code(&self) -> CodeDir {
        CodeDir::new(self.0.root.clone(), self.0.digest.clone(), 0)
    }

    /// The folder that is its root.
    pub(crate) fn root(&self) -> &Path {
        &self.0.root
    }

    /// Whether a file is there to be run, links followed within the image.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let open = || Root::open(self.root())?.find(path, OFlags::PATH);
        open().is_ok_and(|file| {
            rustix::fs::fstat(file).is_ok_and(|found| {
                rustix::fs::FileType::from_raw_mode(found.st_mode) == rustix::fs::FileType::RegularFile
                    && found.st_mode & 0o111 != 0
            })
        })
    }

    /// Whether a folder is there, links followed within the image.
    fn has_folder(&self, path: &Path) -> bool {
        Root::open(self.root()).is_ok_and(|root| root.find(path, OFlags::DIRECTORY).is_ok())
    }

    /// The names of the extensions that it brings, in order.
    pub(crate) fn extensions(&self) -> Vec<String> {
        let folder = Path::new("opt/extensions");
        let open = || Root::open(self.root())?.find(folder, OFlags::DIRECTORY);
        let found = open().and_then(root::names).unwrap_or_default();
        let mut names: Vec<_> = found.into_iter().filter_map(|name| name.into_string().ok()).collect();
        names.retain(|name| self.has(&folder.join(name)));
        names.sort();
        names
    }

    fn execution(&self) -> Option<&document::Execution> {
        self.0.configuration.config.as_ref()
    }

    /// The variables that the image sets.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.execution().and_then(|execution| execution.env.as_deref()).unwrap_or_default();
        all.iter().filter_map(|line| line.split_once('='))
    }
}

impl Container {
    /// The program and its arguments.
    pub(crate) fn arguments(&self) -> (Vec<String>, Vec<String>) {
        let own = self.image.execution();
        let entry_point = self.entry_point.clone().or_else(|| own?.entrypoint.clone());
        let command = self.command.clone().or_else(|| own?.cmd.clone());
        (entry_point.unwrap_or_default(), command.unwrap_or_default())
    }

    /// The folder the program starts in.
    pub(crate) fn folder(&self) -> String {
        let own = self.image.execution().and_then(|execution| execution.working_dir.clone());
        let folder = self.working_directory.clone().or(own).filter(|folder| !folder.is_empty());
        folder.unwrap_or_else(|| "/".to_owned())
    }

    /// Where in the image the program lies, or why it cannot be run, in AWS's words.
    pub(crate) fn program(&self, search_path: Option<&str>) -> Result<PathBuf, String> {
        let folder = self.folder();
        if !self.image.has_folder(Path::new(&folder)) {
            return Err(format!("chdir {folder}: no such file or directory"));
        }
        let (entry_point, command) = self.arguments();
        let Some(name) = entry_point.first().or_else(|| command.first()) else {
            return Err("no entrypoint or command".to_owned());
        };
        let is_there = |path: PathBuf| self.image.has(&path).then_some(path);
        if name.contains('/') {
            let path = Path::new(&folder).join(name);
            return is_there(path).ok_or_else(|| format!("fork/exec {name}: no such file or directory"));
        }
        let own = self.image.variables().find(|(variable, _)| *variable == "PATH").map(|(_, path)| path);
        let mut folders = search_path.or(own).unwrap_or(SEARCH_PATH).split(':');
        let found = folders.find_map(|folder| is_there(Path::new(folder).join(name)));
        found.ok_or_else(|| format!("exec: {name:?}: executable file not found in $PATH"))
    }

    /// What AWS logs beside the reason.
    pub(crate) fn launch_error(&self, reason: &str) -> String {
        let (entry_point, command) = self.arguments();
        let list = |all: Vec<String>| all.join(" ");
        format!(
            "IMAGE\tLaunch error: {reason}\tEntry Point: [{}]\tCmd: [{}]\tWorkingDir: [{}]\n",
            list(entry_point),
            list(command),
            self.folder()
        )
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("this is no image's name"),
            Self::Missing => f.write_str("there is no such image"),
            Self::Architecture(wanted) => write!(f, "the image is not made for {wanted}"),
            Self::Broken(reason) => write!(f, "the image is broken: {reason}"),
            Self::TooLarge => f.write_str("the image is larger than 10 GB or has too many files"),
            Self::Disk(error) => write!(f, "the image could not be read: {error}"),
        }
    }
}

impl std::error::Error for ImageError {}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // What reads archives says "other" of what is not one.
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Other
            | io::ErrorKind::UnexpectedEof => Self::Broken(error.to_string()),
            _ => Self::Disk(error),
        }
    }
}
