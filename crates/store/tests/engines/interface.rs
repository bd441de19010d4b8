//! Each call of the interface, once.

use kernel::{Fault, Scope};
use serde::{Deserialize, Serialize};
use store::Table;

use crate::{Subject, on_every_engine};

on_every_engine!(
    a_failing_closure_writes_nothing,
    added_fields_leave_old_rows_readable,
    reset_forgets_everything,
    rows_are_found_by_key_prefix_and_beginning,
    scopes_are_apart,
    writes_are_seen_at_once_by_their_transaction,
);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Queue {
    delay: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct MessageKey {
    queue: String,
    number: u64,
}

struct QueueName(String);

store::key_struct!(MessageKey { queue: String, number: u64 });
store::key_newtype!(QueueName(String));

static QUEUES: Table<String, Queue> = Table::regional("test.queues");
static NAMED: Table<QueueName, u8> = Table::global("test.named");
static MESSAGES: Table<MessageKey, String> = Table::regional("test.messages");
static OBJECTS: Table<(String, String), u64> = Table::account("test.objects");

fn message(queue: &str, number: u64) -> MessageKey {
    MessageKey { queue: queue.to_owned(), number }
}

async fn rows_are_found_by_key_prefix_and_beginning(subject: Subject) {
    let scope = Scope::default();
    let filled: Result<(), Fault> = subject
        .store
        .write(&scope, |tx| {
            for number in 0..5 {
                tx.put(&MESSAGES, &message("orders", number), &format!("message {number}"))?;
                tx.put(&MESSAGES, &message("orders2", number), &"other".to_owned())?;
            }
            tx.put(&OBJECTS, &("bucket", "photos/cat"), &1)?;
            tx.put(&OBJECTS, &("bucket", "zebra"), &2)?;
            tx.put(&NAMED, &QueueName("a".to_owned()), &1)
        })
        .await;
    filled.unwrap();
    let looked: Result<(), Fault> = subject.store.read(&scope, |tx| {
        let numbers = |keys: Vec<Result<MessageKey, Fault>>| -> Vec<u64> {
            keys.into_iter().map(|key| key.unwrap().number).collect()
        };
        assert_eq!(numbers(tx.prefix(&MESSAGES, &("orders",)).keys().rev().collect()), [4, 3, 2, 1, 0]);
        let page =
            tx.prefix(&MESSAGES, &("orders",)).after(&message("orders", 1)).before(&message("orders", 4));
        assert_eq!(numbers(page.keys().collect()), [2, 3]);
        let beyond = tx.prefix(&MESSAGES, &("orders",)).after(&message("orders2", 0));
        assert_eq!(beyond.count(), 0);
        let whole = tx.range(&MESSAGES, message("orders", 3)..=message("orders2", 0));
        assert_eq!(numbers(whole.keys().collect()), [3, 4, 0]);
        let found: Result<Vec<_>, _> = tx.starting_with(&OBJECTS, &("bucket", "photos/")).collect();
        assert_eq!(found?, [(("bucket".to_owned(), "photos/cat".to_owned()), 1)]);
        assert_eq!(tx.starting_with(&NAMED, "a").count(), 1);
        assert_eq!(tx.range(&QUEUES, "b".to_owned().."a".to_owned()).count(), 0);
        assert_eq!(tx.prefix(&MESSAGES, &("orders",)).nth(3).unwrap()?.0.number, 3);
        Ok(())
    });
    looked.unwrap();
}

async fn scopes_are_apart(subject: Subject) {
    let scopes = [Scope::new("1", "a"), Scope::new("1", "b"), Scope::new("2", "a")];
    let filled: Result<(), Fault> = subject
        .store
        .write(&scopes[0], |tx| {
            for (delay, scope) in (0..).zip(&scopes) {
                let mut tx = tx.in_scope(scope);
                tx.put(&QUEUES, "orders", &Queue { delay })?;
                tx.put(&OBJECTS, &("bucket", "object"), &u64::from(delay))?;
            }
            assert_eq!(tx.in_scope(&scopes[2]).get(&QUEUES, "orders")?, Some(Queue { delay: 2 }));
            assert!(tx.in_scope(&scopes[1]).delete(&QUEUES, "orders")?);
            Ok(())
        })
        .await;
    filled.unwrap();
    let looked: Result<(), Fault> = subject.store.read(&scopes[0], |tx| {
        assert_eq!(tx.get(&QUEUES, "orders")?, Some(Queue { delay: 0 }));
        assert_eq!(tx.in_scope(&scopes[1]).get(&QUEUES, "orders")?, None);
        assert_eq!(tx.get(&OBJECTS, &("bucket", "object"))?, Some(1), "regions share what is an account's");
        let found: Result<Vec<_>, Fault> = tx.everywhere(&QUEUES).map(|row| Ok(row?.0)).collect();
        assert_eq!(found?, [scopes[0].clone(), scopes[2].clone()]);
        Ok(())
    });
    looked.unwrap();
}

async fn writes_are_seen_at_once_by_their_transaction(subject: Subject) {
    let scope = Scope::default();
    let queue = Queue { delay: 1 };
    let done: Result<(), Fault> = subject
        .store
        .write(&scope, |tx| {
            assert!(!tx.delete(&QUEUES, "a")?);
            tx.put(&QUEUES, "a", &queue)?;
            tx.put(&QUEUES, "b", &queue)?;
            assert!(tx.contains(&QUEUES, "a")?);
            assert!(tx.delete(&QUEUES, "a")?);
            assert!(!tx.contains(&QUEUES, "a")?);
            let keys: Result<Vec<_>, _> = tx.keys(&QUEUES).collect();
            assert_eq!(keys?, ["b"]);
            Ok(())
        })
        .await;
    done.unwrap();
}

async fn a_failing_closure_writes_nothing(subject: Subject) {
    let scope = Scope::default();
    let failed: Result<(), Fault> = subject
        .store
        .write(&scope, |tx| {
            tx.put(&QUEUES, "a", &Queue { delay: 1 })?;
            tx.emit("never", &1)?;
            Err(Fault::client("Refused", "no"))
        })
        .await;
    assert_eq!(failed.unwrap_err().code(), "Refused");
    assert!(!subject.store.read::<_, Fault>(&scope, |tx| tx.contains(&QUEUES, "a")).unwrap());
    assert!(subject.store.outbox().pending(None, 1).unwrap().is_empty());
}

async fn added_fields_leave_old_rows_readable(subject: Subject) {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Newer {
        delay: u32,
        #[serde(default)]
        label: Option<String>,
    }
    static NEWER: Table<String, Newer> = Table::regional("test.queues");
    let scope = Scope::default();
    let put: Result<(), Fault> =
        subject.store.write(&scope, |tx| tx.put(&QUEUES, "a", &Queue { delay: 3 })).await;
    put.unwrap();
    let row = subject.store.read::<_, Fault>(&scope, |tx| tx.get(&NEWER, "a")).unwrap();
    assert_eq!(row, Some(Newer { delay: 3, label: None }));
}

async fn reset_forgets_everything(subject: Subject) {
    let scope = Scope::default();
    for round in 0..3 {
        for number in 0..200 {
            let put: Result<(), Fault> = subject
                .store
                .write(&scope, |tx| tx.put(&MESSAGES, &message("a", number), &"x".repeat(300)))
                .await;
            put.unwrap();
        }
        subject.store.reset().await.unwrap();
        let left = subject.store.read::<_, Fault>(&scope, |tx| Ok(tx.keys(&MESSAGES).count())).unwrap();
        assert_eq!(left, 0, "in round {round}");
    }
    if let Some(again) = subject.reopen() {
        assert_eq!(again.store.read::<_, Fault>(&scope, |tx| Ok(tx.keys(&MESSAGES).count())).unwrap(), 0);
    }
}
