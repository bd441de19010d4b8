//! Snapshots go from any engine to any engine.

use kernel::{Fault, Scope};
use store::{BlobId, Durability, Table};

use crate::{Subject, on_every_engine};

on_every_engine!(a_snapshot_loads_into_every_engine, a_damaged_snapshot_changes_nothing);

static ROWS: Table<u64, String> = Table::regional("test.snapshot");
static BLOBS: Table<u64, BlobId> = Table::regional("test.snapshot.blobs");

async fn fill(subject: &Subject) {
    let mut writer = subject.store.blobs().create().await.unwrap();
    writer.write("content").await.unwrap();
    let blob = writer.finish().await.unwrap();
    let filled: Result<(), Fault> = subject
        .store
        .write(&Scope::default(), |tx| {
            (0..3000_u64).try_for_each(|key| tx.put(&ROWS, &key, &key.to_string()))?;
            tx.put(&BLOBS, &1_u64, &blob.id)?;
            tx.keep_blob(&blob.id)?;
            tx.emit("filled", &1)
        })
        .await;
    filled.unwrap();
}

fn count(subject: &Subject) -> usize {
    subject.store.read::<_, Fault>(&Scope::default(), |tx| Ok(tx.keys(&ROWS).count())).unwrap()
}

async fn a_snapshot_loads_into_every_engine(subject: Subject) {
    let folder = tempfile::tempdir().unwrap();
    fill(&subject).await;
    subject.store.snapshot_to(folder.path()).await.unwrap();
    subject.store.snapshot_to(folder.path()).await.unwrap_err();
    for target in [Subject::memory(), Subject::disk(Durability::Relaxed), Subject::disk(Durability::Strict)] {
        let stale: Result<(), Fault> =
            target.store.write(&Scope::default(), |tx| tx.put(&ROWS, &9_999_u64, &"stale".to_owned())).await;
        stale.unwrap();
        target.store.load_from(folder.path()).await.unwrap();
        assert_eq!(count(&target), 3000);
        assert_eq!(target.store.outbox().pending(None, 5).unwrap().len(), 1);
        let id =
            target.store.read::<_, Fault>(&Scope::default(), |tx| tx.get(&BLOBS, &1_u64)).unwrap().unwrap();
        let content = target.store.blobs().read(&id, None).await.unwrap().collect(100).await.unwrap();
        assert_eq!(content, "content");
    }
}

async fn a_damaged_snapshot_changes_nothing(subject: Subject) {
    let folder = tempfile::tempdir().unwrap();
    fill(&subject).await;
    subject.store.snapshot_to(folder.path()).await.unwrap();
    let path = folder.path().join("rows");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[5000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    subject.store.load_from(folder.path()).await.unwrap_err();
    assert_eq!(count(&subject), 3000);
}
