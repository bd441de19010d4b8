//! Expressions: AWS's sentences for those that are wrong.

use super::*;

async fn condition(text: &str, names: Option<Map<String, String>>, values: Option<Attributes>) -> String {
    let input = PutItemInput {
        table_name: "things".into(),
        item: map([("pk", s("a")), ("sk", n(1))]),
        condition_expression: Some(text.into()),
        expression_attribute_names: names,
        expression_attribute_values: values,
        ..Default::default()
    };
    let refusal = refusal(Emulator::with_table().await.call::<PutItem>(input).await);
    refusal.trim_start_matches("ValidationException: ").to_owned()
}

#[tokio::test]
async fn wrong_conditions_are_worded_as_by_aws() {
    let value = || Some(map([(":v", n(1))]));
    for (text, message) in [
        ("", "Invalid ConditionExpression: The expression can not be empty;"),
        ("a = = :v", "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"= = :v\""),
        ("a - :v", "Invalid ConditionExpression: Syntax error; token: \"-\", near: \"a - :v\""),
        (
            "name = :v",
            "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name",
        ),
        (
            "#x = :v",
            "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; \
             attribute name: #x",
        ),
        (
            "a = :w",
            "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute \
             value: :w",
        ),
        ("((a = :v))", "Invalid ConditionExpression: The expression has redundant parentheses;"),
        ("foo(a, :v)", "Invalid ConditionExpression: Invalid function name; function: foo"),
        (
            "size(a)",
            "Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: size",
        ),
        (
            "begins_with(a, :v)",
            "Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: \
             begins_with, operand type: N",
        ),
        (
            "attribute_exists(a, :v)",
            "Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or function: \
             attribute_exists, number of operands: 2",
        ),
        (
            "a = a AND b = :v",
            "Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this operator \
             or function; operator: =, first operand: [a]",
        ),
        (
            "attribute_exists(a)",
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}",
        ),
    ] {
        assert_eq!(condition(text, None, value()).await, message, "{text}");
    }
    let unused = condition("attribute_not_exists(a)", names([("#x", "x")]), None).await;
    assert_eq!(unused, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}");
}

#[tokio::test]
async fn conditions_hold_by_type_and_precedence() {
    let value = || Some(map([(":v", n(1)), (":t", s("N"))]));
    for (text, holds) in [
        ("attribute_not_exists(pk) OR sk = :v AND attribute_not_exists(x) AND sk <> :t", true),
        ("NOT attribute_exists(pk) AND (sk = :v OR sk = :t)", false),
        ("attribute_not_exists(pk) AND absent <> :v AND absent <> :t", true),
        ("NOT (absent = :v) AND NOT absent IN (:v, :t)", true),
        ("size(pk) = :v AND absent <> :t", false),
    ] {
        let answer = condition(text, None, value()).await;
        let expected = if holds {
            "accepted"
        } else {
            "ConditionalCheckFailedException: The conditional request failed"
        };
        assert_eq!(answer, expected, "{text}");
    }
}

#[tokio::test]
async fn wrong_updates_are_worded_as_by_aws() {
    let emulator = Emulator::with_table().await;
    for (text, message) in [
        (
            "SET a = :v, a.b = :v",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
        ),
        (
            "SET a.b = :v, a[1] = :v",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]",
        ),
        ("SET a = :v SET b = :v", "The \"SET\" section can only be used once in an update expression;"),
        (
            "DELETE a :v",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
        ),
        (
            "SET a = list_append(a, :v)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
        ),
        ("SET a :v", "Syntax error; token: \":v\", near: \"a :v\""),
    ] {
        let input = UpdateItemInput {
            table_name: "things".into(),
            key: map([("pk", s("a")), ("sk", n(1))]),
            update_expression: Some(text.into()),
            expression_attribute_values: Some(map([(":v", n(1))])),
            ..Default::default()
        };
        let expected = format!("ValidationException: Invalid UpdateExpression: {message}");
        assert_eq!(refusal(emulator.call::<UpdateItem>(input).await), expected, "{text}");
    }
}

#[tokio::test]
async fn the_two_styles_do_not_mix() {
    let input = QueryInput {
        table_name: "things".into(),
        key_condition_expression: Some("pk = :v".into()),
        attributes_to_get: Some(vec!["x".into()]),
        ..Default::default()
    };
    let expected = "ValidationException: Can not use both expression and non-expression parameters in the same request: \
                    Non-expression parameters: {AttributesToGet} Expression parameters: {KeyConditionExpression}";
    assert_eq!(refusal(Emulator::with_table().await.call::<Query>(input).await), expected);
}
