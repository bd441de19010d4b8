//! Measures what a put and a get cost in the handlers alone: `cargo run --release --example handlers`.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "it measures real time and prints it"
)]

use std::time::Instant;

use api_dynamodb::*;
use kernel::{Calls, Clock, Context, Fault, Ids, Map, Scope, Timestamp};
use service_dynamodb::Options;
use store::Store;

const ROUNDS: u32 = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let (clock, ids) = (Clock::frozen_at(Timestamp::UNIX_EPOCH), Ids::seeded(1));
    let store = Store::memory(clock.clone(), ids.clone());
    let calls = Calls::default();
    calls.register(vec![service_dynamodb::service(&store, Options::default())]);
    let (caller, request) = Default::default();
    let cx = Context { scope: Scope::default(), caller, request, clock, ids, calls };
    let table_name = || "orders".to_owned();
    let input = CreateTableInput {
        table_name: table_name(),
        attribute_definitions: Some(vec![AttributeDefinition {
            attribute_name: "pk".into(),
            attribute_type: ScalarAttributeType::S,
        }]),
        key_schema: Some(vec![KeySchemaElement { attribute_name: "pk".into(), key_type: KeyType::Hash }]),
        billing_mode: Some(BillingMode::PayPerRequest),
        ..Default::default()
    };
    cx.call::<CreateTable>(input).await?;

    let start = Instant::now();
    for round in 0..ROUNDS {
        cx.call::<PutItem>(PutItemInput {
            table_name: table_name(),
            item: item(round),
            ..Default::default()
        })
        .await?;
    }
    println!("put {:?}", start.elapsed() / ROUNDS);
    let start = Instant::now();
    for round in 0..ROUNDS {
        let key = Map::from_iter([key(round)]);
        cx.call::<GetItem>(GetItemInput { table_name: table_name(), key, ..Default::default() }).await?;
    }
    println!("get {:?}", start.elapsed() / ROUNDS);
    Ok(())
}

fn key(round: u32) -> (String, AttributeValue) {
    ("pk".to_owned(), AttributeValue::S(format!("order-{}", round % 10_000)))
}

fn item(round: u32) -> Map<String, AttributeValue> {
    let attributes =
        (0..8).map(|at| (format!("attribute{at}"), AttributeValue::S("a text of some length".into())));
    let total = ("total".to_owned(), AttributeValue::N(round.to_string()));
    attributes.chain([key(round), total]).collect()
}
