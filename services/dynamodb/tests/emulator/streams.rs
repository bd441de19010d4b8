//! Streams: records of every kind, iterators, shards that are closed and records that go.

use std::time::Duration;

use api_dynamodbstreams as api;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

async fn with_stream(view: StreamViewType) -> Emulator {
    let emulator = Emulator::new();
    let stream = StreamSpecification { stream_enabled: true, stream_view_type: Some(view) };
    let input = CreateTableInput { stream_specification: Some(stream), ..table() };
    emulator.call::<CreateTable>(input).await.unwrap();
    emulator
}

async fn arn(emulator: &Emulator) -> String {
    let streams = emulator.call::<api::ListStreams>(Default::default()).await.unwrap().streams.unwrap();
    streams.into_iter().next_back().unwrap().stream_arn.unwrap()
}

async fn describe(emulator: &Emulator, arn: &str) -> api::StreamDescription {
    let input = api::DescribeStreamInput { stream_arn: arn.into(), ..Default::default() };
    emulator.call::<api::DescribeStream>(input).await.unwrap().stream_description.unwrap()
}

async fn iterator(
    emulator: &Emulator,
    shard: &str,
    kind: api::ShardIteratorType,
    number: Option<String>,
) -> Result<String, Fault> {
    let input = api::GetShardIteratorInput {
        stream_arn: arn(emulator).await,
        shard_id: shard.into(),
        shard_iterator_type: kind,
        sequence_number: number,
        timestamp: None,
    };
    emulator.call::<api::GetShardIterator>(input).await.map(|answer| answer.shard_iterator.unwrap())
}

async fn read(emulator: &Emulator, iterator: &str, limit: Option<i32>) -> api::GetRecordsOutput {
    let input = api::GetRecordsInput { shard_iterator: iterator.into(), limit };
    emulator.call::<api::GetRecords>(input).await.unwrap()
}

/// All records, shard after shard.
async fn all(emulator: &Emulator) -> Vec<api::Record> {
    let mut records = Vec::new();
    for shard in describe(emulator, &arn(emulator).await).await.shards.unwrap() {
        let id = shard.shard_id.unwrap();
        let start = iterator(emulator, &id, api::ShardIteratorType::TrimHorizon, None).await.unwrap();
        records.extend(read(emulator, &start, None).await.records.unwrap());
    }
    records
}

async fn last_shard(emulator: &Emulator) -> api::Shard {
    describe(emulator, &arn(emulator).await).await.shards.unwrap().pop().unwrap()
}

async fn delete(emulator: &Emulator, key: Attributes) {
    let input = DeleteItemInput { table_name: "things".into(), key, ..Default::default() };
    emulator.call::<DeleteItem>(input).await.unwrap();
}

fn thing(sort: i64, value: i64) -> Attributes {
    map([("pk", s("a")), ("sk", n(sort)), ("v", n(value))])
}

#[tokio::test]
async fn every_view_shows_its_images() {
    let cases = [
        (StreamViewType::KeysOnly, false, false),
        (StreamViewType::NewImage, false, true),
        (StreamViewType::OldImage, true, false),
        (StreamViewType::NewAndOldImages, true, true),
    ];
    for (view, shows_old, shows_new) in cases {
        let emulator = with_stream(view.clone()).await;
        emulator.put(thing(1, 1)).await;
        emulator.put(thing(1, 2)).await;
        // Nothing changes, so nothing is told.
        emulator.put(thing(1, 2)).await;
        delete(&emulator, map([("pk", s("a")), ("sk", n(1))])).await;
        delete(&emulator, map([("pk", s("a")), ("sk", n(1))])).await;
        let records = all(&emulator).await;
        let told: Vec<_> = records
            .iter()
            .map(|record| {
                let change = record.dynamodb.as_ref().unwrap();
                let has = (change.old_image.is_some(), change.new_image.is_some());
                (record.event_name.as_ref().unwrap().as_str(), has)
            })
            .collect();
        let expected = [
            ("INSERT", (false, shows_new)),
            ("MODIFY", (shows_old, shows_new)),
            ("REMOVE", (shows_old, false)),
        ];
        assert_eq!(told, expected, "{}", view.as_str());
        let change = records[1].dynamodb.clone().unwrap();
        assert_eq!(change.keys.unwrap().len(), 2);
        // `pk`, `a`, `sk` and 1 in the keys, and `v` with a number more in each image.
        let image = 7 + 3;
        let size = 7 + image * (i64::from(shows_old) + i64::from(shows_new));
        assert_eq!(change.size_bytes, Some(size));
        assert!(change.sequence_number.unwrap().len() >= 21);
    }
}

#[tokio::test]
async fn iterators_begin_where_they_are_asked_to() {
    use api::ShardIteratorType::*;
    let emulator = with_stream(StreamViewType::KeysOnly).await;
    for sort in 1..=3 {
        emulator.put(thing(sort, 0)).await;
    }
    let shard = last_shard(&emulator).await.shard_id.unwrap();
    let number = |at: usize| {
        let emulator = &emulator;
        async move { all(emulator).await[at].dynamodb.clone().unwrap().sequence_number }
    };
    let count = async |kind, number| {
        let start = iterator(&emulator, &shard, kind, number).await.unwrap();
        read(&emulator, &start, None).await.records.unwrap().len()
    };
    assert_eq!(count(TrimHorizon, None).await, 3);
    assert_eq!(count(AtSequenceNumber, number(1).await).await, 2);
    assert_eq!(count(AfterSequenceNumber, number(1).await).await, 1);
    assert_eq!(count(Latest, None).await, 0);
    let latest = iterator(&emulator, &shard, Latest, None).await.unwrap();
    emulator.put(thing(4, 0)).await;
    let page = read(&emulator, &latest, None).await;
    assert_eq!(page.records.unwrap().len(), 1);
    assert_eq!(read(&emulator, &page.next_shard_iterator.unwrap(), None).await.records.unwrap().len(), 0);
    let start = iterator(&emulator, &shard, TrimHorizon, None).await.unwrap();
    let first = read(&emulator, &start, Some(3)).await;
    assert_eq!(first.records.unwrap().len(), 3);
    let rest = read(&emulator, &first.next_shard_iterator.unwrap(), Some(3)).await;
    assert_eq!(rest.records.unwrap().len(), 1);

    emulator.cx.clock.advance(Duration::from_secs(901));
    let input = api::GetRecordsInput { shard_iterator: start, limit: None };
    let fault = emulator.call::<api::GetRecords>(input).await.unwrap_err();
    assert_eq!(fault.code(), "ExpiredIteratorException");
    let input = api::GetRecordsInput { shard_iterator: "nonsense".into(), limit: None };
    assert_eq!(
        refusal(emulator.call::<api::GetRecords>(input).await),
        "ValidationException: Invalid ShardIterator"
    );
}

#[tokio::test]
async fn shards_are_closed_and_records_go_after_a_day() {
    let emulator = with_stream(StreamViewType::KeysOnly).await;
    emulator.put(thing(1, 0)).await;
    let first = last_shard(&emulator).await;
    emulator.pass(4 * HOUR).await;
    emulator.put(thing(2, 0)).await;
    let second = last_shard(&emulator).await;
    assert_eq!(second.parent_shard_id, first.shard_id);
    let id = first.shard_id.unwrap();
    let start = iterator(&emulator, &id, api::ShardIteratorType::TrimHorizon, None).await.unwrap();
    let page = read(&emulator, &start, None).await;
    assert_eq!(page.records.unwrap().len(), 1);
    assert_eq!(page.next_shard_iterator, None, "a closed shard ends");
    assert_eq!(all(&emulator).await.len(), 2);
    emulator.pass(20 * HOUR).await;
    assert_eq!(all(&emulator).await.len(), 1);
    let number = Some(format!("1{:020}", 1));
    let refused = iterator(&emulator, &id, api::ShardIteratorType::AtSequenceNumber, number).await;
    assert!(refused.is_ok(), "an empty shard has nothing that was trimmed before it");
    emulator.pass(8 * HOUR).await;
    assert_eq!(all(&emulator).await.len(), 0);
    let shards = describe(&emulator, &arn(&emulator).await).await.shards.unwrap();
    assert!(shards.iter().all(|shard| shard.shard_id.as_ref() != Some(&id)));
}

#[tokio::test]
async fn expired_items_are_removed_by_dynamodb_itself() {
    let emulator = with_stream(StreamViewType::NewAndOldImages).await;
    let time_to_live_specification = TimeToLiveSpecification { enabled: true, attribute_name: "v".into() };
    let input = UpdateTimeToLiveInput { table_name: "things".into(), time_to_live_specification };
    emulator.call::<UpdateTimeToLive>(input).await.unwrap();
    emulator.put(thing(1, 60)).await;
    emulator.pass(Duration::from_secs(61)).await;
    let last = all(&emulator).await.pop().unwrap();
    assert_eq!(last.event_name, Some(api::OperationType::Remove));
    let identity = last.user_identity.unwrap();
    assert_eq!(identity.principal_id.as_deref(), Some("dynamodb.amazonaws.com"));
    assert_eq!(identity.r#type.as_deref(), Some("Service"));
    assert_eq!(last.dynamodb.unwrap().old_image.unwrap().len(), 3);
}

#[tokio::test]
async fn a_stream_outlives_its_table_for_a_day() {
    let emulator = with_stream(StreamViewType::KeysOnly).await;
    let switch = |enabled: bool| UpdateTableInput {
        table_name: "things".into(),
        stream_specification: Some(StreamSpecification {
            stream_enabled: enabled,
            stream_view_type: enabled.then_some(StreamViewType::KeysOnly),
        }),
        ..Default::default()
    };
    assert_eq!(
        refusal(emulator.call::<UpdateTable>(switch(true)).await),
        "ValidationException: Table already has an enabled stream: TableName: things"
    );
    emulator.put(thing(1, 0)).await;
    let first = arn(&emulator).await;
    emulator.call::<UpdateTable>(switch(false)).await.unwrap();
    assert_eq!(
        refusal(emulator.call::<UpdateTable>(switch(false)).await),
        "ValidationException: Table has no stream to disable: TableName: things"
    );
    emulator.put(thing(2, 0)).await;
    assert_eq!(describe(&emulator, &first).await.stream_status, Some(api::StreamStatus::Disabled));
    assert_eq!(all(&emulator).await.len(), 1);
    emulator.call::<UpdateTable>(switch(true)).await.unwrap();
    let second = arn(&emulator).await;
    assert_ne!(first, second);
    emulator.put(thing(3, 0)).await;
    assert_eq!(all(&emulator).await.len(), 1);
    emulator.call::<DeleteTable>(DeleteTableInput { table_name: "things".into() }).await.unwrap();
    assert_eq!(all(&emulator).await.len(), 1);
    emulator.pass(25 * HOUR).await;
    let input = api::DescribeStreamInput { stream_arn: second.clone(), ..Default::default() };
    assert_eq!(
        refusal(emulator.call::<api::DescribeStream>(input).await),
        format!("ResourceNotFoundException: Requested resource not found: Stream: {second} not found")
    );
}

#[tokio::test]
async fn statements_leave_records_too() {
    let emulator = with_stream(StreamViewType::NewAndOldImages).await;
    for text in [
        "INSERT INTO things VALUE {'pk': 'a', 'sk': 1}",
        "UPDATE things SET x = 1 WHERE pk = 'a' AND sk = 1",
        "DELETE FROM things WHERE pk = 'a' AND sk = 1",
    ] {
        let input = ExecuteStatementInput { statement: text.into(), ..Default::default() };
        emulator.call::<ExecuteStatement>(input).await.unwrap();
    }
    let records = all(&emulator).await;
    let kinds: Vec<_> = records.iter().map(|record| record.event_name.as_ref().unwrap().as_str()).collect();
    assert_eq!(kinds, ["INSERT", "MODIFY", "REMOVE"]);
}

/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>
#[tokio::test]
async fn pages_have_at_most_a_thousand_records() {
    let emulator = with_stream(StreamViewType::KeysOnly).await;
    let shard = last_shard(&emulator).await.shard_id.unwrap();
    let start = iterator(&emulator, &shard, api::ShardIteratorType::TrimHorizon, None).await.unwrap();
    let get = |limit: i32| api::GetRecordsInput { shard_iterator: start.clone(), limit: Some(limit) };
    emulator.call::<api::GetRecords>(get(1000)).await.unwrap();
    assert_eq!(
        refusal(emulator.call::<api::GetRecords>(get(1001)).await),
        "ValidationException: 1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member \
         must have value less than or equal to 1000"
    );
}
