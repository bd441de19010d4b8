//! Which folder a bucket was last, so that an empty one in its place takes no objects away.

use std::path::Path;

use kernel::{Fault, Scope};
use store::{Root, Store, Table, WriteTx};

use super::FILES;

/// The folders by bucket.
static ROOTS: Table<String, Root> = Table::global("s3.mounts.roots");

/// Keeps in mind which folder a bucket is.
pub(super) fn remember(tx: &mut WriteTx<'_>, bucket: &str, root: &Root) -> Result<(), Fault> {
    tx.put(&ROOTS, bucket, root)
}

/// Why a folder must not be shared as this bucket now, in one sentence: all its files are gone, and it is not the folder
/// that they were in, as where a disk is not mounted. Who empties the folder itself means its objects to go.
///
/// # Errors
/// When the rows or the folder cannot be read.
pub fn refusal(store: &Store, bucket: &str, path: &Path) -> Result<Option<String>, Fault> {
    let there = Root::look(path).map_err(Fault::internal)?;
    let is_empty = there.is_none_or(|(_, is_empty)| is_empty);
    let lost = store.read(&Scope::default(), |tx| {
        let Some(known) = tx.get(&ROOTS, bucket)? else { return Ok(false) };
        if !is_empty || there.is_some_and(|(root, _)| root == known) {
            return Ok(false);
        }
        let mut files = tx.prefix(&FILES, &(bucket,));
        let is_file = files.find(|row| row.as_ref().map_or(true, |(_, known)| known.stamp.is_some()));
        Ok::<_, Fault>(is_file.transpose()?.is_some())
    })?;
    let state =
        if there.is_some() { "it is empty and not the folder that held" } else { "there is nothing of" };
    Ok(lost.then(|| {
        format!(
            "cannot mount {}: {state} the files of the bucket `{bucket}`; mount the disk or put back the folder \
             that they are on, or, if all of them are to be deleted, put any file there and start again",
            path.display()
        )
    }))
}
