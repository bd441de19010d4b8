//! Transactions: all or nothing, and AWS's reasons.
//!
//! Sentences and codes: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use std::time::Duration;

use super::*;

fn key(pk: &str) -> Attributes {
    map([("pk", s(pk)), ("sk", n(1))])
}

fn put(item: Attributes) -> TransactWriteItem {
    let put = Put { table_name: "things".into(), item, ..Default::default() };
    TransactWriteItem { put: Some(put), ..Default::default() }
}

fn new(item: Attributes) -> TransactWriteItem {
    let put = Put {
        table_name: "things".into(),
        item,
        condition_expression: Some("attribute_not_exists(pk)".into()),
        return_values_on_condition_check_failure: Some(ReturnValuesOnConditionCheckFailure::AllOld),
        ..Default::default()
    };
    TransactWriteItem { put: Some(put), ..Default::default() }
}

fn update(pk: &str, text: &str, values: Attributes) -> TransactWriteItem {
    let update = Update {
        table_name: "things".into(),
        key: key(pk),
        update_expression: text.into(),
        expression_attribute_values: Some(values),
        ..Default::default()
    };
    TransactWriteItem { update: Some(update), ..Default::default() }
}

fn delete(key: Attributes) -> TransactWriteItem {
    let delete = Delete { table_name: "things".into(), key, ..Default::default() };
    TransactWriteItem { delete: Some(delete), ..Default::default() }
}

fn check(pk: &str, condition: &str) -> TransactWriteItem {
    let check = ConditionCheck {
        table_name: "things".into(),
        key: key(pk),
        condition_expression: condition.into(),
        ..Default::default()
    };
    TransactWriteItem { condition_check: Some(check), ..Default::default() }
}

fn writes(transact_items: Vec<TransactWriteItem>) -> TransactWriteItemsInput {
    TransactWriteItemsInput { transact_items, ..Default::default() }
}

async fn refused(emulator: &Emulator, items: Vec<TransactWriteItem>) -> String {
    refusal(emulator.call::<TransactWriteItems>(writes(items)).await)
}

/// The codes and sentences of the reasons why a transaction was cancelled.
async fn reasons(emulator: &Emulator, items: Vec<TransactWriteItem>) -> Vec<CancellationReason> {
    let fault = emulator.call::<TransactWriteItems>(writes(items)).await.unwrap_err();
    assert_eq!(fault.code(), "TransactionCanceledException");
    let shape: &dyn std::any::Any = fault.shape().unwrap();
    shape.downcast_ref::<TransactionCanceledException>().unwrap().cancellation_reasons.clone().unwrap()
}

fn told(reasons: &[CancellationReason]) -> Vec<(&str, &str)> {
    let text = |text: &'_ Option<String>| text.clone().unwrap_or_default().leak() as &str;
    reasons.iter().map(|reason| (text(&reason.code), text(&reason.message))).collect()
}

#[tokio::test]
async fn all_kinds_of_writes_happen_together() {
    let emulator = Emulator::with_table().await;
    emulator.put(key("deleted")).await;
    emulator.put(key("checked")).await;
    let items = vec![
        new(key("put")),
        update("updated", "ADD x :x", map([(":x", n(2))])),
        delete(key("deleted")),
        check("checked", "attribute_exists(pk)"),
    ];
    let answer = emulator.call::<TransactWriteItems>(writes(items)).await.unwrap();
    assert_eq!(answer, TransactWriteItemsOutput::default());
    assert_eq!(emulator.get(key("put")).await, Some(key("put")));
    assert_eq!(emulator.get(key("updated")).await.unwrap()["x"], n(2));
    assert_eq!(emulator.get(key("deleted")).await, None);
}

#[tokio::test]
async fn one_failure_cancels_all_and_every_action_has_a_reason() {
    let emulator = Emulator::with_table().await;
    emulator.put(key("there")).await;
    let items = vec![new(key("there")), put(key("other")), update("x", "SET a = b", map([(":v", n(1))]))];
    let unused = refused(&emulator, items).await;
    assert!(
        unused.starts_with("ValidationException: Value provided in ExpressionAttributeValues unused"),
        "{unused}"
    );
    let items =
        || vec![new(key("there")), put(key("other")), update("x", "SET a = b + :v", map([(":v", n(1))]))];
    assert_eq!(
        refused(&emulator, items()).await,
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons \
         [ConditionalCheckFailed, None, ValidationError]"
    );
    let reasons = reasons(&emulator, items()).await;
    let missing = "The provided expression refers to an attribute that does not exist in the item";
    assert_eq!(
        told(&reasons),
        [
            ("ConditionalCheckFailed", "The conditional request failed"),
            ("None", ""),
            ("ValidationError", missing)
        ]
    );
    assert_eq!(reasons[0].item, Some(key("there")));
    assert_eq!(reasons[1], CancellationReason { code: Some("None".into()), ..Default::default() });
    assert_eq!(emulator.get(key("other")).await, None);
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_a_reason() {
    let emulator = Emulator::with_table().await;
    let wrong = || map([("pk", n(1)), ("sk", n(1))]);
    let items = vec![
        put(wrong()),
        put(map([("pk", s("a"))])),
        delete(wrong()),
        update("a", "SET pk = :v", map([(":v", s("b"))])),
        put(key("b")),
    ];
    assert_eq!(
        told(&reasons(&emulator, items).await),
        [
            (
                "ValidationError",
                "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"
            ),
            ("ValidationError", "One or more parameter values were invalid: Missing the key sk in the item"),
            ("ValidationError", "The provided key element does not match the schema"),
            (
                "ValidationError",
                "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"
            ),
            ("None", ""),
        ]
    );
    let large = || update("large", "SET b = :v", map([(":v", s(&"x".repeat(300 * 1024)))]));
    emulator
        .call::<TransactWriteItems>(writes(vec![update(
            "large",
            "SET a = :v",
            map([(":v", s(&"x".repeat(300 * 1024)))]),
        )]))
        .await
        .unwrap();
    let message = "Item size to update has exceeded the maximum allowed size";
    assert_eq!(told(&reasons(&emulator, vec![large()]).await), [("ValidationError", message)]);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_as_a_whole() {
    let emulator = Emulator::with_table().await;
    let both = TransactWriteItem { put: put(key("a")).put, ..delete(key("a")) };
    let unknown = Put { table_name: "nowhere".into(), item: key("a"), ..Default::default() };
    let unknown = TransactWriteItem { put: Some(unknown), ..Default::default() };
    let mut number = key("a");
    number.insert("x".into(), AttributeValue::N("one".into()));
    for (items, expected) in [
        (
            vec![both],
            "ValidationException: TransactItems can only contain one of Check, Put, Update or Delete",
        ),
        (
            vec![TransactWriteItem::default()],
            "ValidationException: Invalid Request: TransactWriteRequest should contain Delete or Put or Update request",
        ),
        (
            vec![put(key("a")), check("a", "attribute_exists(pk)")],
            "ValidationException: Transaction request cannot include multiple operations on one item",
        ),
        (vec![put(key("a")), unknown], "ResourceNotFoundException: Requested resource not found"),
        (
            vec![put(key("a")), put(number)],
            "ValidationException: The parameter cannot be converted to a numeric value: one",
        ),
        (
            vec![check("a", "pk = :v")],
            "ValidationException: Invalid ConditionExpression: An expression attribute value used in expression is not \
             defined; attribute value: :v",
        ),
        (
            vec![put(map([("pk", s("")), ("sk", n(1))]))],
            "ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot \
             contain an empty string value. Key: pk",
        ),
    ] {
        assert_eq!(refused(&emulator, items).await, expected);
    }
    assert_eq!(emulator.get(key("a")).await, None);
}

#[tokio::test]
async fn the_items_of_a_transaction_have_a_size_together() {
    let emulator = Emulator::with_table().await;
    let large = |count: usize| {
        let item = |at| map([("pk", s(&format!("p{at}"))), ("sk", n(1)), ("x", s(&"x".repeat(380 * 1024)))]);
        (0..count).map(|at| put(item(at))).collect::<Vec<_>>()
    };
    assert_eq!(refused(&emulator, large(10)).await, "accepted");
    let refused = refused(&emulator, large(11)).await;
    assert_eq!(
        refused,
        "ValidationException: The aggregate size of the items in the transaction exceeded 4 MB."
    );
}

#[tokio::test]
async fn a_token_makes_repeats_harmless_for_ten_minutes() {
    let emulator = Emulator::with_table().await;
    let counted = |by: i64| TransactWriteItemsInput {
        client_request_token: Some("token".into()),
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
        ..writes(vec![update("a", "ADD x :x", map([(":x", n(by))]))])
    };
    let call = async |input| emulator.call::<TransactWriteItems>(input).await;
    let consumed = |answer: TransactWriteItemsOutput| answer.consumed_capacity.unwrap().remove(0);
    let units = |read, write| ConsumedCapacity {
        table_name: Some("things".into()),
        capacity_units: Some(2.0),
        read_capacity_units: read,
        write_capacity_units: write,
        ..Default::default()
    };
    assert_eq!(consumed(call(counted(1)).await.unwrap()), units(None, Some(2.0)));
    assert_eq!(consumed(call(counted(1)).await.unwrap()), units(Some(2.0), None));
    assert_eq!(emulator.get(key("a")).await.unwrap()["x"], n(1));
    let other = refusal(call(counted(2)).await);
    assert!(other.starts_with("IdempotentParameterMismatchException: "), "{other}");
    emulator.pass(Duration::from_secs(601)).await;
    call(counted(2)).await.unwrap();
    assert_eq!(emulator.get(key("a")).await.unwrap()["x"], n(3));
}

#[tokio::test]
async fn a_token_of_a_cancelled_transaction_is_free_again() {
    let emulator = Emulator::with_table().await;
    let input = || TransactWriteItemsInput {
        client_request_token: Some("token".into()),
        ..writes(vec![check("a", "attribute_exists(pk)")])
    };
    emulator.call::<TransactWriteItems>(input()).await.unwrap_err();
    emulator.put(key("a")).await;
    emulator.call::<TransactWriteItems>(input()).await.unwrap();
}

#[tokio::test]
async fn reads_answer_in_order_with_nothing_for_what_is_not_there() {
    let emulator = Emulator::with_table().await;
    emulator.put(map([("pk", s("a")), ("sk", n(1)), ("x", n(2))])).await;
    let get = |pk: &str, projection: Option<&str>| TransactGetItem {
        get: Get {
            table_name: "things".into(),
            key: key(pk),
            projection_expression: projection.map(str::to_owned),
            ..Default::default()
        },
    };
    let reads = |transact_items| TransactGetItemsInput {
        transact_items,
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
    };
    let call = async |items| emulator.call::<TransactGetItems>(reads(items)).await;
    let answer = call(vec![get("b", None), get("a", Some("x"))]).await.unwrap();
    let expected = [ItemResponse { item: None }, ItemResponse { item: Some(map([("x", n(2))])) }];
    assert_eq!(answer.responses.unwrap(), expected);
    let consumed = answer.consumed_capacity.unwrap().remove(0);
    assert_eq!((consumed.capacity_units, consumed.read_capacity_units), (Some(4.0), Some(4.0)));
    assert_eq!(
        refusal(call(vec![get("a", None), get("a", None)]).await),
        "ValidationException: Transaction request cannot include multiple operations on one item"
    );
    let mut wrong = get("a", None);
    wrong.get.key = map([("pk", s("a"))]);
    assert_eq!(
        refusal(call(vec![get("a", None), wrong]).await),
        "TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons \
         [None, ValidationError]"
    );
}
