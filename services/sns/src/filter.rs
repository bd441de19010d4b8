//! Filter policies of subscriptions.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html>

use std::collections::BTreeMap;

use pattern::{Grammar, Pattern};
use serde_json::{Map, Value};

use crate::limits;
use crate::message::Attribute;

/// A policy applies to attributes.
pub const ATTRIBUTES: &str = "MessageAttributes";
/// A policy applies to the body.
pub const BODY: &str = "MessageBody";

/// A policy, ready to be asked.
#[derive(Debug)]
pub struct Filter {
    pattern: Pattern,
    is_of_body: bool,
}

impl Filter {
    /// The filter of a subscription's attributes, if it has one.
    pub fn of(attributes: &BTreeMap<String, String>) -> Option<Self> {
        let policy = serde_json::from_str(attributes.get("FilterPolicy")?).ok()?;
        let pattern = Pattern::parse(&policy, Grammar::Subscriptions).ok()?;
        let is_of_body = attributes.get("FilterPolicyScope").is_some_and(|scope| scope == BODY);
        Some(Self { pattern, is_of_body })
    }

    /// Whether a message passes.
    pub fn passes(&self, body: &str, attributes: &kernel::Map<String, Attribute>) -> bool {
        if !self.is_of_body {
            return self.pattern.matches(&as_event(attributes));
        }
        match serde_json::from_str::<Value>(body) {
            Ok(body @ Value::Object(_)) => self.pattern.matches(&body),
            // What is no object has no properties that a policy could ask for.
            _ => false,
        }
    }
}

/// Attributes as properties: numbers are numbers, lists lists, and bytes are not looked at.
fn as_event(attributes: &kernel::Map<String, Attribute>) -> Value {
    let value = |attribute: &Attribute| {
        let text = attribute.text.as_deref()?;
        match attribute.kind.as_str() {
            "String" => Some(Value::String(text.to_owned())),
            "Number" | "String.Array" => serde_json::from_str(text).ok(),
            kind if kind.starts_with("String.") => Some(Value::String(text.to_owned())),
            kind if kind.starts_with("Number.") => serde_json::from_str(text).ok(),
            _ => None,
        }
    };
    let members: Map<_, _> =
        attributes.iter().filter_map(|(name, attribute)| Some((name.clone(), value(attribute)?))).collect();
    Value::Object(members)
}

/// Checks a policy; the sentence follows `Invalid parameter: `.
pub fn check(policy: &str, scope: Option<&str>) -> Result<(), String> {
    let parsed: Value =
        serde_json::from_str(policy).map_err(|_| "FilterPolicy: failed to parse JSON.".to_owned())?;
    let is_of_body = scope == Some(BODY);
    if let Value::Object(fields) = &parsed {
        let is_nested = |(name, value): (&String, &Value)| value.is_object() && name != "$or";
        // A nested policy is refused as such only if it is one: a lone operator is worded by the parser.
        if !is_of_body
            && fields.iter().any(is_nested)
            && Pattern::parse(&parsed, Grammar::Subscriptions).is_ok()
        {
            return Err(
                "Filter policy scope MessageAttributes does not support nested filter policy".to_owned()
            );
        }
    }
    Pattern::parse(&parsed, Grammar::Subscriptions)
        .map_err(|sentence| format!("FilterPolicy: {sentence}"))?;
    let Value::Object(fields) = &parsed else {
        return Err("FilterPolicy: Filter is not an object".to_owned());
    };
    let paths = alternatives(fields, 1);
    if keys(fields) > limits::FILTER_KEYS && !has_or(fields) {
        return Err(format!(
            "FilterPolicy: Filter policy can not have more than {} keys",
            limits::FILTER_KEYS
        ));
    }
    if paths.iter().sum::<usize>() > limits::FILTER_COMBINATIONS {
        return Err("FilterPolicy: Filter policy is too complex".to_owned());
    }
    Ok(())
}

/// How many keys lead to values.
fn keys(fields: &Map<String, Value>) -> usize {
    fields.values().map(|value| value.as_object().map_or(1, keys)).sum()
}

fn has_or(fields: &Map<String, Value>) -> bool {
    fields.iter().any(|(name, value)| name == "$or" || value.as_object().is_some_and(has_or))
}

/// The combinations of values, one number for each alternative of `$or`s: values count as often as they are deep.
fn alternatives(fields: &Map<String, Value>, depth: usize) -> Vec<usize> {
    let mut products = vec![1];
    for (name, value) in fields {
        let of_field = match value {
            Value::Array(items) if name == "$or" && items.iter().all(Value::is_object) => {
                items.iter().filter_map(Value::as_object).flat_map(|item| alternatives(item, depth)).collect()
            }
            Value::Object(inner) => alternatives(inner, depth + 1),
            Value::Array(items) => vec![items.len() * depth],
            _ => vec![1],
        };
        let product = |left: &usize| -> Vec<usize> {
            of_field.iter().map(|right| left.saturating_mul(*right)).collect()
        };
        products = products.iter().flat_map(product).take(10_000).collect();
    }
    products
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn combinations_are_counted_as_aws_counts_them() {
        // AWS's own example: 3 values one deep, 2 values two deep, 1 value three deep are 3 x 4 x 3.
        let policy = json!({"a": ["1", "2", "3"], "b": {"c": ["1", "2"], "d": {"e": ["1"]}}});
        assert_eq!(alternatives(policy.as_object().unwrap(), 1), [36]);
    }

    #[test]
    fn too_much_is_refused() {
        let many = json!({"k": (0..151).map(|number| number.to_string()).collect::<Vec<_>>()});
        assert_eq!(check(&many.to_string(), None).unwrap_err(), "FilterPolicy: Filter policy is too complex");
        let wide = json!({"a": ["1"], "b": ["1"], "c": ["1"], "d": ["1"], "e": ["1"], "f": ["1"]});
        assert!(check(&wide.to_string(), None).unwrap_err().ends_with("can not have more than 5 keys"));
        let nested = json!({"a": {"b": ["1"]}}).to_string();
        assert!(check(&nested, None).is_err() && check(&nested, Some(BODY)).is_ok());
    }
}
