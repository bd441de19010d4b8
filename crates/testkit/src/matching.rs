//! Whether an answer is as expected: `$name` binds, `"*"` accepts all.

use std::collections::HashMap;

use serde_json::Value;

/// What `$name` stands for.
pub type Bindings = HashMap<String, Value>;

/// Replaces `$name` by what it stands for.
pub fn fill(value: &Value, bindings: &Bindings) -> Value {
    match value {
        Value::String(text) => bindings.get(text).cloned().unwrap_or_else(|| value.clone()),
        Value::Array(values) => values.iter().map(|value| fill(value, bindings)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), fill(value, bindings))).collect())
        }
        other => other.clone(),
    }
}

/// Compares, and binds names on the way; the error says where they differ.
pub fn matches(expected: &Value, found: &Value, bindings: &mut Bindings, path: &str) -> Result<(), String> {
    match (expected, found) {
        (Value::String(text), _) if text == "*" => Ok(()),
        (Value::String(text), _) if text.starts_with('$') => match bindings.get(text) {
            Some(bound) if bound != found => Err(format!("{path}: {text} is {bound}, not {found}")),
            Some(_) => Ok(()),
            None => {
                bindings.insert(text.clone(), found.clone());
                Ok(())
            }
        },
        (Value::Object(expected), Value::Object(found)) => {
            if let Some(extra) = found.keys().find(|name| !expected.contains_key(*name)) {
                return Err(format!("{path}: unexpected `{extra}`: {}", found[extra]));
            }
            expected.iter().try_for_each(|(name, value)| match found.get(name) {
                Some(found) => matches(value, found, bindings, &format!("{path}.{name}")),
                None => Err(format!("{path}: `{name}` is missing")),
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.try_for_each(|(at, (left, right))| matches(left, right, bindings, &format!("{path}[{at}]")))
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => Ok(()),
        (left, right) if left == right => Ok(()),
        (left, right) => Err(format!("{path}: expected {left}, found {right}")),
    }
}
