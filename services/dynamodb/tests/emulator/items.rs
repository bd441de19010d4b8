//! Items: what may be put and what comes back.

use super::*;

fn put(item: Attributes) -> PutItemInput {
    PutItemInput { table_name: "things".into(), item, ..Default::default() }
}

#[tokio::test]
async fn items_come_back_with_their_numbers_normalised() {
    let emulator = Emulator::with_table().await;
    emulator.put(map([("pk", s("a")), ("sk", n("1.0")), ("x", n("-0.50e1"))])).await;
    let item = emulator.get(map([("pk", s("a")), ("sk", n("01"))])).await.unwrap();
    assert_eq!(item, map([("pk", s("a")), ("sk", n("1")), ("x", n("-5"))]));
}

#[tokio::test]
async fn keys_must_fit_the_schema() {
    let emulator = Emulator::with_table().await;
    for (item, message) in [
        (map([("pk", s("a"))]), "One or more parameter values were invalid: Missing the key sk in the item"),
        (
            map([("pk", n(1)), ("sk", n(1))]),
            "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
        ),
        (
            map([("pk", s("")), ("sk", n(1))]),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: pk",
        ),
        (
            map([("pk", s("a")), ("sk", n(1)), ("x", AttributeValue::Ss(vec!["a".into(), "a".into()]))]),
            "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
        ),
        (
            map([("pk", s("a")), ("sk", n(1)), ("x", s(&"x".repeat(400 * 1024)))]),
            "Item size has exceeded the maximum allowed size",
        ),
    ] {
        let expected = format!("ValidationException: {message}");
        assert_eq!(refusal(emulator.call::<PutItem>(put(item)).await), expected);
    }
    let input =
        GetItemInput { table_name: "things".into(), key: map([("pk", s("a"))]), ..Default::default() };
    let expected = "ValidationException: The provided key element does not match the schema";
    assert_eq!(refusal(emulator.call::<GetItem>(input).await), expected);
}

#[tokio::test]
async fn conditions_guard_writes() {
    let emulator = Emulator::with_table().await;
    let item = map([("pk", s("a")), ("sk", n(1))]);
    let guarded = |item: Attributes| PutItemInput {
        condition_expression: Some("attribute_not_exists(pk)".into()),
        return_values_on_condition_check_failure: Some(ReturnValuesOnConditionCheckFailure::AllOld),
        ..put(item)
    };
    emulator.call::<PutItem>(guarded(item.clone())).await.unwrap();
    let fault = emulator.call::<PutItem>(guarded(item.clone())).await.unwrap_err();
    assert_eq!(fault.message(), "The conditional request failed");
    let shape: &dyn std::any::Any = fault.shape().unwrap();
    assert_eq!(shape.downcast_ref::<ConditionalCheckFailedException>().unwrap().item, Some(item));
}

#[tokio::test]
async fn updates_answer_what_is_asked_for() {
    let emulator = Emulator::with_table().await;
    let update = |text: &str, values: Attributes, wanted| UpdateItemInput {
        table_name: "things".into(),
        key: map([("pk", s("a")), ("sk", n(1))]),
        update_expression: Some(text.into()),
        expression_attribute_values: Some(values).filter(|values| !values.is_empty()),
        return_values: Some(wanted),
        ..Default::default()
    };
    let call = async |input| emulator.call::<UpdateItem>(input).await.map(|answer| answer.attributes);
    let list = AttributeValue::L(vec![n(1), n(2), n(3)]);
    let values = map([(":x", n(1)), (":l", list), (":y", n(2))]);
    call(update("SET x = :x, l = :l ADD y :y", values, ReturnValue::None)).await.unwrap();
    let new =
        call(update("SET x = x + :one REMOVE l[0], l[2]", map([(":one", n(1))]), ReturnValue::AllNew)).await;
    let list = AttributeValue::L(vec![n(2)]);
    assert_eq!(
        new.unwrap().unwrap(),
        map([("pk", s("a")), ("sk", n(1)), ("x", n(2)), ("l", list), ("y", n(2))])
    );
    let old = call(update("SET x = :x", map([(":x", s("now a text"))]), ReturnValue::UpdatedOld)).await;
    assert_eq!(old.unwrap().unwrap(), map([("x", n(2))]));
    let wrong = call(update("SET x = x + :one", map([(":one", n(1))]), ReturnValue::None)).await;
    let expected = "ValidationException: An operand in the update expression has an incorrect data type";
    assert_eq!(refusal(wrong), expected);
    let key = call(update("SET pk = :x", map([(":x", s("b"))]), ReturnValue::None)).await;
    let expected = "ValidationException: One or more parameter values were invalid: Cannot update attribute pk. This \
                    attribute is part of the key";
    assert_eq!(refusal(key), expected);
}

#[tokio::test]
async fn capacity_is_counted_by_size() {
    let emulator = Emulator::with_table().await;
    let input = PutItemInput {
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
        ..put(map([("pk", s("a")), ("sk", n(1)), ("x", s(&"x".repeat(5000)))]))
    };
    let units = emulator.call::<PutItem>(input).await.unwrap().consumed_capacity.unwrap().capacity_units;
    assert_eq!(units, Some(5.0));
    let input = GetItemInput {
        table_name: "things".into(),
        key: map([("pk", s("a")), ("sk", n(1))]),
        return_consumed_capacity: Some(ReturnConsumedCapacity::Total),
        ..Default::default()
    };
    let units = emulator.call::<GetItem>(input).await.unwrap().consumed_capacity.unwrap().capacity_units;
    assert_eq!(units, Some(1.0));
}
