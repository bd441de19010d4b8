//! Folders that cannot be opened, and what is said about them.

use kernel::{Clock, Ids};
use store::{OpenError, Store, StoreSettings};

use crate::{count, open, write};

fn refused(settings: &StoreSettings) -> OpenError {
    Store::open(settings, Clock::real(), Ids::random()).unwrap_err()
}

#[test]
fn a_second_store_in_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), 1 << 20);
    let error = refused(&StoreSettings::new(folder.path()));
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(first);
    open(folder.path(), 1 << 20);
}

#[test]
fn a_newer_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), 1 << 20));
    std::fs::write(folder.path().join("format"), "2\n").unwrap();
    let error = refused(&StoreSettings::new(folder.path()));
    assert!(matches!(error, OpenError::Newer { found: 2, known: 1, .. }), "{error}");
}

#[test]
fn a_damaged_base_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path(), 1 << 20));
    std::fs::write(folder.path().join("base.redb"), "not a base").unwrap();
    let error = refused(&StoreSettings::new(folder.path()));
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn after_a_graceful_end_there_is_nothing_to_replay() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1 << 20);
    write(&store, 0, 0).await.unwrap();
    store.close().await;
    write(&store, 0, 1).await.unwrap_err();
    drop(store);
    let logged: u64 = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_name().to_str().unwrap().starts_with("log-"))
        .map(|entry| entry.metadata().unwrap().len())
        .sum();
    assert_eq!(logged, 36, "one header");
    assert_eq!(count(&open(folder.path(), 1 << 20), 0), 1);
}
