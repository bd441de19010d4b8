//! Event patterns, as SNS's filter policies, EventBridge's rules and Lambda's filter criteria have them.
//!
//! All three run AWS's Event Ruler; they differ in the operators they let in. Rules and sentences follow its
//! documentation and what AWS answers: <https://github.com/aws/event-ruler> (Apache-2.0),
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>,
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>.

mod cidr;
mod event;
mod numeric;
mod parse;
mod rule;

use serde_json::Value;

use rule::Rule;

/// Whose patterns these are: not every operator is let in everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grammar {
    /// EventBridge, Pipes and Lambda.
    Events,
    /// SNS.
    Subscriptions,
}

/// A pattern: an event matches when it has all paths of one of the alternatives.
#[derive(Clone, Debug)]
pub struct Pattern {
    alternatives: Vec<Vec<Field>>,
}

/// What the value at a path may be.
#[derive(Clone, Debug)]
struct Field {
    /// Names joined by dots, as AWS flattens events: `a.b` is also `{"a": {"b": …}}`.
    path: String,
    rules: std::sync::Arc<[Rule]>,
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// The sentence AWS prints, without the place in the text.
    pub fn parse(pattern: &Value, grammar: Grammar) -> Result<Self, String> {
        parse::pattern(pattern, grammar).map(|alternatives| Self { alternatives })
    }

    /// Whether an event matches. Elements of an array are tried one by one, each with all that the pattern asks of it.
    pub fn matches(&self, event: &Value) -> bool {
        self.alternatives.iter().any(|fields| {
            let wanted: Vec<_> = fields.iter().map(|field| (field.path.as_str(), &*field.rules)).collect();
            event::matches(event, &wanted)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(pattern: &Value) -> Result<Pattern, String> {
        Pattern::parse(pattern, Grammar::Subscriptions)
    }

    fn check(pattern: &Value, yes: &[Value], no: &[Value]) {
        let pattern = Pattern::parse(pattern, Grammar::Events).unwrap();
        for event in yes {
            assert!(pattern.matches(event), "{event}");
        }
        for event in no {
            assert!(!pattern.matches(event), "{event}");
        }
    }

    #[test]
    fn values_of_every_kind() {
        let pattern = json!({"s": ["a", 1, true, null]});
        let yes = [
            json!({"s": "a"}),
            json!({"s": 1.0}),
            json!({"s": true}),
            json!({"s": null}),
            json!({"s": ["x", "a"]}),
        ];
        check(
            &pattern,
            &yes,
            &[json!({"s": "b"}), json!({"s": "1"}), json!({}), json!({"s": {"a": "a"}}), json!({"s": []})],
        );
    }

    #[test]
    fn operators_on_texts() {
        check(
            &json!({"s": [{"prefix": "ab"}]}),
            &[json!({"s": "abc"})],
            &[json!({"s": "b"}), json!({"s": 1})],
        );
        check(&json!({"s": [{"suffix": ".png"}]}), &[json!({"s": "a.png"})], &[json!({"s": "a.PNG"})]);
        check(&json!({"s": [{"equals-ignore-case": "Ab"}]}), &[json!({"s": "aB"})], &[json!({"s": "abc"})]);
        check(
            &json!({"s": [{"prefix": {"equals-ignore-case": "AB"}}]}),
            &[json!({"s": "abc"})],
            &[json!({"s": "xab"})],
        );
        check(
            &json!({"s": [{"wildcard": "a*c"}]}),
            &[json!({"s": "abbc"}), json!({"s": "ac"})],
            &[json!({"s": "ab"})],
        );
    }

    #[test]
    fn anything_but() {
        check(
            &json!({"s": [{"anything-but": ["a", "b"]}]}),
            &[json!({"s": "c"}), json!({"s": 5})],
            &[json!({"s": "a"}), json!({})],
        );
        check(&json!({"s": [{"anything-but": 5}]}), &[json!({"s": 6})], &[json!({"s": 5.0})]);
        check(
            &json!({"s": [{"anything-but": {"prefix": "a"}}]}),
            &[json!({"s": "b"})],
            &[json!({"s": "ab"})],
        );
        check(
            &json!({"s": [{"anything-but": {"suffix": ["a", "b"]}}]}),
            &[json!({"s": "xc"})],
            &[json!({"s": "xb"})],
        );
        check(
            &json!({"s": [{"anything-but": {"equals-ignore-case": "A"}}]}),
            &[json!({"s": "b"})],
            &[json!({"s": "a"})],
        );
        check(
            &json!({"s": [{"anything-but": {"wildcard": "*x*"}}]}),
            &[json!({"s": "abc"})],
            &[json!({"s": "axc"})],
        );
    }

    #[test]
    fn numbers_and_addresses() {
        check(
            &json!({"n": [{"numeric": [">", 0, "<=", 5]}]}),
            &[json!({"n": 5}), json!({"n": 0.1})],
            &[json!({"n": 0}), json!({"n": "3"})],
        );
        check(&json!({"n": [{"numeric": ["=", 301.5]}]}), &[json!({"n": 3.015e2})], &[json!({"n": 301})]);
        check(
            &json!({"ip": [{"cidr": "10.0.0.0/24"}]}),
            &[json!({"ip": "10.0.0.255"})],
            &[json!({"ip": "10.0.1.0"}), json!({"ip": "x"})],
        );
        check(
            &json!({"ip": [{"cidr": "2001:db8::/32"}]}),
            &[json!({"ip": "2001:db8:1::1"})],
            &[json!({"ip": "10.0.0.1"})],
        );
    }

    #[test]
    fn presence_is_of_leaves() {
        check(
            &json!({"a": {"b": [{"exists": true}]}}),
            &[json!({"a": {"b": null}})],
            &[json!({"a": {}}), json!({"a": {"b": {"c": 1}}})],
        );
        check(
            &json!({"a": {"b": [{"exists": false}]}}),
            &[json!({}), json!({"a": {}})],
            &[json!({"a": {"b": 1}})],
        );
        check(
            &json!({"x": [1], "a": [{"exists": false}]}),
            &[json!({"x": 1})],
            &[json!({"x": 1, "a": 1}), json!({})],
        );
    }

    #[test]
    fn one_element_of_an_array_must_have_it_all() {
        let pattern = json!({"items": {"sku": ["a"], "count": [2]}});
        check(
            &pattern,
            &[json!({"items": [{"sku": "b"}, {"sku": "a", "count": 2}]})],
            &[json!({"items": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}]})],
        );
    }

    #[test]
    fn dots_and_nesting_are_the_same() {
        let deep = [
            json!({"a": {"b": {"c": "x"}}}),
            json!({"a.b.c": "x"}),
            json!({"a.b": {"c": "x"}}),
            json!({"a": {"b.c": "x"}}),
        ];
        check(&json!({"a.b.c": ["x"]}), &deep, &[json!({"a": {"b": "x"}})]);
        check(&json!({"a": {"b": {"c": ["x"]}}}), &deep, &[json!({"a": "x"})]);
    }

    #[test]
    fn alternatives() {
        let pattern = json!({"s": ["x"], "$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]});
        let yes =
            [json!({"s": "x", "a": 1}), json!({"s": "x", "b": 2, "c": 3}), json!({"s": "x", "b": 2, "d": 4})];
        check(&pattern, &yes, &[json!({"s": "x"}), json!({"a": 1}), json!({"s": "x", "b": 2})]);
        // With one alternative, or with names of operators in them, it is a field like any other.
        check(&json!({"$or": ["x"]}), &[json!({"$or": "x"})], &[json!({})]);
    }

    #[test]
    fn what_is_refused_is_refused_as_aws_words_it() {
        for (pattern, sentence) in [
            (json!({"k": "v"}), "\"k\" must be an object or an array"),
            (json!({"k": []}), "Empty arrays are not allowed"),
            (json!({"k": [["v"]]}), "Match value must be String, number, true, false, or null"),
            (json!({"k": [{"x": 1}]}), "Unrecognized match type x"),
            (json!({"k": [{"suffix": "a", "prefix": "b"}]}), "Only one key allowed in match expression"),
            (json!({"k": [{"suffix": 1}]}), "suffix match pattern must be a string"),
            (json!({"k": [{"exists": "no"}]}), "exists match pattern must be either true or false."),
            (json!({"k": [{"anything-but": {"suffix": "a"}}]}), "Unsupported anything-but pattern: suffix"),
            (json!({"k": [{"anything-but": {"prefix": false}}]}), "prefix match pattern must be a string"),
            (json!({"k": [{"cidr": ["a"]}]}), "prefix match pattern must be a string"),
            (json!({"k": [{"cidr": "a"}]}), "Malformed CIDR, one '/' required"),
            (json!({"k": [{"cidr": "a/64"}]}), "Nonstandard IP address: a"),
            (json!({"k": [{"cidr": "a/b"}]}), "Malformed CIDR, mask bits must be an integer"),
            (json!({"k": [{"numeric": []}]}), "Invalid member in numeric match: ]"),
            (json!({"k": [{"numeric": ["x"]}]}), "Unrecognized numeric range operator: x"),
            (json!({"k": [{"numeric": [1, "<="]}]}), "Invalid member in numeric match: 1"),
            (json!({"k": [{"numeric": ["=", "0"]}]}), "Value of equals must be numeric"),
            (json!({"k": [{"numeric": ["<", 100, ">", 10]}]}), "Too many elements in numeric expression"),
            (json!({"k": [{"numeric": [">=", 1, ">", 2]}]}), "Bad numeric range operator: >"),
            (json!({"k": [{"numeric": [">", 3, "<", 1]}]}), "Bottom must be less than top"),
            (json!({"k": [{"numeric": [">", 20, "<="]}]}), "Value of <= must be numeric"),
            (json!({"k": [{"numeric": [">", 20, 30]}]}), "Bad value in numeric range: 30"),
            (
                json!({"k": [{"numeric": [">", 20, "<", 30, "<", 50]}]}),
                "Too many terms in numeric range expression",
            ),
            (json!([]), "Filter is not an object"),
        ] {
            assert_eq!(parse(&pattern).unwrap_err(), sentence, "{pattern}");
        }
    }
}
