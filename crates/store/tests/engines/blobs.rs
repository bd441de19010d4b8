//! Blobs: streaming, atomic publishing, and their tie to commits.

use kernel::{Fault, Scope};
use store::{BlobRef, Store};

use crate::{Subject, on_every_engine};

on_every_engine!(
    a_dropped_blob_is_gone_after_the_commit,
    a_damaged_blob_fails_when_read_whole,
    blobs_come_back_whole_and_in_ranges,
    held_blobs_go_with_their_last_reader,
    only_kept_blobs_outlive_the_process,
    unfinished_blobs_leave_nothing,
);

const LIMIT: usize = 10 << 20;

async fn blob(store: &Store, content: &[u8]) -> BlobRef {
    let mut writer = store.blobs().create().await.unwrap();
    for part in content.chunks(50_000) {
        writer.write(part.to_vec()).await.unwrap();
    }
    writer.finish().await.unwrap()
}

async fn keep(store: &Store, blob: &BlobRef) {
    let kept: Result<(), Fault> = store.write(&Scope::default(), |tx| tx.keep_blob(&blob.id)).await;
    kept.unwrap();
}

fn content() -> Vec<u8> {
    (0..1_000_000_u32).map(|n| (n % 251) as u8).collect()
}

async fn blobs_come_back_whole_and_in_ranges(subject: Subject) {
    let blobs = subject.store.blobs();
    for content in [content(), b"small".to_vec(), Vec::new()] {
        let blob = blob(&subject.store, &content).await;
        assert_eq!(blob.length, content.len() as u64);
        for _ in 0..2 {
            let stream = blobs.read(&blob.id, None).await.unwrap();
            assert_eq!(stream.length(), Some(blob.length));
            assert_eq!(stream.collect(LIMIT).await.unwrap(), content);
            keep(&subject.store, &blob).await;
        }
        let part = blobs.read(&blob.id, Some(2..200_000)).await.unwrap().collect(LIMIT).await.unwrap();
        assert_eq!(part, content.get(2..content.len().min(200_000)).unwrap_or_default());
    }
}

async fn only_kept_blobs_outlive_the_process(subject: Subject) {
    let (kept, left) = (blob(&subject.store, b"kept").await, blob(&subject.store, b"left").await);
    keep(&subject.store, &kept).await;
    let Some(again) = subject.reopen() else { return };
    let blobs = again.store.blobs();
    assert_eq!(blobs.read(&kept.id, None).await.unwrap().collect(LIMIT).await.unwrap(), "kept");
    assert_eq!(std::fs::read(blobs.path(&kept.id).unwrap()).unwrap(), b"kept");
    assert!(blobs.read(&left.id, None).await.is_err());
}

async fn held_blobs_go_with_their_last_reader(subject: Subject) {
    let blobs = subject.store.blobs();
    let (first, second) = (blob(&subject.store, b"first").await, blob(&subject.store, b"second").await);
    keep(&subject.store, &first).await;
    keep(&subject.store, &second).await;
    let one = blobs.hold(vec![second.id.clone()]).unwrap();
    let other = blobs.hold(vec![second.id.clone()]).unwrap();
    let dropped: Result<(), Fault> = subject
        .store
        .write(&Scope::default(), |tx| {
            tx.drop_blob(&first.id)?;
            tx.drop_blob(&second.id)
        })
        .await;
    dropped.unwrap();
    assert!(blobs.read(&first.id, None).await.is_err());
    drop(one);
    assert_eq!(blobs.read(&second.id, None).await.unwrap().collect(LIMIT).await.unwrap(), "second");
    drop(other);
    // Files go in a thread where removing them may take its time.
    while blobs.read(&second.id, None).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

async fn a_dropped_blob_is_gone_after_the_commit(subject: Subject) {
    let blob = blob(&subject.store, b"content").await;
    keep(&subject.store, &blob).await;
    let refused: Result<(), Fault> = subject
        .store
        .write(&Scope::default(), |tx| {
            tx.drop_blob(&blob.id)?;
            Err(Fault::client("Refused", "no"))
        })
        .await;
    refused.unwrap_err();
    let reading = subject.store.blobs().read(&blob.id, None).await.unwrap();
    let dropped: Result<(), Fault> =
        subject.store.write(&Scope::default(), |tx| tx.drop_blob(&blob.id)).await;
    dropped.unwrap();
    assert!(subject.store.blobs().read(&blob.id, None).await.is_err());
    assert_eq!(reading.collect(LIMIT).await.unwrap(), "content", "who was reading reads on");
}

async fn a_damaged_blob_fails_when_read_whole(subject: Subject) {
    let blob = blob(&subject.store, &content()).await;
    let Some(path) = subject.store.blobs().path(&blob.id) else { return };
    let mut bytes = content();
    bytes[500_000] ^= 1;
    std::fs::write(path, bytes).unwrap();
    let stream = subject.store.blobs().read(&blob.id, None).await.unwrap();
    assert!(stream.collect(LIMIT).await.is_err());
}

async fn unfinished_blobs_leave_nothing(subject: Subject) {
    let mut writer = subject.store.blobs().create().await.unwrap();
    // More than is gathered before the disk is bothered.
    for _ in 0..2 {
        writer.write(content()).await.unwrap();
    }
    let finished = blob(&subject.store, b"x").await;
    let Some(path) = subject.store.blobs().path(&finished.id) else { return };
    let temp = path.parent().unwrap().parent().unwrap().join("temp");
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 1);
    drop(writer);
    assert_eq!(std::fs::read_dir(&temp).unwrap().count(), 0);
}
