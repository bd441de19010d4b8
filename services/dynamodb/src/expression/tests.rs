//! The compiler by itself: what it makes of texts, and AWS's sentences for those it refuses.
//!
//! Grammar: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html> and
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html>

use kernel::Fault;

use super::*;

fn values() -> Attributes {
    let values = [
        (":n", AttributeValue::N("1".into())),
        (":s", AttributeValue::S("a".into())),
        (":set", AttributeValue::Ss(vec!["a".into()])),
        (":l", AttributeValue::L(vec![])),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn names() -> Map<String, String> {
    [("#a".to_owned(), "a".to_owned()), ("#dot".to_owned(), "a.b".to_owned())].into_iter().collect()
}

/// What compiling a text ends with: nothing, or AWS's sentence.
fn problem(kind: &'static str, text: &str) -> String {
    let (names, values) = (names(), values());
    let mut compiler = Compiler::new(Some(&names), Some(&values));
    let result = match kind {
        "UpdateExpression" => compiler.update(text).map(drop),
        "ProjectionExpression" => compiler.projection(text).map(drop),
        "KeyConditionExpression" => compiler.key_condition(text).map(drop),
        kind => compiler.condition(kind, text).map(drop),
    };
    result.map_or_else(|error| Fault::from(error).message().to_owned(), |()| String::new())
}

fn check(kind: &'static str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(problem(kind, text), *expected, "{kind}: {text}");
    }
}

#[test]
fn what_compiles() {
    for text in [
        "a = :n",
        "NOT a = :n AND (b <> :s OR attribute_exists(c.d[3].e))",
        "a between :n and :n",
        "a IN (:n, b, :s)",
        "contains(a, :s) and begins_with(#a, :s)",
        "size(a) >= :n",
        "#dot = :n",
        "(a = :n) AND (b = :n)",
    ] {
        assert_eq!(problem("ConditionExpression", text), "", "{text}");
    }
    for text in [
        "SET a = :n, b.c = if_not_exists(b.c, :n) + :n REMOVE d[0], e ADD f :n, g :set DELETE h :set",
        "set a = list_append(:l, if_not_exists(a, :l))",
        "SET #dot = :n, a = :n",
        "SET a[0] = :n, a[1] = :n",
    ] {
        assert_eq!(problem("UpdateExpression", text), "", "{text}");
    }
    assert_eq!(problem("ProjectionExpression", "a.b, a.c, d[0], d[1].e"), "");
}

#[test]
fn syntax() {
    check(
        "ConditionExpression",
        &[
            ("a", "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"a\""),
            ("a =", "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\""),
            ("a = :n)", "Invalid ConditionExpression: Syntax error; token: \")\", near: \":n)\""),
            ("a == :n", "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"== :n\""),
            ("a.1 = :n", "Invalid ConditionExpression: Syntax error; token: \"1\", near: \".1 =\""),
        ],
    );
    check(
        "UpdateExpression",
        &[
            ("SET", "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"SET\""),
            ("a = :n", "Invalid UpdateExpression: Syntax error; token: \"a\", near: \"a =\""),
            ("ADD a b", "Invalid UpdateExpression: Syntax error; token: \"b\", near: \"a b\""),
            (
                "SET a = :n + :n + :n",
                "Invalid UpdateExpression: Syntax error; token: \"+\", near: \":n + :n\"",
            ),
        ],
    );
}

#[test]
fn functions_have_their_place() {
    check(
        "ConditionExpression",
        &[
            (
                "if_not_exists(a, :n) = :n",
                "Invalid ConditionExpression: The function is not allowed in a condition expression; function: if_not_exists",
            ),
            ("SIZE(a) = :n", "Invalid ConditionExpression: Invalid function name; function: SIZE"),
            (
                "attribute_exists(:n)",
                "Invalid ConditionExpression: Operator or function requires a document path; operator or function: \
                 attribute_exists",
            ),
            (
                "attribute_exists(a) = :n",
                "Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: \
                 attribute_exists",
            ),
            (
                "attribute_type(a, :s)",
                "Invalid ConditionExpression: Invalid attribute type name found; type: a, valid types: \
                 {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
            ),
            (
                "attribute_type(a, :n)",
                "Invalid ConditionExpression: Incorrect operand type for operator or function; operator or function: \
                 attribute_type, operand type: N",
            ),
        ],
    );
    check(
        "FilterExpression",
        &[(
            "list_append(a, :l) = :l",
            "Invalid FilterExpression: The function is not allowed in a filter expression; function: list_append",
        )],
    );
    check(
        "UpdateExpression",
        &[
            (
                "SET a = size(b)",
                "Invalid UpdateExpression: The function is not allowed in an update expression; function: size",
            ),
            ("SET a = other(b)", "Invalid UpdateExpression: Invalid function name; function: other"),
            (
                "SET a = if_not_exists(:n, :n)",
                "Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists",
            ),
            (
                "SET a = if_not_exists(a)",
                "Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: \
                 if_not_exists, number of operands: 1",
            ),
            (
                "SET a = :s - :n",
                "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: -, \
                 operand type: S",
            ),
            (
                "ADD a :s",
                "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: \
                 STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
            ),
            (
                "DELETE a :l",
                "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand \
                 type: LIST, typeSet: ALLOWED_FOR_DELETE_OPERAND",
            ),
        ],
    );
}

#[test]
fn paths_that_meet() {
    let clash = |kind: &str, word: &str, one: &str, two: &str| {
        format!(
            "Invalid {kind}: Two document paths {word} with each other; must remove or rewrite one of these paths; path one: \
             {one}, path two: {two}"
        )
    };
    for (text, word, one, two) in [
        ("a, a", "overlap", "[a]", "[a]"),
        ("a.b, a", "overlap", "[a, b]", "[a]"),
        ("#a, a.c[0]", "overlap", "[a]", "[a, c, [0]]"),
        ("a[0], a.b", "conflict", "[a, [0]]", "[a, b]"),
    ] {
        let kind = "ProjectionExpression";
        assert_eq!(problem(kind, text), clash(kind, word, one, two), "{text}");
    }
    let kind = "UpdateExpression";
    let text = "SET a = :n REMOVE a.b";
    assert_eq!(problem(kind, text), clash(kind, "overlap", "[a]", "[a, b]"));
}

#[test]
fn limits() {
    let long = format!("a = :n OR {}", "b".repeat(4096));
    let operators = vec!["a=:n"; 152].join(" OR ");
    let choices = vec![":n"; 101].join(",");
    let choices = format!("a IN ({choices})");
    check(
        "ConditionExpression",
        &[
            (
                &long,
                "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4106",
            ),
            (
                &operators,
                "Invalid ConditionExpression: The expression contains too many operators; operator count: 303",
            ),
            (
                &choices,
                "Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101",
            ),
        ],
    );
}

#[test]
fn key_conditions_are_tests_of_keys() {
    check(
        "KeyConditionExpression",
        &[
            ("a = :s AND b BETWEEN :n AND :n", ""),
            ("a = :s AND begins_with(b, :s)", ""),
            (":s = a", ""),
            ("NOT a = :s", "Invalid operator used in KeyConditionExpression: NOT"),
            ("a IN (:s)", "Invalid operator used in KeyConditionExpression: IN"),
            ("attribute_exists(a)", "Invalid operator used in KeyConditionExpression: attribute_exists"),
            ("contains(a, :s)", "Invalid operator used in KeyConditionExpression: contains"),
            ("size(a) = :n", "KeyConditionExpressions cannot contain nested operations"),
            (
                "a = b",
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
            ),
            (":s = :s", "Invalid condition in KeyConditionExpression: No key attribute specified"),
            (
                ":n BETWEEN a AND :n",
                "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand",
            ),
            ("a = :s AND b = :n AND c = :n", "Conditions can be of length 1 or 2 only"),
        ],
    );
}
