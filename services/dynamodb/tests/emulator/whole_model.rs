//! Random writes of every kind against a plain map, which the table, its indexes and its stream must agree with.

use std::collections::BTreeMap;

use api_dynamodbstreams as api;

use super::*;

type Key = (String, i64);
type Model = BTreeMap<Key, Attributes>;

const STEPS: usize = 1500;

/// A table with a sparse global index by `group` and `rank`, a local index by `rank`, and a stream of both images.
fn followed() -> CreateTableInput {
    let projection =
        |kind: ProjectionType| Projection { projection_type: Some(kind), non_key_attributes: None };
    CreateTableInput {
        attribute_definitions: Some(vec![
            definition("pk", "S"),
            definition("sk", "N"),
            definition("group", "S"),
            definition("rank", "N"),
        ]),
        global_secondary_indexes: Some(vec![GlobalSecondaryIndex {
            index_name: "by-group".into(),
            key_schema: key(&["group", "rank"]),
            projection: projection(ProjectionType::All),
            ..Default::default()
        }]),
        local_secondary_indexes: Some(vec![LocalSecondaryIndex {
            index_name: "by-rank".into(),
            key_schema: key(&["pk", "rank"]),
            projection: projection(ProjectionType::All),
        }]),
        stream_specification: Some(StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some(StreamViewType::NewAndOldImages),
        }),
        ..table()
    }
}

struct Random(Ids);

impl Random {
    fn key(&self) -> Key {
        (format!("p{}", self.0.below(3)), i64::try_from(self.0.below(12)).unwrap())
    }

    fn item(&self, (pk, sk): &Key) -> Attributes {
        let mut item = map([("pk", s(pk)), ("sk", n(sk)), ("v", n(self.0.below(1000)))]);
        if self.0.below(3) > 0 {
            item.insert("group".into(), s(&format!("g{}", self.0.below(2))));
        }
        if self.0.below(3) > 0 {
            item.insert("rank".into(), n(self.0.below(5)));
        }
        item
    }
}

fn attributes((pk, sk): &Key) -> Attributes {
    map([("pk", s(pk)), ("sk", n(sk))])
}

fn put(item: Attributes, condition: Option<&str>) -> TransactWriteItem {
    let condition_expression = condition.map(str::to_owned);
    let put = Put { table_name: "things".into(), item, condition_expression, ..Default::default() };
    TransactWriteItem { put: Some(put), ..Default::default() }
}

fn delete(key: &Key) -> TransactWriteItem {
    let delete = Delete { table_name: "things".into(), key: attributes(key), ..Default::default() };
    TransactWriteItem { delete: Some(delete), ..Default::default() }
}

async fn step(emulator: &Emulator, random: &Random, model: &mut Model) {
    let key = random.key();
    match random.0.below(6) {
        0 => {
            let item = random.item(&key);
            emulator.put(item.clone()).await;
            model.insert(key, item);
        }
        1 => {
            let input = DeleteItemInput {
                table_name: "things".into(),
                key: attributes(&key),
                return_values: Some(ReturnValue::AllOld),
                ..Default::default()
            };
            let old = emulator.call::<DeleteItem>(input).await.unwrap().attributes;
            assert_eq!(old, model.remove(&key));
        }
        2 => conditional_update(emulator, key, model).await,
        3 => batch(emulator, random, model).await,
        _ => transaction(emulator, random, model).await,
    }
}

/// Only what is there is counted up, and loses its group.
async fn conditional_update(emulator: &Emulator, key: Key, model: &mut Model) {
    let input = UpdateItemInput {
        table_name: "things".into(),
        key: attributes(&key),
        update_expression: Some("ADD v :one REMOVE #g".into()),
        condition_expression: Some("attribute_exists(pk)".into()),
        expression_attribute_names: names([("#g", "group")]),
        expression_attribute_values: Some(map([(":one", n(1))])),
        ..Default::default()
    };
    let done = emulator.call::<UpdateItem>(input).await;
    match model.get_mut(&key) {
        None => assert_eq!(refusal(done), "ConditionalCheckFailedException: The conditional request failed"),
        Some(item) => {
            done.unwrap();
            let AttributeValue::N(value) = &item["v"] else { panic!("no number") };
            item.insert("v".into(), n(value.parse::<i64>().unwrap() + 1));
            item.shift_remove("group");
        }
    }
}

async fn batch(emulator: &Emulator, random: &Random, model: &mut Model) {
    let mut writes = BTreeMap::new();
    for _ in 0..3 {
        let key = random.key();
        let item = (random.0.below(2) == 0).then(|| random.item(&key));
        writes.insert(key, item);
    }
    let request = |(key, item): (&Key, &Option<Attributes>)| WriteRequest {
        put_request: item.clone().map(|item| PutRequest { item }),
        delete_request: item.is_none().then(|| DeleteRequest { key: attributes(key) }),
    };
    let requests = writes.iter().map(request).collect();
    let input = BatchWriteItemInput {
        request_items: [("things".to_owned(), requests)].into_iter().collect(),
        ..Default::default()
    };
    emulator.call::<BatchWriteItem>(input).await.unwrap();
    for (key, item) in writes {
        match item {
            Some(item) => drop(model.insert(key, item)),
            None => drop(model.remove(&key)),
        }
    }
}

/// One item is put if it is not there and another goes, or nothing happens.
async fn transaction(emulator: &Emulator, random: &Random, model: &mut Model) {
    let (new, gone) = (random.key(), random.key());
    let item = random.item(&new);
    let writes = vec![put(item.clone(), Some("attribute_not_exists(pk)")), delete(&gone)];
    let input = TransactWriteItemsInput { transact_items: writes, ..Default::default() };
    let done = refusal(emulator.call::<TransactWriteItems>(input).await);
    if new == gone {
        let twice = "ValidationException: Transaction request cannot include multiple operations on one item";
        assert_eq!(done, twice);
    } else if model.contains_key(&new) {
        assert!(done.starts_with("TransactionCanceledException"), "{done}");
    } else {
        assert_eq!(done, "accepted");
        model.remove(&gone);
        model.insert(new, item);
    }
}

async fn query(emulator: &Emulator, index: &str, attribute: &str, value: &str) -> Vec<Attributes> {
    let input = QueryInput {
        table_name: "things".into(),
        index_name: Some(index.into()),
        key_condition_expression: Some("#a = :v".into()),
        expression_attribute_names: names([("#a", attribute)]),
        expression_attribute_values: Some(map([(":v", s(value))])),
        ..Default::default()
    };
    emulator.call::<Query>(input).await.unwrap().items.unwrap()
}

fn rank(item: &Attributes) -> Option<i64> {
    match item.get("rank") {
        Some(AttributeValue::N(rank)) => rank.parse().ok(),
        _ => None,
    }
}

/// An index has the items that have its key, in the order of its sort key.
async fn check_index(emulator: &Emulator, model: &Model, index: &str, attribute: &str, value: &str) {
    let found = query(emulator, index, attribute, value).await;
    assert!(found.is_sorted_by_key(rank), "{found:?}");
    let has_key = |item: &&Attributes| item.get(attribute) == Some(&s(value)) && rank(item).is_some();
    let sorted = |items: Vec<&Attributes>| {
        let mut texts: Vec<String> = items.into_iter().map(sorted_text).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(found.iter().collect()), sorted(model.values().filter(has_key).collect()));
}

fn sorted_text(item: &Attributes) -> String {
    format!("{:?}", item.iter().collect::<BTreeMap<_, _>>())
}

/// All records of the stream, in order.
async fn records(emulator: &Emulator) -> Vec<api::StreamRecord> {
    let streams = emulator.call::<api::ListStreams>(Default::default()).await.unwrap().streams.unwrap();
    let stream_arn = streams[0].stream_arn.clone().unwrap();
    let describe = api::DescribeStreamInput { stream_arn: stream_arn.clone(), ..Default::default() };
    let shown = emulator.call::<api::DescribeStream>(describe).await.unwrap().stream_description.unwrap();
    let mut records = Vec::new();
    for shard in shown.shards.unwrap() {
        let start = api::GetShardIteratorInput {
            stream_arn: stream_arn.clone(),
            shard_id: shard.shard_id.unwrap(),
            shard_iterator_type: api::ShardIteratorType::TrimHorizon,
            ..Default::default()
        };
        let mut next = emulator.call::<api::GetShardIterator>(start).await.unwrap().shard_iterator;
        while let Some(iterator) = next {
            let input = api::GetRecordsInput { shard_iterator: iterator, limit: None };
            let page = emulator.call::<api::GetRecords>(input).await.unwrap();
            let some = page.records.unwrap();
            next = page.next_shard_iterator.filter(|_| !some.is_empty());
            records.extend(some.into_iter().filter_map(|record| record.dynamodb));
        }
    }
    records
}

#[tokio::test]
async fn everything_agrees_with_a_map() {
    let emulator = Emulator::new();
    emulator.call::<CreateTable>(followed()).await.unwrap();
    let (random, mut model) = (Random(Ids::seeded(7)), Model::new());
    for at in 0..STEPS {
        step(&emulator, &random, &mut model).await;
        if at % 50 == 0 {
            for group in ["g0", "g1"] {
                check_index(&emulator, &model, "by-group", "group", group).await;
            }
            for partition in ["p0", "p1", "p2"] {
                check_index(&emulator, &model, "by-rank", "pk", partition).await;
            }
        }
    }
    for (key, item) in &model {
        assert_eq!(emulator.get(attributes(key)).await.map(|got| sorted_text(&got)), Some(sorted_text(item)));
    }
    check_counts(&emulator, &model).await;
    check_stream(&emulator, &model).await;
}

async fn check_counts(emulator: &Emulator, model: &Model) {
    let input = DescribeTableInput { table_name: "things".into() };
    let shown = emulator.call::<DescribeTable>(input).await.unwrap().table.unwrap();
    assert_eq!(shown.item_count, i64::try_from(model.len()).ok());
    let indexed =
        model.values().filter(|item| item.contains_key("group") && item.contains_key("rank")).count();
    let index = &shown.global_secondary_indexes.unwrap()[0];
    assert_eq!(index.item_count, i64::try_from(indexed).ok());
}

/// Who follows the stream from its beginning has the table.
async fn check_stream(emulator: &Emulator, model: &Model) {
    let mut followed = BTreeMap::<String, String>::new();
    let text =
        |image: &Map<String, api::AttributeValue>| format!("{:?}", image.iter().collect::<BTreeMap<_, _>>());
    for record in records(emulator).await {
        let key = text(&record.keys.unwrap());
        let old = record.old_image.as_ref().map(text);
        assert_eq!(followed.get(&key), old.as_ref(), "an image is what the record before left");
        match record.new_image.as_ref().map(text) {
            Some(new) => drop(followed.insert(key, new)),
            None => drop(followed.remove(&key)),
        }
    }
    let mut expected: Vec<String> = model.values().map(sorted_text).collect();
    let mut found: Vec<String> = followed.into_values().collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}
