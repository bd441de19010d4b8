//! AWS's sentences, family by family.
//!
//! Numbers, sets, nesting: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>.
//! Legacy parameters: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html>.
//! Reasons of updates: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.

use super::*;

const WRONG_TYPE: &str = "Incorrect operand type for operator or function; operator or function:";

fn key() -> Attributes {
    map([("pk", s("a")), ("sk", n(1))])
}

fn number(text: &str) -> AttributeValue {
    AttributeValue::N(text.into())
}

fn nested(levels: usize) -> AttributeValue {
    (1..levels).fold(n(1), |value, _| AttributeValue::L(vec![value]))
}

fn put(item: Attributes) -> PutItemInput {
    PutItemInput { table_name: "things".into(), item, ..Default::default() }
}

fn update(text: &str, values: Option<Attributes>) -> UpdateItemInput {
    UpdateItemInput {
        table_name: "things".into(),
        key: key(),
        update_expression: Some(text.into()),
        expression_attribute_values: values,
        ..Default::default()
    }
}

/// A table with two global indexes: one by `g`, a string, one by `h`, a number.
async fn indexed() -> Emulator {
    let emulator = Emulator::new();
    let mut input = table();
    let definitions = input.attribute_definitions.as_mut().unwrap();
    definitions.extend([definition("g", "S"), definition("h", "N")]);
    let index = |name: &str, by: &str| GlobalSecondaryIndex {
        index_name: name.into(),
        key_schema: super::key(&[by]),
        projection: Projection { projection_type: Some(ProjectionType::All), non_key_attributes: None },
        ..Default::default()
    };
    input.global_secondary_indexes = Some(vec![index("by-g", "g"), index("by-h", "h")]);
    emulator.call::<CreateTable>(input).await.unwrap();
    emulator
}

#[tokio::test]
async fn values_that_cannot_be_kept() {
    let emulator = Emulator::with_table().await;
    let invalid = "One or more parameter values were invalid";
    let cases = [
        (number(""), "The parameter cannot be converted to a numeric value".to_owned()),
        (number("1x"), "The parameter cannot be converted to a numeric value: 1x".to_owned()),
        (
            number("1e126"),
            "Number overflow. Attempting to store a number with magnitude larger than supported range".to_owned(),
        ),
        (
            number("1e-131"),
            "Number underflow. Attempting to store a number with magnitude smaller than supported range".to_owned(),
        ),
        (number(&"1".repeat(39)), "Attempting to store more than 38 significant digits in a Number".to_owned()),
        (AttributeValue::Ss(vec![]), format!("{invalid}: An string set  may not be empty")),
        (AttributeValue::Ns(vec![]), format!("{invalid}: An number set  may not be empty")),
        (AttributeValue::Bs(vec![]), format!("{invalid}: Binary sets should not be empty")),
        (AttributeValue::Ns(vec!["1".into(), "1.0".into()]), "Input collection contains duplicates".to_owned()),
        (
            AttributeValue::Bs(vec![vec![1].into(), vec![1].into()]),
            format!("{invalid}: Input collection [AQ==, AQ==]of type BS contains duplicates."),
        ),
        (AttributeValue::Null(false), format!("{invalid}: Null attribute value types must have the value of true")),
        (
            nested(33),
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
                .to_owned(),
        ),
    ];
    for (value, message) in cases {
        let mut item = key();
        item.insert("x".into(), value.clone());
        let refused = refusal(emulator.call::<PutItem>(put(item)).await);
        assert_eq!(refused, format!("ValidationException: {message}"));
        let refused =
            refusal(emulator.call::<UpdateItem>(update("SET x = :x", Some(map([(":x", value)])))).await);
        let within = format!("ExpressionAttributeValues contains invalid value: {message} for key :x");
        assert_eq!(refused, format!("ValidationException: {within}"));
    }
    let mut item = key();
    item.insert("x".into(), nested(32));
    emulator.put(item).await;
    let deeper = update("SET x[1] = :x", Some(map([(":x", nested(32))])));
    let refused = refusal(emulator.call::<UpdateItem>(deeper).await);
    assert!(refused.starts_with("ValidationException: Nesting Levels have exceeded"), "{refused}");
}

#[tokio::test]
async fn operands_that_have_no_order() {
    let emulator = Emulator::with_table().await;
    for (text, value, message) in [
        ("x < :v", AttributeValue::Bool(true), format!("{WRONG_TYPE} <, operand type: BOOL")),
        (":v >= x", AttributeValue::Null(true), format!("{WRONG_TYPE} >=, operand type: NULL")),
        ("x BETWEEN :v AND :v", nested(2), format!("{WRONG_TYPE} BETWEEN, operand type: L")),
        ("begins_with(x, :v)", n(1), format!("{WRONG_TYPE} begins_with, operand type: N")),
        ("size(:v) = x", AttributeValue::Bool(true), format!("{WRONG_TYPE} size, operand type: BOOL")),
    ] {
        let input = PutItemInput {
            condition_expression: Some(text.into()),
            expression_attribute_values: Some(map([(":v", value)])),
            ..put(key())
        };
        let refused = refusal(emulator.call::<PutItem>(input).await);
        assert_eq!(refused, format!("ValidationException: Invalid ConditionExpression: {message}"), "{text}");
    }
}

#[tokio::test]
async fn bounds_are_in_order_and_of_one_type() {
    let emulator = Emulator::with_table().await;
    for (low, high, message) in [
        (
            n(2),
            n(1),
            "requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, \
             upper bound operand: AttributeValue: {N:1}",
        ),
        (
            n(2),
            s("a"),
            "requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:2}, upper bound \
             operand: AttributeValue: {S:a}",
        ),
    ] {
        let input = ScanInput {
            table_name: "things".into(),
            filter_expression: Some("x BETWEEN :a AND :b".into()),
            expression_attribute_values: Some(map([(":a", low), (":b", high)])),
            ..Default::default()
        };
        let expected =
            format!("ValidationException: Invalid FilterExpression: The BETWEEN operator {message}");
        assert_eq!(refusal(emulator.call::<Scan>(input).await), expected);
    }
}

#[tokio::test]
async fn keys_have_no_parts() {
    let emulator = indexed().await;
    let scalars = "ValidationException: Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ";
    let condition =
        PutItemInput { condition_expression: Some("attribute_exists(pk.a)".into()), ..put(key()) };
    assert_eq!(refusal(emulator.call::<PutItem>(condition).await), format!("{scalars}Key: pk"));
    let get = GetItemInput {
        table_name: "things".into(),
        key: key(),
        projection_expression: Some("g[0]".into()),
        ..Default::default()
    };
    assert_eq!(refusal(emulator.call::<GetItem>(get).await), format!("{scalars}IndexKey: g"));
    let read = update("SET x = sk[1]", None);
    assert_eq!(refusal(emulator.call::<UpdateItem>(read).await), format!("{scalars}Key: sk"));
}

#[tokio::test]
async fn updates_of_index_keys_have_sentences_of_their_own() {
    let emulator = indexed().await;
    let mut item = key();
    item.extend(map([("n", n(1)), ("blank", s("")), ("wide", s(&"x".repeat(2049)))]));
    emulator.put(item).await;
    let mismatch = "One or more parameter values were invalid: Type mismatch for Index Key";
    let empty = "One or more parameter values are not valid. The update expression attempted to update a secondary index \
                 key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty \
                 string value.";
    let large =
        "The update expression attempted to update the secondary index key beyond allowed size limits";
    let kind = "The update expression attempted to update the secondary index key to unsupported type";
    for (text, value, message) in [
        ("SET g = :v", Some(n(1)), format!("{mismatch} g Expected: S Actual: N IndexName: by-g")),
        ("ADD g :v", Some(n(1)), format!("{mismatch} g Expected: S Actual: N IndexName: by-g")),
        (
            "SET h = list_append(x, :v)",
            Some(nested(2)),
            format!("{mismatch} h Expected: N Actual: L IndexName: by-h"),
        ),
        ("SET g = n", None, kind.to_owned()),
        ("SET g = :v", Some(s("")), empty.to_owned()),
        ("SET g = blank", None, empty.to_owned()),
        ("SET g = wide", None, large.to_owned()),
    ] {
        let values = value.map(|value| map([(":v", value)]));
        let refused = refusal(emulator.call::<UpdateItem>(update(text, values)).await);
        assert_eq!(refused, format!("ValidationException: {message}"), "{text}");
    }
}

#[tokio::test]
async fn updates_that_do_not_fit_the_item() {
    let emulator = Emulator::with_table().await;
    let mut item = key();
    item.extend(map([("t", s("text")), ("l", nested(2)), ("n", number("9e125"))]));
    emulator.put(item).await;
    let wrong_type = "An operand in the update expression has an incorrect data type";
    let wrong_path = "The document path provided in the update expression is invalid for update";
    let missing = "The provided expression refers to an attribute that does not exist in the item";
    for (text, value, message) in [
        ("SET x = t + :v", n(1), wrong_type),
        ("ADD t :v", n(1), wrong_type),
        ("DELETE t :v", AttributeValue::Ss(vec!["a".into()]), wrong_type),
        ("SET x = list_append(t, :v)", nested(2), wrong_type),
        ("SET x = y + :v", n(1), missing),
        ("SET t.a = :v", n(1), wrong_path),
        ("SET y.a = :v", n(1), wrong_path),
        ("SET l.a = :v", n(1), wrong_path),
        (
            "ADD n :v",
            number("9e125"),
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
    ] {
        let refused = refusal(emulator.call::<UpdateItem>(update(text, Some(map([(":v", value)])))).await);
        assert_eq!(refused, format!("ValidationException: {message}"), "{text}");
    }
    let refused = refusal(emulator.call::<UpdateItem>(update("REMOVE y.a", None)).await);
    assert_eq!(refused, format!("ValidationException: {wrong_path}"));
}

#[tokio::test]
async fn queries_check_the_values_of_keys() {
    let emulator = indexed().await;
    let query = |index: Option<&str>, text: &str, values: Attributes| QueryInput {
        table_name: "things".into(),
        index_name: index.map(str::to_owned),
        key_condition_expression: Some(text.into()),
        expression_attribute_values: Some(values),
        ..Default::default()
    };
    for (input, message) in [
        (
            query(None, "pk = :p", map([(":p", s(""))])),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: pk",
        ),
        (
            query(Some("by-g"), "g = :g", map([(":g", s(""))])),
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The \
             AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g",
        ),
        (
            query(None, "pk = :p", map([(":p", s(&"x".repeat(2049)))])),
            "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
        (
            query(None, "pk = :p AND pk = :p", map([(":p", s("a"))])),
            "KeyConditionExpressions must only contain one condition per key",
        ),
        (
            query(None, "pk <> :p", map([(":p", s("a"))])),
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        (
            query(None, "pk.a = :p", map([(":p", s("a"))])),
            "KeyConditionExpressions cannot have conditions on nested attributes",
        ),
        (
            query(Some("none"), "pk = :p", map([(":p", s("a"))])),
            "The table does not have the specified index: none",
        ),
    ] {
        assert_eq!(refusal(emulator.call::<Query>(input).await), format!("ValidationException: {message}"));
    }
}

#[tokio::test]
async fn the_older_parameters() {
    let emulator = Emulator::with_table().await;
    let invalid = "One or more parameter values were invalid";
    let expect = |expected: Option<ExpectedAttributeValue>, operator| PutItemInput {
        expected: expected.map(|one| [("x".to_owned(), one)].into_iter().collect()),
        conditional_operator: operator,
        ..put(key())
    };
    let none = ExpectedAttributeValue::default;
    let equal = |values: Vec<AttributeValue>| ExpectedAttributeValue {
        comparison_operator: Some(ComparisonOperator::Eq),
        attribute_value_list: Some(values),
        ..none()
    };
    let or = Some(ConditionalOperator::Or);
    for (input, message) in [
        (
            expect(None, or.clone()),
            "ConditionalOperator cannot be used without Filter or Expected".to_owned(),
        ),
        (
            expect(Some(equal(vec![n(1)])), or),
            "ConditionalOperator can only be used when Filter or Expected has two or more elements"
                .to_owned(),
        ),
        (
            expect(Some(none()), None),
            format!("{invalid}: Value must be provided when Exists is null for Attribute: x"),
        ),
        (
            expect(Some(ExpectedAttributeValue { exists: Some(true), ..none() }), None),
            format!("{invalid}: Value must be provided when Exists is true for Attribute: x"),
        ),
        (
            expect(Some(ExpectedAttributeValue { exists: Some(false), value: Some(n(1)), ..none() }), None),
            format!("{invalid}: Value cannot be used when Exists is false for Attribute: x"),
        ),
        (
            expect(Some(ExpectedAttributeValue { value: Some(n(1)), ..equal(vec![n(1)]) }), None),
            format!("{invalid}: Value and AttributeValueList cannot be used together for Attribute: x"),
        ),
        (
            expect(Some(ExpectedAttributeValue { comparison_operator: None, ..equal(vec![n(1)]) }), None),
            format!(
                "{invalid}: AttributeValueList can only be used with a ComparisonOperator for Attribute: x"
            ),
        ),
        (
            expect(Some(equal(vec![n(1), n(2)])), None),
            format!("{invalid}: Invalid number of argument(s) for the EQ ComparisonOperator"),
        ),
    ] {
        assert_eq!(refusal(emulator.call::<PutItem>(input).await), format!("ValidationException: {message}"));
    }
}

#[tokio::test]
async fn older_updates_have_a_sentence_of_their_own() {
    let emulator = Emulator::with_table().await;
    let mut item = key();
    item.insert("t".into(), s("text"));
    emulator.put(item).await;
    let older = |action, value| UpdateItemInput {
        table_name: "things".into(),
        key: key(),
        attribute_updates: Some(
            [("t".to_owned(), AttributeValueUpdate { value, action: Some(action) })].into_iter().collect(),
        ),
        ..Default::default()
    };
    let invalid = "One or more parameter values were invalid";
    for (input, message) in [
        (older(AttributeAction::Add, Some(n(1))), "Type mismatch for attribute to update".to_owned()),
        (
            older(AttributeAction::Add, Some(s("a"))),
            format!("{invalid}: ADD action is not supported for the type S"),
        ),
        (
            older(AttributeAction::Delete, Some(n(1))),
            format!("{invalid}: DELETE action with value is not supported for the type N"),
        ),
        (
            older(AttributeAction::Put, None),
            format!("{invalid}: Only DELETE action is allowed when no attribute value is specified"),
        ),
    ] {
        let refused = refusal(emulator.call::<UpdateItem>(input).await);
        assert_eq!(refused, format!("ValidationException: {message}"));
    }
}

#[tokio::test]
async fn the_order_of_checks() {
    let emulator = Emulator::with_table().await;
    // A request's style comes before its values, those before its expressions, and all that before the table.
    let mut bad = key();
    bad.insert("x".into(), number("one"));
    let input = PutItemInput {
        table_name: "nowhere".into(),
        return_values: Some(ReturnValue::AllNew),
        expression_attribute_names: names([("x", "y")]),
        ..put(bad)
    };
    let refused = async |input: PutItemInput| refusal(emulator.call::<PutItem>(input).await);
    let style = "ValidationException: ExpressionAttributeNames can only be specified when using expressions";
    assert_eq!(refused(input.clone()).await, style);
    let input = PutItemInput { condition_expression: Some("".into()), ..input };
    let value = "ValidationException: The parameter cannot be converted to a numeric value: one";
    assert_eq!(refused(input.clone()).await, value);
    let input = PutItemInput { item: key(), ..input };
    let returned = "ValidationException: ReturnValues can only be ALL_OLD or NONE";
    assert_eq!(refused(input.clone()).await, returned);
    let input = PutItemInput { return_values: None, ..input };
    let names =
        "ValidationException: ExpressionAttributeNames contains invalid key: Syntax error; key: \"x\"";
    assert_eq!(refused(input.clone()).await, names);
    let input = PutItemInput { expression_attribute_names: None, ..input };
    let empty = "ValidationException: Invalid ConditionExpression: The expression can not be empty;";
    assert_eq!(refused(input.clone()).await, empty);
    let input = PutItemInput { condition_expression: None, ..input };
    assert_eq!(refused(input).await, "ResourceNotFoundException: Requested resource not found");
    let short = PutItemInput { table_name: "no".into(), ..put(key()) };
    let short = refused(short).await;
    assert!(short.starts_with("ValidationException: Invalid table/index name."), "{short}");
}
