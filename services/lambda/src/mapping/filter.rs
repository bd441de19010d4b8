//! Filter criteria: which records a function wants.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use api_lambda::FilterCriteria;
use pattern::{Grammar, Pattern};
use serde_json::Value;

/// Filters, one of which a record must pass; without any, every record does.
#[derive(Debug, Default)]
pub struct Filters(Vec<Filter>);

#[derive(Debug)]
struct Filter {
    pattern: Pattern,
    /// What the pattern says of the body: properties, values or nothing.
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Any,
    Object,
    Text,
}

impl Filters {
    /// Parses criteria.
    pub fn parse(criteria: Option<&FilterCriteria>) -> Result<Self, String> {
        let filters = criteria.into_iter().flat_map(|criteria| criteria.filters.iter().flatten());
        let parse = |filter: &api_lambda::Filter| {
            let text = filter.pattern.as_deref().unwrap_or_default();
            let pattern: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            let body = match &pattern["body"] {
                Value::Object(_) => Body::Object,
                Value::Null => Body::Any,
                _ => Body::Text,
            };
            Ok(Filter { pattern: Pattern::parse(&pattern, Grammar::Events)?, body })
        };
        filters.map(parse).collect::<Result<_, String>>().map(Self)
    }

    /// Whether a record passes.
    pub fn pass(&self, record: &Value) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let mut parsed = None;
        self.0.iter().any(|filter| {
            if filter.body != Body::Object {
                return filter.pattern.matches(record);
            }
            // A pattern of properties looks into bodies that are JSON; others do not pass.
            let with_body = parsed.get_or_insert_with(|| parsed_body(record));
            with_body.as_ref().is_some_and(|record| filter.pattern.matches(record))
        })
    }
}

fn parsed_body(record: &Value) -> Option<Value> {
    let body: Value = serde_json::from_str(record["body"].as_str()?).ok()?;
    let mut record = record.clone();
    record["body"] = body;
    Some(record)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filters(pattern: &Value) -> Filters {
        let one = api_lambda::Filter { pattern: Some(pattern.to_string()) };
        Filters::parse(Some(&FilterCriteria { filters: Some(vec![one]) })).unwrap()
    }

    #[test]
    fn bodies_are_looked_into_where_the_pattern_does() {
        let of_object = filters(&json!({"body": {"kind": ["a"]}}));
        assert!(of_object.pass(&json!({"body": "{\"kind\": \"a\"}"})));
        assert!(
            !of_object.pass(&json!({"body": "{\"kind\": \"b\"}"})) && !of_object.pass(&json!({"body": "a"}))
        );
        let of_text = filters(&json!({"body": ["a"]}));
        assert!(of_text.pass(&json!({"body": "a"})) && !of_text.pass(&json!({"body": "{\"kind\": \"a\"}"})));
        assert!(Filters::default().pass(&json!({})));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["simple string", "[{\"eventName\": [\"INSERT\"=123}]", "{\"a\": \"b\"}"] {
            let one = api_lambda::Filter { pattern: Some(text.to_owned()) };
            assert!(Filters::parse(Some(&FilterCriteria { filters: Some(vec![one]) })).is_err(), "{text}");
        }
    }
}
