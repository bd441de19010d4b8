//! A first walk through the interface.

use kernel::{Clock, Fault, Ids, Scope};
use serde::{Deserialize, Serialize};
use store::{Store, Table};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Queue {
    delay: u32,
}

struct MessageKey {
    queue: String,
    number: u64,
}

store::key_struct!(MessageKey { queue: String, number: u64 });

static QUEUES: Table<String, Queue> = Table::regional("test.queues");
static MESSAGES: Table<MessageKey, String> = Table::regional("test.messages");
static OBJECTS: Table<(String, String), u64> = Table::account("test.objects");

#[tokio::test]
async fn rows_are_found_by_key_prefix_and_beginning() -> Result<(), Fault> {
    let store = Store::memory(Clock::real(), Ids::random());
    let scope = Scope::default();
    let other = Scope::new("111111111111", "eu-west-1");
    let spawned = tokio::spawn({
        let (store, scope, other) = (store.clone(), scope.clone(), other.clone());
        async move {
            store
                .write(&scope, |tx| {
                    tx.put(&QUEUES, "orders", &Queue { delay: 1 })?;
                    for number in 0..5 {
                        let key = MessageKey { queue: "orders".into(), number };
                        tx.put(&MESSAGES, &key, &format!("message {number}"))?;
                    }
                    tx.put(&OBJECTS, &("bucket", "photos/cat"), &1)?;
                    tx.put(&OBJECTS, &("bucket", "zebra"), &2)?;
                    tx.in_scope(&other).put(&QUEUES, "orders", &Queue { delay: 2 })?;
                    assert!(tx.delete(&MESSAGES, &MessageKey { queue: "orders".into(), number: 3 })?);
                    assert_eq!(tx.prefix(&MESSAGES, &("orders",)).count(), 4);
                    tx.emit("made", "a queue")
                })
                .await
        }
    });
    spawned.await.unwrap()?;
    store.read(&scope, |tx| {
        assert_eq!(tx.get(&QUEUES, "orders")?, Some(Queue { delay: 1 }));
        assert!(!tx.contains(&QUEUES, "order")?);
        let numbers: Result<Vec<_>, Fault> = tx.prefix(&MESSAGES, &("orders",)).rev().keys_of().collect();
        assert_eq!(numbers?, [4, 2, 1, 0]);
        let found: Result<Vec<_>, _> = tx.starting_with(&OBJECTS, &("bucket", "photos/")).collect();
        assert_eq!(found?, [(("bucket".to_owned(), "photos/cat".to_owned()), 1)]);
        assert_eq!(tx.starting_with(&QUEUES, "or").count(), 1);
        assert_eq!(tx.range(&QUEUES, "a".to_owned()..).count(), 1);
        let scopes: Result<Vec<_>, Fault> = tx.everywhere(&QUEUES).map(|row| Ok(row?.0)).collect();
        assert_eq!(scopes?, [scope.clone(), other.clone()]);
        Ok::<_, Fault>(())
    })?;
    let pending = store.outbox().pending(None, 10)?;
    assert_eq!((pending[0].seq, pending[0].decode::<String>()?), (1, "a queue".to_owned()));
    Ok(())
}

trait Numbers: Iterator<Item = Result<(MessageKey, String), Fault>> + Sized {
    fn keys_of(self) -> impl Iterator<Item = Result<u64, Fault>> {
        self.map(|row| row.map(|(key, _)| key.number))
    }
}

impl<I: Iterator<Item = Result<(MessageKey, String), Fault>>> Numbers for I {}
