//! What operations consume, and the sizes of item collections.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html> and
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html#LSI.ThroughputConsiderations>

use super::*;

/// A table with a local index by `l` and a global one by `g`, both of keys only.
async fn indexed() -> Emulator {
    let emulator = Emulator::new();
    let mut input = table();
    input.attribute_definitions.as_mut().unwrap().extend([definition("g", "S"), definition("l", "N")]);
    let projection =
        || Projection { projection_type: Some(ProjectionType::KeysOnly), non_key_attributes: None };
    input.local_secondary_indexes = Some(vec![LocalSecondaryIndex {
        index_name: "by-l".into(),
        key_schema: key(&["pk", "l"]),
        projection: projection(),
    }]);
    input.global_secondary_indexes = Some(vec![GlobalSecondaryIndex {
        index_name: "by-g".into(),
        key_schema: key(&["g"]),
        projection: projection(),
        ..Default::default()
    }]);
    emulator.call::<CreateTable>(input).await.unwrap();
    emulator
}

/// The units of the whole, the table, the local index and the global index.
fn units(consumed: Option<ConsumedCapacity>) -> [Option<f64>; 4] {
    let consumed = consumed.unwrap();
    let of =
        |indexes: &Option<Map<String, Capacity>>, name: &str| indexes.as_ref()?.get(name)?.capacity_units;
    [
        consumed.capacity_units,
        consumed.table.as_ref().and_then(|table| table.capacity_units),
        of(&consumed.local_secondary_indexes, "by-l"),
        of(&consumed.global_secondary_indexes, "by-g"),
    ]
}

fn item(more: &[(&str, AttributeValue)]) -> Attributes {
    let mut item = map([("pk", s("a")), ("sk", n(1))]);
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    item
}

const INDEXES: Option<ReturnConsumedCapacity> = Some(ReturnConsumedCapacity::Indexes);

#[tokio::test]
async fn writes_consume_where_something_changes() {
    let emulator = indexed().await;
    let put = async |item: Attributes| {
        let input = PutItemInput {
            table_name: "things".into(),
            item,
            return_consumed_capacity: INDEXES,
            return_item_collection_metrics: Some(ReturnItemCollectionMetrics::Size),
            ..Default::default()
        };
        emulator.call::<PutItem>(input).await.unwrap()
    };
    let large = s(&"x".repeat(1500));
    let answer = put(item(&[("g", s("1")), ("l", n(1)), ("x", large.clone())])).await;
    let key = answer.item_collection_metrics.unwrap().item_collection_key.unwrap();
    assert_eq!(key, map([("pk", s("a"))]));
    assert_eq!(units(answer.consumed_capacity), [Some(4.0), Some(2.0), Some(1.0), Some(1.0)]);
    // The entries stay as they are.
    let answer = put(item(&[("g", s("1")), ("l", n(1)), ("x", n(1))])).await;
    assert_eq!(units(answer.consumed_capacity), [Some(2.0), Some(2.0), None, None]);
    // One entry moves, which is a delete and a put; the other goes.
    let answer = put(item(&[("g", s("2"))])).await;
    assert_eq!(units(answer.consumed_capacity), [Some(4.0), Some(1.0), Some(1.0), Some(2.0)]);
    let input = DeleteItemInput {
        table_name: "things".into(),
        key: map([("pk", s("none")), ("sk", n(1))]),
        return_consumed_capacity: INDEXES,
        ..Default::default()
    };
    let answer = emulator.call::<DeleteItem>(input).await.unwrap();
    assert_eq!(units(answer.consumed_capacity), [Some(1.0), Some(1.0), None, None]);
}

#[tokio::test]
async fn transactions_consume_twice_as_much() {
    let emulator = indexed().await;
    let put = Put { table_name: "things".into(), item: item(&[("g", s("1"))]), ..Default::default() };
    let input = TransactWriteItemsInput {
        transact_items: vec![TransactWriteItem { put: Some(put), ..Default::default() }],
        return_consumed_capacity: INDEXES,
        ..Default::default()
    };
    let consumed =
        emulator.call::<TransactWriteItems>(input).await.unwrap().consumed_capacity.unwrap().remove(0);
    assert_eq!(consumed.write_capacity_units, Some(4.0));
    assert_eq!(units(Some(consumed)), [Some(4.0), Some(2.0), None, Some(2.0)]);
}

#[tokio::test]
async fn reads_consume_by_what_they_read() {
    let emulator = indexed().await;
    emulator.put(item(&[("g", s("1")), ("l", n(1)), ("x", s(&"x".repeat(5000)))])).await;
    let get = async |pk: &str, is_consistent| {
        let input = GetItemInput {
            table_name: "things".into(),
            key: map([("pk", s(pk)), ("sk", n(1))]),
            consistent_read: Some(is_consistent),
            return_consumed_capacity: INDEXES,
            ..Default::default()
        };
        units(emulator.call::<GetItem>(input).await.unwrap().consumed_capacity)
    };
    assert_eq!(get("a", false).await, [Some(1.0), Some(1.0), None, None]);
    assert_eq!(get("a", true).await, [Some(2.0), Some(2.0), None, None]);
    assert_eq!(get("none", false).await, [Some(0.5), Some(0.5), None, None]);
    let query = async |projection: Option<&str>| {
        let input = QueryInput {
            table_name: "things".into(),
            index_name: Some("by-l".into()),
            key_condition_expression: Some("pk = :p".into()),
            projection_expression: projection.map(str::to_owned),
            expression_attribute_values: Some(map([(":p", s("a"))])),
            return_consumed_capacity: INDEXES,
            ..Default::default()
        };
        units(emulator.call::<Query>(input).await.unwrap().consumed_capacity)
    };
    assert_eq!(query(None).await, [Some(0.5), Some(0.0), Some(0.5), None]);
    // What a local index lacks is fetched from the table.
    assert_eq!(query(Some("x")).await, [Some(1.5), Some(1.0), Some(0.5), None]);
}

#[tokio::test]
async fn item_collections_are_those_of_tables_with_local_indexes() {
    let emulator = Emulator::with_table().await;
    let input = PutItemInput {
        table_name: "things".into(),
        item: item(&[]),
        return_item_collection_metrics: Some(ReturnItemCollectionMetrics::Size),
        ..Default::default()
    };
    assert_eq!(emulator.call::<PutItem>(input).await.unwrap().item_collection_metrics, None);
}
