//! Finds the interpreters of this machine, once and only when asked.

mod search;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::FunctionSpec;
use crate::outcome::RunnerError;

/// The runtimes AWS offers for interpreters, by language, newest last.
const RUNTIMES: [&str; 22] = [
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs22.x",
    "nodejs24.x",
    "java8.al2",
    "java11",
    "java17",
    "java21",
    "java25",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "dotnet6",
    "dotnet8",
    "dotnet10",
];
const PROVIDED: [&str; 3] = ["provided", "provided.al2", "provided.al2023"];

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
    /// As in the language's [`Kind`].
    pub version: u32,
}

/// What kind of runtime a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In that version; the minor one for Python, both in one number for Ruby (`304`).
    Language(Language, u32),
    Provided,
    Image,
}

/// What a runtime understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    Python,
    Node,
    Java,
    Ruby,
    Dotnet,
}

impl Kind {
    /// The kind of a function.
    pub fn of_function(spec: &FunctionSpec) -> Result<Self, RunnerError> {
        if spec.container.is_some() { Ok(Self::Image) } else { Self::of(&spec.runtime) }
    }

    /// The kind of a runtime's name.
    pub fn of(runtime: &str) -> Result<Self, RunnerError> {
        if PROVIDED.contains(&runtime) {
            return Ok(Self::Provided);
        }
        let unknown = || RunnerError::UnknownRuntime(runtime.to_owned());
        language(runtime).map(|(language, version)| Self::Language(language, version)).ok_or_else(unknown)
    }

    /// The language, if it is one.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::Language(language, _) => Some(language),
            Self::Provided | Self::Image => None,
        }
    }
}

fn language(runtime: &str) -> Option<(Language, u32)> {
    let number = |text: &str| text.parse().ok();
    if let Some(minor) = runtime.strip_prefix("python3.") {
        return Some((Language::Python, number(minor)?));
    }
    if let Some(rest) = runtime.strip_prefix("nodejs") {
        return Some((Language::Node, number(rest.strip_suffix(".x")?)?));
    }
    if let Some(rest) = runtime.strip_prefix("java") {
        return Some((Language::Java, number(rest.strip_suffix(".al2").unwrap_or(rest))?));
    }
    if let Some(rest) = runtime.strip_prefix("ruby") {
        let (major, minor) = rest.split_once('.')?;
        let major: u32 = major.parse().ok()?;
        return Some((Language::Ruby, major * 100 + minor.parse::<u32>().ok()?));
    }
    Some((Language::Dotnet, number(runtime.strip_prefix("dotnet")?)?))
}

impl Language {
    /// What has to be installed.
    fn program(self) -> &'static str {
        match self {
            Self::Python => "python3",
            Self::Node => "node",
            Self::Java => "a Java development kit (java and javac)",
            Self::Ruby => "ruby",
            Self::Dotnet => "dotnet",
        }
    }

    /// The version as people write it.
    pub fn version(self, version: u32) -> String {
        match self {
            Self::Python => format!("3.{version}"),
            Self::Ruby => format!("{}.{}", version / 100, version % 100),
            Self::Node | Self::Java | Self::Dotnet => version.to_string(),
        }
    }

    /// How far a version is from the one wanted. What is compiled does not run on an older one.
    fn distance(self, version: u32, wanted: u32) -> (bool, u32, u32) {
        let is_compiled = matches!(self, Self::Java | Self::Dotnet);
        (is_compiled && version < wanted, version.abs_diff(wanted), u32::MAX - version)
    }
}

/// What has been found so far.
#[derive(Default)]
pub(crate) struct Interpreters {
    found: [OnceLock<BTreeMap<u32, PathBuf>>; 5],
    warned: Mutex<Vec<String>>,
}

impl Interpreters {
    /// The interpreter of a runtime; the nearest one if the exact one is missing. May run a program, so it blocks.
    pub fn find(&self, runtime: &str) -> Result<Option<Interpreter>, RunnerError> {
        let Kind::Language(language, wanted) = Kind::of(runtime)? else { return Ok(None) };
        let found = self.found[language as usize].get_or_init(|| search::find(language));
        let nearest = found.iter().min_by_key(|(version, _)| language.distance(**version, wanted));
        let Some((&version, program)) = nearest else {
            return Err(RunnerError::MissingInterpreter {
                runtime: runtime.to_owned(),
                wanted: language.program().to_owned(),
            });
        };
        if version != wanted {
            self.warn_once(runtime, program);
        }
        let folder = search::own_folder(program);
        Ok(Some(Interpreter { program: program.clone(), folder, version }))
    }

    /// All runtimes that can be run here.
    pub fn list(&self) -> Vec<RuntimeInfo> {
        let interpreted = RUNTIMES.iter().filter_map(|name| {
            let interpreter = self.find(name).ok()??;
            let version = Kind::of(name).ok()?.language()?.version(interpreter.version);
            Some(RuntimeInfo { name: (*name).to_owned(), interpreter: Some(interpreter.program), version })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_are_told_by_their_names() {
        let of = |name: &str| Kind::of(name).unwrap();
        assert_eq!(of("python3.12"), Kind::Language(Language::Python, 12));
        assert_eq!(of("nodejs20.x"), Kind::Language(Language::Node, 20));
        assert_eq!(of("java8.al2"), Kind::Language(Language::Java, 8));
        assert_eq!(of("ruby3.4"), Kind::Language(Language::Ruby, 304));
        assert_eq!(of("dotnet10"), Kind::Language(Language::Dotnet, 10));
        assert_eq!(of("provided.al2023"), Kind::Provided);
        assert_eq!(Kind::of("cobol"), Err(RunnerError::UnknownRuntime("cobol".to_owned())));
        for name in RUNTIMES {
            assert!(Kind::of(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_compiled_runs_on_what_is_newer() {
        let nearest = |language: Language, wanted: u32, there: &[u32]| {
            *there.iter().min_by_key(|version| language.distance(**version, wanted)).unwrap()
        };
        assert_eq!(nearest(Language::Java, 21, &[17, 25]), 25);
        assert_eq!(nearest(Language::Java, 11, &[17, 25]), 17);
        assert_eq!(nearest(Language::Python, 12, &[11, 14]), 11);
    }
}
