//! Batches: checked as a whole, then done.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html> and
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>

use super::*;

fn key(pk: &str) -> Attributes {
    map([("pk", s(pk)), ("sk", n(1))])
}

fn put(item: Attributes) -> WriteRequest {
    WriteRequest { put_request: Some(PutRequest { item }), delete_request: None }
}

fn delete(key: Attributes) -> WriteRequest {
    WriteRequest { put_request: None, delete_request: Some(DeleteRequest { key }) }
}

fn writes(requests: Vec<WriteRequest>) -> BatchWriteItemInput {
    BatchWriteItemInput {
        request_items: [("things".to_owned(), requests)].into_iter().collect(),
        ..Default::default()
    }
}

fn reads(table: &str, wanted: KeysAndAttributes) -> BatchGetItemInput {
    BatchGetItemInput {
        request_items: [(table.to_owned(), wanted)].into_iter().collect(),
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
    }
}

#[tokio::test]
async fn nothing_is_written_when_anything_is_wrong() {
    let emulator = Emulator::with_table().await;
    let both = WriteRequest { delete_request: delete(key("b")).delete_request, ..put(key("b")) };
    let large = map([("pk", s("b")), ("sk", n(1)), ("x", s(&"x".repeat(400 * 1024)))]);
    for (second, message) in [
        (
            both,
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ),
        (
            WriteRequest::default(),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (put(map([("pk", s("b"))])), "The provided key element does not match the schema"),
        (put(map([("pk", n(1)), ("sk", n(1))])), "The provided key element does not match the schema"),
        (delete(map([("pk", s("b"))])), "The provided key element does not match the schema"),
        (
            put(map([("pk", s("")), ("sk", n(1))])),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: pk",
        ),
        (delete(key("a")), "Provided list of item keys contains duplicates"),
        (put(large), "Item size has exceeded the maximum allowed size"),
    ] {
        let answer = emulator.call::<BatchWriteItem>(writes(vec![put(key("a")), second])).await;
        assert_eq!(refusal(answer), format!("ValidationException: {message}"));
        assert_eq!(emulator.get(key("a")).await, None, "{message}");
    }
}

#[tokio::test]
async fn a_table_may_be_named_by_its_arn_which_the_answer_repeats() {
    let emulator = Emulator::with_table().await;
    emulator
        .call::<BatchWriteItem>(writes(vec![put(key("a")), put(key("b")), delete(key("c"))]))
        .await
        .unwrap();
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/things";
    let wanted = KeysAndAttributes { keys: vec![key("a"), key("none")], ..Default::default() };
    let answer = emulator.call::<BatchGetItem>(reads(arn, wanted)).await.unwrap();
    assert_eq!(answer.responses.unwrap()[arn], [key("a")]);
    let consumed = answer.consumed_capacity.unwrap().remove(0);
    assert_eq!((consumed.table_name.as_deref(), consumed.capacity_units), (Some(arn), Some(1.0)));
    let mut input = writes(vec![put(key("a"))]);
    input.request_items.insert(arn.to_owned(), vec![delete(key("a"))]);
    let expected = "ValidationException: Provided list of item keys contains duplicates";
    assert_eq!(refusal(emulator.call::<BatchWriteItem>(input).await), expected);
}

#[tokio::test]
async fn keys_are_checked_before_tables_are_looked_for() {
    let emulator = Emulator::with_table().await;
    let twice = KeysAndAttributes { keys: vec![key("a"), key("a")], ..Default::default() };
    let expected = "ValidationException: Provided list of item keys contains duplicates";
    assert_eq!(refusal(emulator.call::<BatchGetItem>(reads("nowhere", twice)).await), expected);
    let once = KeysAndAttributes { keys: vec![key("a")], ..Default::default() };
    let expected = "ResourceNotFoundException: Requested resource not found";
    assert_eq!(refusal(emulator.call::<BatchGetItem>(reads("nowhere", once)).await), expected);
}

#[tokio::test]
async fn batches_over_several_tables_have_a_limit_of_their_own() {
    let emulator = Emulator::with_table().await;
    let requests = |from: usize| (from..from + 13).map(|at| put(key(&at.to_string()))).collect::<Vec<_>>();
    let mut input = writes(requests(0));
    input.request_items.insert("others".to_owned(), requests(13));
    let expected = "ValidationException: Too many items requested for the BatchWriteItem call";
    assert_eq!(refusal(emulator.call::<BatchWriteItem>(input).await), expected);
}

#[tokio::test]
async fn what_is_beyond_16_mb_stays_unprocessed() {
    let emulator = Emulator::with_table().await;
    let name = |at: usize| format!("p{at:02}");
    for at in 0..50 {
        emulator.put(map([("pk", s(&name(at))), ("sk", n(1)), ("x", s(&"x".repeat(390_000)))])).await;
    }
    let keys = (0..50).map(|at| key(&name(at))).collect();
    let wanted = KeysAndAttributes { keys, projection_expression: Some("pk".into()), ..Default::default() };
    let answer = emulator.call::<BatchGetItem>(reads("things", wanted)).await.unwrap();
    let got = answer.responses.unwrap()["things"].len();
    let rest = answer.unprocessed_keys.unwrap().swap_remove("things").unwrap();
    assert_eq!(got, 16 * 1024 * 1024 / 390_010);
    assert_eq!(rest.keys, (got..50).map(|at| key(&name(at))).collect::<Vec<_>>());
    assert_eq!(rest.projection_expression.as_deref(), Some("pk"));
}
