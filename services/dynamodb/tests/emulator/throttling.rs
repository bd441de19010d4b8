//! Throughput that runs out where the settings ask for it.

use std::time::Duration;

use super::*;

async fn emulator(throttles: bool, units: ProvisionedThroughput) -> Emulator {
    let emulator = Emulator::with(Options { throttles, ..Options::default() }, |_| Vec::new());
    let input = CreateTableInput { billing_mode: None, provisioned_throughput: Some(units), ..table() };
    emulator.call::<CreateTable>(input).await.unwrap();
    emulator
}

fn put(sort: i64) -> PutItemInput {
    let item = map([("pk", s("a")), ("sk", n(sort)), ("text", s(&"x".repeat(100_000)))]);
    PutItemInput { table_name: "things".into(), item, ..Default::default() }
}

const UNITS: ProvisionedThroughput =
    ProvisionedThroughput { read_capacity_units: 1, write_capacity_units: 1 };

/// A table keeps five minutes' worth of what it does not use, and an item of 100 KB takes 98 units.
#[tokio::test]
async fn what_is_used_up_comes_back() {
    let emulator = emulator(true, UNITS).await;
    for sort in 0..4 {
        emulator.call::<PutItem>(put(sort)).await.unwrap();
    }
    let refused = emulator.call::<PutItem>(put(4)).await.unwrap_err();
    assert_eq!(refused.code(), "ProvisionedThroughputExceededException");
    assert!(
        refused.message().starts_with("The level of configured provisioned throughput for the table was")
    );
    // Reads have units of their own.
    assert!(emulator.get(map([("pk", s("a")), ("sk", n(0))])).await.is_some());
    let write = TransactWriteItemsInput {
        transact_items: vec![TransactWriteItem {
            put: Some(Put { table_name: "things".into(), item: put(5).item, ..Default::default() }),
            ..Default::default()
        }],
        ..Default::default()
    };
    let cancelled = refusal(emulator.call::<TransactWriteItems>(write).await);
    assert!(cancelled.contains("[ProvisionedThroughputExceeded]"), "{cancelled}");
    emulator.cx.clock.advance(Duration::from_secs(100));
    emulator.call::<PutItem>(put(4)).await.unwrap();
}

#[tokio::test]
async fn batches_leave_what_there_are_no_units_for() {
    let emulator = emulator(true, UNITS).await;
    let other = CreateTableInput { table_name: "other".into(), ..table() };
    emulator.call::<CreateTable>(other).await.unwrap();
    for sort in 0..4 {
        emulator.call::<PutItem>(put(sort)).await.unwrap();
    }
    let request =
        || vec![WriteRequest { put_request: Some(PutRequest { item: put(9).item }), delete_request: None }];
    let both = [("things".to_owned(), request()), ("other".to_owned(), request())];
    let input = |tables: usize| BatchWriteItemInput {
        request_items: both.iter().take(tables).cloned().collect(),
        ..Default::default()
    };
    let rest = emulator.call::<BatchWriteItem>(input(2)).await.unwrap().unprocessed_items.unwrap();
    assert_eq!(rest.keys().collect::<Vec<_>>(), ["things"]);
    let alone = refusal(emulator.call::<BatchWriteItem>(input(1)).await);
    assert!(alone.starts_with("ProvisionedThroughputExceededException"), "{alone}");
}

#[tokio::test]
async fn nothing_runs_out_unless_the_settings_ask_for_it() {
    let emulator = emulator(false, UNITS).await;
    for sort in 0..20 {
        emulator.call::<PutItem>(put(sort)).await.unwrap();
    }
}

#[tokio::test]
async fn tables_paid_by_request_have_the_most_that_was_set() {
    let emulator = Emulator::with(Options { throttles: true, ..Options::default() }, |_| Vec::new());
    let most = OnDemandThroughput { max_read_request_units: None, max_write_request_units: Some(1) };
    emulator
        .call::<CreateTable>(CreateTableInput { on_demand_throughput: Some(most), ..table() })
        .await
        .unwrap();
    for sort in 0..4 {
        emulator.call::<PutItem>(put(sort)).await.unwrap();
    }
    let refused = refusal(emulator.call::<PutItem>(put(4)).await);
    assert!(refused.starts_with("ThrottlingException: Throughput exceeds the maximum"), "{refused}");
}
