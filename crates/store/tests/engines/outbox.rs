//! The outbox: order, retries, and what outlives the process.

use kernel::{Fault, Scope, Timestamp};

use crate::{Subject, on_every_engine};

on_every_engine!(events_wait_in_order_until_done, numbers_are_never_given_twice);

async fn emit(subject: &Subject, text: &str) {
    let emitted: Result<(), Fault> =
        subject.store.write(&Scope::new("1", "a"), |tx| tx.emit("said", text)).await;
    emitted.unwrap();
}

async fn events_wait_in_order_until_done(subject: Subject) {
    let outbox = subject.store.outbox();
    let changed = outbox.changed();
    for text in ["one", "two", "three"] {
        emit(&subject, text).await;
    }
    assert!(changed.has_changed().unwrap());
    let pending = outbox.pending(None, 10).unwrap();
    let texts: Vec<String> = pending.iter().map(|event| event.decode().unwrap()).collect();
    assert_eq!(texts, ["one", "two", "three"]);
    assert_eq!((&*pending[0].kind, &pending[0].scope), ("said", &Scope::new("1", "a")));
    outbox.done(&[pending[1].seq]).await.unwrap();
    outbox.retry_at(pending[2].seq, Timestamp::UNIX_EPOCH, 2).await.unwrap();
    let behind = outbox.pending(Some(pending[0].seq), 10).unwrap();
    assert_eq!(behind.len(), 1);
    assert_eq!((behind[0].attempts, behind[0].retry_at), (2, Some(Timestamp::UNIX_EPOCH)));
    assert_eq!(outbox.pending(None, 1).unwrap().len(), 1);
}

async fn numbers_are_never_given_twice(subject: Subject) {
    emit(&subject, "one").await;
    let first = subject.store.outbox().pending(None, 1).unwrap()[0].seq;
    subject.store.outbox().done(&[first]).await.unwrap();
    let Some(subject) = subject.reopen() else { return };
    emit(&subject, "two").await;
    assert_eq!(subject.store.outbox().pending(None, 1).unwrap()[0].seq, first + 1);
}
