//! `cargo xtask tidy`: what no compiler checks: floors, sizes, first lines, names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Outcome, root};

/// Lines that no file may exceed without a reason in `tidy.allow`.
const FILE_LINES: usize = 800;

/// Lines that no operation's file may exceed.
const OPERATION_LINES: usize = 300;

/// Lines that no function may exceed.
const FUNCTION_LINES: usize = 80;

/// Names that say nothing.
const EMPTY_NAMES: [&str; 7] =
    ["common.rs", "helper.rs", "helpers.rs", "misc.rs", "models.rs", "util.rs", "utils.rs"];

/// Checks all and lists what is wrong.
pub fn tidy(_: &[String]) -> Outcome {
    let mut problems = floors()?;
    let allowed = fs::read_to_string(root().join("tidy.allow")).unwrap_or_default();
    for path in sources()? {
        let name = path.strip_prefix(root())?.to_string_lossy().into_owned();
        let is_allowed = allowed.lines().any(|line| line.split_whitespace().next() == Some(name.as_str()));
        if !is_allowed {
            problems.extend(file(&path, &name)?);
        }
    }
    problems.iter().for_each(|problem| println!("tidy: {problem}"));
    if problems.is_empty() { Ok(()) } else { Err(format!("{} things are untidy", problems.len()).into()) }
}

fn file(path: &Path, name: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(path)?;
    let lines: Vec<&str> = text.lines().collect();
    let mut problems = Vec::new();
    if !text.starts_with("//!") {
        problems.push(format!("{name}: the first line is no `//!` line"));
    }
    let limit = if name.contains("/operations/") { OPERATION_LINES } else { FILE_LINES };
    if lines.len() > limit {
        problems.push(format!("{name}: {} lines, more than {limit}", lines.len()));
    }
    if EMPTY_NAMES.iter().any(|empty| name.ends_with(&format!("/{empty}"))) {
        problems.push(format!("{name}: the name says nothing"));
    }
    problems.extend(functions(&lines).into_iter().map(|(line, length)| {
        format!("{name}:{line}: a function of {length} lines, more than {FUNCTION_LINES}")
    }));
    Ok(problems)
}

/// Functions that are too long, by the line they start on. Formatted code closes them at their own indentation.
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        let is_function =
            ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(crate) fn ", "pub(crate) async fn "]
                .iter()
                .any(|prefix| code.starts_with(prefix));
        if !is_function || code.ends_with(';') || code.ends_with('}') {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[start..].iter().position(|line| *line == close)
            && length > FUNCTION_LINES
        {
            found.push((start + 1, length));
        }
    }
    found
}

/// Every hand-written source file.
fn sources() -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let mut open = ["bench", "crates", "services", "xtask"].map(|name| root().join(name)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The floor of a crate: it may use only floors below its own.
fn floor(name: &str, folder: &str) -> Option<u8> {
    Some(match (folder, name) {
        ("api", _) => 1,
        ("services", _) => 4,
        (_, "kernel") => 0,
        (_, "pattern" | "settings") => 1,
        (_, "auth" | "outbound" | "protocol" | "store") => 2,
        (_, "background" | "runner") => 3,
        (_, "gateway") => 5,
        (_, "server" | "testkit") => 6,
        (_, "cli") => 7,
        _ => return None,
    })
}

/// Dependencies that go up or sideways.
fn floors() -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()?;
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages: Vec<&Value> = metadata["packages"].as_array().into_iter().flatten().collect();
    let folder = |package: &Value| {
        let path = package["manifest_path"].as_str().unwrap_or_default();
        path.rsplit('/').nth(2).unwrap_or_default().to_owned()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let known: BTreeMap<String, String> =
        packages.iter().map(|package| (text(&package["name"]), folder(package))).collect();
    let mut problems = Vec::new();
    for package in &packages {
        let name = text(&package["name"]);
        let Some(own) = floor(&name, &known[&name]) else { continue };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = text(&dependency["name"]);
            let Some(theirs) = known.get(&other).and_then(|folder| floor(&other, folder)) else { continue };
            if dependency["kind"].is_null() && theirs >= own {
                problems.push(format!("{name} (floor {own}) uses {other} (floor {theirs})"));
            }
        }
    }
    Ok(problems)
}
