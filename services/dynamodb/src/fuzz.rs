//! Entries for fuzzers: every parser of texts that callers send, for one text.

use api_dynamodb::AttributeValue;

use crate::expression::Compiler;
use crate::item::Attributes;
use crate::number::Number;
use crate::{partiql, transfer};

/// Parses a statement of PartiQL; answers whether it is one.
pub fn statement(text: &str) -> bool {
    partiql::accepts(text)
}

/// Parses a text as a condition, a key condition, an update and a projection; answers whether it is one of them.
pub fn expression(text: &str) -> bool {
    let names = [("#n".to_owned(), "name".to_owned())].into_iter().collect();
    let given = [
        (":v", AttributeValue::N("1".to_owned())),
        (":s", AttributeValue::S("a".to_owned())),
        (":l", AttributeValue::L(Vec::new())),
    ];
    let values = given.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut compiler = Compiler::new(Some(&names), Some(&values));
    let nothing = Attributes::new();
    let condition = compiler.condition("ConditionExpression", text);
    let holds = condition.as_ref().map(|condition| condition.holds(&nothing));
    let update = compiler.update(text);
    let updated = update.as_ref().map(|update| update.apply(&nothing));
    let projection = compiler.projection(text);
    let key_condition = compiler.key_condition(text).is_ok();
    holds.is_ok() || updated.is_ok() || projection.is_ok() || key_condition
}

/// Parses a number and adds it to itself; answers whether it is one.
///
/// # Panics
///
/// When a number printed is none, or another: an error of the parser.
pub fn number(text: &str) -> bool {
    let Ok(number) = Number::parse(text) else { return false };
    assert_eq!(Number::parse(&number.text()).as_ref(), Ok(&number), "{text}");
    let _ = number.plus(&number);
    true
}

/// Parses a file that is to be imported, as DynamoDB JSON and as Ion; answers how many items it has.
pub fn import(bytes: &[u8]) -> usize {
    transfer::items(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use testkit::{mutated, nested};

    use super::*;

    const STATEMENTS: [&str; 7] = [
        "SELECT a.b[0], \"c\" FROM \"t\".\"i\" WHERE pk = 'x' AND NOT (a IN [1, 2] OR size(b) > -1.5e3) ORDER BY pk DESC",
        "INSERT INTO t VALUE {'a': ?, 'b': <<'x', 'y'>>, 'c': [{'d': null}, true], 'e': 'it''s'}",
        "UPDATE \"t\" SET a = list_append(a, [1]) SET b.c = b.c + 1 REMOVE d WHERE pk = ? AND sk BETWEEN 1 AND 2 RETURNING ALL OLD *",
        "DELETE FROM t WHERE pk = 'x' AND a IS NOT MISSING AND attribute_type(b, 'N') RETURNING ALL OLD *",
        "EXISTS(SELECT * FROM t WHERE pk = 'x' AND begins_with(a, 'b'))",
        "SELECT * FROM t WHERE a <> 1 AND b != 2 AND c <= 3 AND d IS NULL AND contains(e, 4); ",
        "SELECT * FROM t -- a comment\n WHERE /* another */ a = 1",
    ];

    const EXPRESSIONS: [&str; 5] = [
        "a = :v AND NOT (#n.b[0] < :v OR size(c) BETWEEN :v AND :v)",
        "attribute_exists(a) OR begins_with(#n, :s) AND a IN (:v, :v)",
        "SET a = if_not_exists(a, :v) + :v, #n = list_append(b, :l) REMOVE c[1] ADD d :v",
        "a, #n.b, c[0].d",
        "a = :v",
    ];

    /// What is put into texts.
    const PUT: &str = "[ -~]{0,3}|[(\\[{<?'\"]{1,20}";

    #[test]
    fn whole_texts_are_accepted() {
        for text in STATEMENTS {
            assert!(statement(text), "{text}");
        }
        for text in EXPRESSIONS {
            assert!(expression(text), "{text}");
        }
    }

    #[test]
    fn no_parser_goes_too_deep() {
        for (open, close) in [
            ("(", ")"),
            ("[", "]"),
            ("<<", ">>"),
            ("{'a':", "}"),
            ("not ", ""),
            ("- ", ""),
            ("f(", ")"),
            ("exists(select a from t where ", ")"),
        ] {
            for count in [100, 1_000, 10_000] {
                let text = nested(open, close, count);
                assert!(!statement(&format!("SELECT * FROM t WHERE a = {text}")));
                assert!(!statement(&format!("INSERT INTO t VALUE {text}")));
            }
        }
        for (open, close) in [
            ("(", ")"),
            ("NOT ", ""),
            ("size(", ")"),
            ("SET a = (", ")"),
            ("list_append(", ")"),
            ("a = :v AND (", ")"),
        ] {
            for count in [600, 1_000, 2_000, 4_000, 10_000] {
                expression(&nested(open, close, count));
                expression(&format!("SET a = {}", nested(open, close, count)));
                expression(&format!("a = {}", nested(open, close, count)));
            }
        }
        assert!(!number(&"1".repeat(10_000)) && !number(&format!("1e{}", "9".repeat(10_000))));
        assert!(number(&"0".repeat(10_000)));
    }

    const FILES: [&str; 2] = [
        "{\"Item\": {\"a\": {\"S\": \"x\"}, \"b\": {\"L\": [{\"N\": \"1\"}, {\"M\": {\"c\": {\"BS\": [\"AA==\"]}}}]}}}\n",
        "$ion_1_0 {Item: {a: \"x\", b: [1., {c: $dynamodb_BS::[{{AA==}}]}], 'd': null, e: '''f''', g: -1.5d-3}}\n",
    ];

    #[test]
    fn no_file_goes_too_deep() {
        for count in [100, 10_000, 100_000] {
            for (open, close) in [("[", "]"), ("{a:", "}"), ("(", ")"), ("{\"L\":[", "]}"), ("a::", "")] {
                let nested = nested(open, close, count);
                import(format!("{{Item:{{a:{nested}}}}}").as_bytes());
                import(format!("{{\"Item\":{{\"a\":{nested}}}}}").as_bytes());
            }
        }
        assert_eq!(FILES.map(|file| import(file.as_bytes())), [2, 2]);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 2_000,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        #[test]
        fn statements_of_any_kind_are_answered(text in mutated(&STATEMENTS, PUT)) {
            statement(&text);
        }

        #[test]
        fn files_of_any_kind_are_answered(text in mutated(&FILES, PUT)) {
            import(text.as_bytes());
        }

        #[test]
        fn expressions_of_any_kind_are_answered(text in mutated(&EXPRESSIONS, PUT)) {
            expression(&text);
        }

        #[test]
        fn texts_of_any_kind_are_answered(text in "\\PC{0,40}") {
            statement(&text);
            expression(&text);
            number(&text);
        }

        #[test]
        fn numbers_of_any_kind_are_answered(text in "[-+]?[0-9]{0,45}(\\.[0-9]{0,45})?([eE][-+]?[0-9]{0,12})?") {
            number(&text);
        }
    }
}
