//! `cargo xtask test`: everything CI runs, in the order in which it fails fastest.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, codegen, coverage, root, run, tidy};

/// A part of the tests: its name and what runs it.
type Part = (&'static str, fn() -> Outcome);

/// Runs all, or with a name only that part: `format`, `codegen`, `tidy`, `clippy`, `rust`, `stories`.
pub fn test(arguments: &[String]) -> Outcome {
    let parts: [Part; 7] = [
        ("format", || run::command("cargo", &["fmt", "--all", "--check"])),
        ("codegen", || codegen::codegen(&["--check".to_owned()])),
        ("tidy", || tidy::tidy(&[])),
        ("coverage", || coverage::coverage(&["--check".to_owned()])),
        ("clippy", || {
            run::command("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        }),
        ("rust", rust),
        ("stories", stories),
    ];
    let is_wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    for (name, part) in parts {
        if is_wanted(name) {
            println!("== {name}");
            part()?;
        }
    }
    Ok(())
}

/// Rust's own tests, with nextest where it is installed.
fn rust() -> Outcome {
    let has_nextest = Command::new("cargo").args(["nextest", "--version"]).output();
    if has_nextest.is_ok_and(|output| output.status.success()) {
        return run::command("cargo", &["nextest", "run", "--workspace", "--no-fail-fast"]);
    }
    run::command("cargo", &["test", "--workspace", "--no-fail-fast"])
}

/// The black-box stories: Python clients against the built binary.
fn stories() -> Outcome {
    run::command("cargo", &["build", "--package", "cli"])?;
    run::command("cargo", &["build", "--package", "testkit", "--example", "protocols"])?;
    let python = environment()?;
    pinned("stories-older", "requirements-older.txt")?;
    javascript()?;
    run::command(&python.to_string_lossy(), &["-m", "pytest", "tests", "-q", "-rs", "--durations=5"])
}

/// JavaScript's clients, where npm is installed: the stories that need them are skipped elsewhere.
fn javascript() -> Outcome {
    let folder = root().join("tests/js");
    let (list, stamp) = (folder.join("package-lock.json"), folder.join("node_modules/.installed"));
    let wanted = std::fs::read_to_string(&list)?;
    let has_npm = Command::new("npm").arg("--version").output().is_ok_and(|output| output.status.success());
    if !has_npm || std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let folder = folder.to_string_lossy();
    run::command("npm", &["ci", "--prefix", &folder, "--no-audit", "--no-fund", "--ignore-scripts"])?;
    std::fs::write(stamp, wanted)?;
    Ok(())
}

/// The stories' virtual environment.
pub fn environment() -> Result<PathBuf, Box<dyn std::error::Error>> {
    pinned("stories", "requirements.txt")
}

/// A virtual environment with the clients pinned in `tests`, made once for each version of the list.
fn pinned(name: &str, list: &str) -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder = root().join("target").join(name);
    let python = folder.join("bin/python");
    let list = root().join("tests").join(list);
    let wanted = std::fs::read_to_string(&list)?;
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run::command("python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
    let install =
        ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", &list.to_string_lossy()];
    run::command(&python.to_string_lossy(), &install)?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}
