//! The names of hosts inside a sandbox: this machine's, and the one that extensions are sent telemetry at.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes the file `hosts` into the folder of our bootstraps.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let known = fs::read_to_string("/etc/hosts").unwrap_or_default();
    // Renamed into place, so that a process that starts now reads all or nothing.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}\n127.0.0.1 sandbox.localdomain sandbox", known.trim_end())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.persist(folder.join("hosts"))?;
    Ok(())
}
