//! An event against one alternative of a pattern.

use serde_json::Value;

use crate::rule::Rule;

/// A path from here, and what its value may be.
type Wanted<'a> = (&'a str, &'a [Rule]);

/// Whether a value has all that is wanted below it.
pub fn matches(value: &Value, wanted: &[Wanted<'_>]) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| matches(item, wanted)),
        Value::Object(members) => {
            let mut is_found = vec![false; wanted.len()];
            for (name, member) in members {
                let mut below = Vec::new();
                for (at, (path, rules)) in wanted.iter().enumerate() {
                    let Some(rest) = path.strip_prefix(name.as_str()) else { continue };
                    match rest.strip_prefix('.') {
                        // Elsewhere in this object it may be found as well: `a.b` beside `a`.
                        Some(rest) if !has(member, rest) => {}
                        Some(rest) => {
                            below.push((rest, *rules));
                            is_found[at] = true;
                        }
                        None if rest.is_empty() && !is_absent(member) => {
                            if !holds(member, rules) {
                                return false;
                            }
                            is_found[at] = true;
                        }
                        None => {}
                    }
                }
                if !below.is_empty() && !matches(member, &below) {
                    return false;
                }
            }
            let mut left = wanted.iter().zip(is_found).filter(|(_, is_found)| !is_found);
            left.all(|((_, rules), _)| rules.iter().any(Rule::holds_of_nothing))
        }
        _ => wanted.iter().all(|(_, rules)| rules.iter().any(Rule::holds_of_nothing)),
    }
}

/// Whether there is a leaf at a path below a value.
fn has(value: &Value, path: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| has(item, path)),
        Value::Object(members) => {
            members.iter().any(|(name, member)| match path.strip_prefix(name.as_str()) {
                Some("") => !is_absent(member),
                Some(rest) => rest.strip_prefix('.').is_some_and(|rest| has(member, rest)),
                None => false,
            })
        }
        _ => false,
    }
}

/// Objects are no leaves, and arrays with nothing in them are nothing.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().all(is_absent),
        _ => false,
    }
}

/// Whether a leaf, or an element of it, is as a rule asks.
fn holds(value: &Value, rules: &[Rule]) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| holds(item, rules)),
        Value::Object(_) => false,
        value => rules.iter().any(|rule| rule.holds(value)),
    }
}
