//! Removes folders that nobody needs.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Below `root`, all code, layers and, on request, images that are not to be kept, and what was not unpacked to its end.
/// What cannot be removed stays. Blocks.
pub(crate) fn sweep(root: &Path, keep: &HashSet<String>, with_images: bool) {
    let folders = ["code", "layers", "images"];
    for folder in &folders[..if with_images { 3 } else { 2 }] {
        for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name.to_str().is_none_or(|name| keep.contains(name)) {
                continue;
            }
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::debug!(path = %entry.path().display(), %error, "unpacked code was not removed");
            }
        }
    }
}
