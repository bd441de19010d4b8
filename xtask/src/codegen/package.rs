//! The pinned model package: fetched once with pip into the target folder, checked by its sha256.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{root, run};

/// One service to generate.
pub struct Entry {
    /// The name AWS gives its model.
    pub name: String,
    /// The API version.
    pub version: String,
    /// The operations to keep, if not all.
    pub operations: Option<Vec<String>>,
}

/// The path of the package's file, fetched and verified.
pub fn fetch() -> Result<PathBuf, Box<dyn Error>> {
    let pin: toml::Table = fs::read_to_string(root().join("models/botocore.toml"))?.parse()?;
    let text = |key: &str| pin.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    let folder = root().join("target/models");
    let file = folder.join(text("file"));
    if !file.exists() {
        fs::create_dir_all(&folder)?;
        let package = format!("{}=={}", text("name"), text("version"));
        let folder = folder.to_string_lossy().into_owned();
        let download =
            ["-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", &folder, &package];
        run::command("python3", &download)?;
    }
    let output = Command::new("sha256sum").arg(&file).output()?;
    let found = String::from_utf8(output.stdout)?;
    if !found.starts_with(&text("sha256")) {
        return Err(format!("{} has sha256 {found}, not the pinned one", file.display()).into());
    }
    Ok(file)
}

/// The services of `models/services.toml`, in alphabetical order.
pub fn services() -> Result<Vec<Entry>, Box<dyn Error>> {
    let table: toml::Table = fs::read_to_string(root().join("models/services.toml"))?.parse()?;
    let mut entries = Vec::new();
    for (name, value) in table {
        let version =
            value.get("version").and_then(|version| version.as_str()).ok_or("no version")?.to_owned();
        let operations = value
            .get("operations")
            .and_then(|list| list.as_array())
            .map(|list| list.iter().filter_map(|name| name.as_str()).map(str::to_owned).collect());
        entries.push(Entry { name, version, operations });
    }
    entries.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}
