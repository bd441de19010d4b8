//! A full disk, played by a limit on file sizes: errors, no corruption, and writes again once there is room.

use std::path::Path;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{child, count, open, parents_folder, write};

fn passes(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output = child(test, folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

fn limit_files(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

#[test]
fn the_log_may_find_the_disk_full() {
    if parents_folder().is_none() {
        passes("full::log_child");
    }
}

#[test]
fn the_base_may_find_the_disk_full() {
    if parents_folder().is_none() {
        passes("full::base_child");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_child() {
    let Some(folder) = parents_folder() else { return };
    let store = open(&folder, 1 << 30);
    limit_files(Some(50_000));
    fill_twice(&store, &folder, 1 << 30).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn base_child() {
    let Some(folder) = parents_folder() else { return };
    let store = open(&folder, 20_000);
    for number in 0..100 {
        write(&store, 1, number).await.unwrap();
    }
    let base = std::fs::metadata(folder.join("base.redb")).unwrap().len();
    limit_files(Some(base + 50_000));
    fill_twice(&store, &folder, 20_000).await;
    assert_eq!(count(&store, 1), 100);
}

/// Writes until it fails, twice over the same store, then opens it anew.
async fn fill_twice(store: &store::Store, folder: &Path, log_bytes: u64) {
    let mut number = 0;
    while write(store, 0, number).await.is_ok() {
        number += 1;
    }
    for _ in 0..20 {
        write(store, 0, number).await.unwrap_err();
        assert_eq!(count(store, 0), number, "reads go on");
    }
    limit_files(None);
    for _ in 0..500 {
        write(store, 0, number).await.unwrap();
        number += 1;
    }
    assert_eq!(count(store, 0), number);
    // A checkpoint may end while we copy, and take log files with it: such a copy is of no single moment.
    let other = std::iter::repeat_with(|| tempfile::tempdir().unwrap())
        .take(1000)
        .find(|other| copy(folder, other.path()).is_ok())
        .unwrap();
    assert_eq!(count(&open(other.path(), log_bytes), 0), number);
}

/// A copy of the folder, as a kill at this moment would leave it; an error if a file went away meanwhile.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name() != "lock" {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
