//! A log whose end is torn: cut or changed at every place of its last record.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{count, open, write};

const NO_CHECKPOINTS: u64 = 1 << 30;

fn log(folder: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("log-"));
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[tokio::test]
async fn a_torn_last_record_is_as_if_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), NO_CHECKPOINTS);
    for number in 0..4 {
        write(&store, 0, number).await.unwrap();
    }
    let log = log(folder.path());
    let before = fs::read(&log).unwrap().len();
    write(&store, 0, 4).await.unwrap();
    drop(store);
    let whole = fs::read(&log).unwrap();
    for place in before..whole.len() {
        let mut flipped = whole.clone();
        flipped[place] ^= 0x10;
        for torn in [&whole[..place], &flipped] {
            fs::write(&log, torn).unwrap();
            assert_eq!(count(&open(folder.path(), NO_CHECKPOINTS), 0), 4, "torn at {place}");
            assert_eq!(fs::read(&log).unwrap().len(), before, "what is torn is cut off");
        }
    }
    let store = open(folder.path(), NO_CHECKPOINTS);
    write(&store, 0, 4).await.unwrap();
    drop(store);
    assert_eq!(count(&open(folder.path(), NO_CHECKPOINTS), 0), 5);
}

#[tokio::test]
async fn a_log_that_was_cut_ends_the_replay() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), NO_CHECKPOINTS);
    write(&store, 0, 0).await.unwrap();
    drop(store);
    let log = log(folder.path());
    for length in 0..36 {
        // Not even a header: the file was being started when the power went.
        fs::write(&log, &fs::read(&log).unwrap()[..length]).unwrap();
        let store = open(folder.path(), NO_CHECKPOINTS);
        assert_eq!(count(&store, 0), 0);
        write(&store, 0, 0).await.unwrap();
        drop(store);
        assert_eq!(count(&open(folder.path(), NO_CHECKPOINTS), 0), 1);
    }
}
