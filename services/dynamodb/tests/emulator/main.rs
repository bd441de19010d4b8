//! The service as callers see it, through the handlers alone.
#![allow(missing_docs, clippy::new_without_default, clippy::unwrap_used, reason = "tests")]

mod account;
mod backups;
mod batches;
mod capacity;
mod expiry;
mod expressions;
mod global_tables;
mod indexes;
mod items;
mod kinesis;
mod model;
mod partiql;
mod replicas;
mod sentences;
mod streams;
mod tables;
mod throttling;
mod transactions;
mod transfers;
mod whole_model;

use api_dynamodb::*;
use kernel::{Calls, Clock, Context, Fault, Ids, Map, Operation, Scope, Timestamp};
use service_dynamodb::Options;
use store::Store;

/// An emulator of its own, at a standing clock.
pub struct Emulator {
    pub cx: Context,
    store: Store,
    options: Options,
}

pub type Attributes = Map<String, AttributeValue>;

impl Emulator {
    pub fn new() -> Self {
        Self::beside(Vec::new())
    }

    /// An emulator with other services beside DynamoDB.
    pub fn beside(others: Vec<kernel::Service>) -> Self {
        Self::with(Options::default(), |_| others)
    }

    /// An emulator with what was chosen, and other services that keep their rows in its store.
    pub fn with(options: Options, others: impl FnOnce(&Store) -> Vec<kernel::Service>) -> Self {
        let (clock, ids) = (Clock::frozen_at(Timestamp::UNIX_EPOCH), Ids::seeded(1));
        let store = Store::memory(clock.clone(), ids.clone());
        let others = others(&store);
        let calls = Calls::default();
        calls.register(services(&store, &options).into_iter().chain(others).collect());
        let (caller, request) = Default::default();
        Self { cx: Context { scope: Scope::default(), caller, request, clock, ids, calls }, store, options }
    }

    /// Lets time pass, and whatever is due happen.
    pub async fn pass(&self, time: std::time::Duration) {
        self.cx.clock.advance(time);
        for service in services(&self.store, &self.options) {
            for worker in &service.workers {
                worker.run(&self.cx).await.unwrap();
            }
        }
    }

    /// Lets the consumers have the events that wait.
    pub async fn deliver(&self) {
        for event in self.store.outbox().pending(None, 100).unwrap() {
            for service in services(&self.store, &self.options) {
                for consumer in service.consumers.iter().filter(|consumer| consumer.kind() == event.kind) {
                    let done = consumer.consume(&self.cx, event.payload(), 1).await;
                    assert!(matches!(done, kernel::work::Consumed::Done), "{done:?}");
                }
            }
            self.store.outbox().done(&[event.seq]).await.unwrap();
        }
    }

    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, Fault> {
        self.cx.call::<O>(input).await
    }

    /// A table `things` with a partition key `pk` (a string) and a sort key `sk` (a number).
    pub async fn with_table() -> Self {
        let emulator = Self::new();
        emulator.call::<CreateTable>(table()).await.unwrap();
        emulator
    }

    pub async fn put(&self, item: Attributes) {
        self.call::<PutItem>(PutItemInput { table_name: "things".into(), item, ..Default::default() })
            .await
            .unwrap();
    }

    pub async fn get(&self, key: Attributes) -> Option<Attributes> {
        let input = GetItemInput { table_name: "things".into(), key, ..Default::default() };
        self.call::<GetItem>(input).await.unwrap().item
    }
}

fn services(store: &Store, options: &Options) -> Vec<kernel::Service> {
    vec![service_dynamodb::service(store, options.clone()), service_dynamodb::streams(store)]
}

pub fn table() -> CreateTableInput {
    CreateTableInput {
        table_name: "things".into(),
        attribute_definitions: Some(vec![definition("pk", "S"), definition("sk", "N")]),
        key_schema: Some(key(&["pk", "sk"])),
        billing_mode: Some(BillingMode::PayPerRequest),
        ..Default::default()
    }
}

pub fn definition(name: &str, kind: &str) -> AttributeDefinition {
    AttributeDefinition { attribute_name: name.into(), attribute_type: kind.into() }
}

pub fn key(names: &[&str]) -> Vec<KeySchemaElement> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let element =
        |(name, key_type): (&&str, _)| KeySchemaElement { attribute_name: (*name).into(), key_type };
    names.iter().zip(kinds).map(element).collect()
}

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn map<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Attributes {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub fn names<const N: usize>(pairs: [(&str, &str); N]) -> Option<Map<String, String>> {
    Some(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The code and sentence of an error.
pub fn refusal<T>(result: Result<T, Fault>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(fault) => format!("{}: {}", fault.code(), fault.message()),
    }
}
