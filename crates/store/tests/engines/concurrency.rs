//! Many tasks at once: nothing is lost, and readers keep what they saw.

use kernel::{Fault, Scope};
use store::{Store, Table};

use crate::{Subject, on_every_engine};

on_every_engine!(counting_at_once_loses_nothing, readers_keep_their_snapshot, totals_hold_for_every_reader);

static COUNTERS: Table<u64, u64> = Table::regional("test.counters");

async fn add(store: &Store, from: u64, to: u64) {
    let moved: Result<(), Fault> = store
        .write(&Scope::default(), |tx| {
            let (less, more) =
                (tx.get(&COUNTERS, &from)?.unwrap_or(1000), tx.get(&COUNTERS, &to)?.unwrap_or(1000));
            tx.put(&COUNTERS, &from, &(less - 1))?;
            tx.put(&COUNTERS, &to, &(more + 1))
        })
        .await;
    moved.unwrap();
}

async fn counting_at_once_loses_nothing(subject: Subject) {
    let tasks = (0..20).map(|_| {
        let store = subject.store.clone();
        tokio::spawn(async move {
            for _ in 0..50 {
                let counted: Result<(), Fault> = store
                    .write(&Scope::default(), |tx| {
                        let count = tx.get(&COUNTERS, &0_u64)?.unwrap_or(0);
                        tx.put(&COUNTERS, &0_u64, &(count + 1))
                    })
                    .await;
                counted.unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let count =
        |store: &Store| store.read::<_, Fault>(&Scope::default(), |tx| tx.get(&COUNTERS, &0_u64)).unwrap();
    assert_eq!(count(&subject.store), Some(1000));
    if let Some(again) = subject.reopen() {
        assert_eq!(count(&again.store), Some(1000));
    }
}

async fn totals_hold_for_every_reader(subject: Subject) {
    let prepared: Result<(), Fault> = subject
        .store
        .write(&Scope::default(), |tx| (0..10_u64).try_for_each(|key| tx.put(&COUNTERS, &key, &1000)))
        .await;
    prepared.unwrap();
    let writer = tokio::spawn({
        let store = subject.store.clone();
        async move {
            for round in 0..300 {
                add(&store, round % 10, (round + 3) % 10).await;
            }
        }
    });
    while !writer.is_finished() {
        let total: Result<u64, Fault> = subject.store.read(&Scope::default(), |tx| {
            tx.range(&COUNTERS, ..).map(|row| row.map(|(_, count)| count)).sum()
        });
        assert_eq!(total.unwrap(), 10_000);
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
}

async fn readers_keep_their_snapshot(subject: Subject) {
    add(&subject.store, 1, 2).await;
    let handle = tokio::runtime::Handle::current();
    let read: Result<(), Fault> = subject.store.read(&Scope::default(), |tx| {
        let mut rows = tx.range(&COUNTERS, ..);
        assert_eq!(rows.next().unwrap()?, (1, 999));
        let store = subject.store.clone();
        // Enough for several checkpoints while the reader is still there.
        let writes = handle.spawn(async move {
            for _ in 0..500 {
                add(&store, 2, 3).await;
            }
        });
        tokio::task::block_in_place(|| handle.block_on(writes)).unwrap();
        assert_eq!(rows.next().unwrap()?, (2, 1001));
        assert!(rows.next().is_none());
        assert_eq!(tx.get(&COUNTERS, &3_u64)?, None);
        Ok(())
    });
    read.unwrap();
}
