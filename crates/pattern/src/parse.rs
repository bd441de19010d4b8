//! From JSON to a pattern.

use serde_json::{Map, Value};

use crate::cidr::Cidr;
use crate::numeric::Range;
use crate::rule::Rule;
use crate::{Field, Grammar};

/// The most alternatives that `$or`s may multiply to.
const ALTERNATIVES: usize = 1000;

/// Names that tell an alternative of `$or` from a rule of a field that is called so.
const OPERATORS: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];

/// The alternatives of a whole pattern.
pub fn pattern(pattern: &Value, grammar: Grammar) -> Result<Vec<Vec<Field>>, String> {
    let Value::Object(fields) = pattern else { return Err("Filter is not an object".to_owned()) };
    alternatives(fields, "", grammar)
}

fn alternatives(
    fields: &Map<String, Value>,
    prefix: &str,
    grammar: Grammar,
) -> Result<Vec<Vec<Field>>, String> {
    if fields.is_empty() && grammar == Grammar::Events {
        return Err("Empty objects are not allowed".to_owned());
    }
    let mut found = vec![Vec::new()];
    for (name, value) in fields {
        let of_field = match value {
            Value::Array(items) if name == "$or" && is_or(items) => either(items, prefix, grammar)?,
            _ => field(name, value, prefix, grammar)?,
        };
        if found.len() * of_field.len() > ALTERNATIVES {
            return Err(format!("Rule is too complex: it has more than {ALTERNATIVES} alternatives"));
        }
        found = product(&found, &of_field);
    }
    Ok(found)
}

fn product(left: &[Vec<Field>], right: &[Vec<Field>]) -> Vec<Vec<Field>> {
    left.iter().flat_map(|left| right.iter().map(|right| [left.as_slice(), right].concat())).collect()
}

/// Whether a list is one of alternatives: two or more objects, none of which is a rule.
fn is_or(items: &[Value]) -> bool {
    let is_alternative = |item: &Value| {
        item.as_object().is_some_and(|item| {
            !item.is_empty() && !item.keys().any(|name| OPERATORS.contains(&name.as_str()))
        })
    };
    items.len() > 1 && items.iter().all(is_alternative)
}

fn either(items: &[Value], prefix: &str, grammar: Grammar) -> Result<Vec<Vec<Field>>, String> {
    let mut all = Vec::new();
    for item in items.iter().filter_map(Value::as_object) {
        all.extend(alternatives(item, prefix, grammar)?);
    }
    Ok(all)
}

fn field(name: &str, value: &Value, prefix: &str, grammar: Grammar) -> Result<Vec<Vec<Field>>, String> {
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match value {
        Value::Object(fields) => alternatives(fields, &path, grammar),
        Value::Array(items) if items.is_empty() => Err("Empty arrays are not allowed".to_owned()),
        Value::Array(items) => {
            let rules: Vec<Rule> = items.iter().map(|item| rule(item, grammar)).collect::<Result<_, _>>()?;
            Ok(vec![vec![Field { path, rules: rules.into() }]])
        }
        _ => Err(format!("\"{name}\" must be an object or an array")),
    }
}

fn rule(item: &Value, grammar: Grammar) -> Result<Rule, String> {
    match item {
        Value::Array(_) => Err("Match value must be String, number, true, false, or null".to_owned()),
        Value::Object(operator) => {
            let mut members = operator.iter();
            let Some((name, value)) = members.next() else {
                return Err("Empty match expression".to_owned());
            };
            let rule = operation(name, value, grammar)?;
            if members.next().is_some() {
                return Err("Only one key allowed in match expression".to_owned());
            }
            Ok(rule)
        }
        value => Ok(Rule::Equals(value.clone())),
    }
}

fn operation(name: &str, value: &Value, grammar: Grammar) -> Result<Rule, String> {
    let is_events = grammar == Grammar::Events;
    match (name, value) {
        ("anything-but", value) => anything_but(value, grammar).map(Rule::AnythingBut),
        // AWS names the wrong operator here.
        ("cidr", value) => Cidr::parse(text("prefix", value)?).map(Rule::Cidr),
        ("equals-ignore-case", value) => Ok(Rule::IgnoreCase(text(name, value)?.to_lowercase())),
        ("exists", Value::Bool(wanted)) => Ok(Rule::Exists(*wanted)),
        ("exists", _) => Err("exists match pattern must be either true or false.".to_owned()),
        ("numeric", Value::Array(terms)) => Range::parse(terms).map(Rule::Numeric),
        ("numeric", _) => Err("Value of numeric must be an array.".to_owned()),
        ("prefix" | "suffix", Value::Object(inner)) if is_events => {
            let text = match inner.iter().next() {
                Some((other, _)) if other != "equals-ignore-case" => {
                    return Err(format!("Unsupported {name} pattern: {other}"));
                }
                Some((_, value)) if inner.len() == 1 => text(name, value)?.to_lowercase(),
                _ => return Err(format!("{name} match pattern must be a string")),
            };
            Ok(if name == "prefix" { Rule::PrefixIgnoreCase(text) } else { Rule::SuffixIgnoreCase(text) })
        }
        ("prefix", value) => Ok(Rule::Prefix(text(name, value)?.to_owned())),
        ("suffix", value) => Ok(Rule::Suffix(text(name, value)?.to_owned())),
        ("wildcard", value) if is_events => Rule::wildcard(text(name, value)?),
        (other, _) => Err(format!("Unrecognized match type {other}")),
    }
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("{name} match pattern must be a string"))
}

/// What is excepted: values, or an operator with one or several texts.
fn anything_but(value: &Value, grammar: Grammar) -> Result<Vec<Rule>, String> {
    match value {
        Value::Object(inner) => {
            let Some((name, value)) = inner.iter().next() else {
                return Err("Empty match expression".to_owned());
            };
            let is_known = match grammar {
                Grammar::Events => {
                    matches!(name.as_str(), "equals-ignore-case" | "prefix" | "suffix" | "wildcard")
                }
                Grammar::Subscriptions => name == "prefix",
            };
            if !is_known {
                return Err(format!("Unsupported anything-but pattern: {name}"));
            }
            let rules = match value {
                Value::Array(items) if grammar == Grammar::Events => {
                    items.iter().map(|item| operation(name, item, grammar)).collect()
                }
                value => operation(name, value, grammar).map(|rule| vec![rule]),
            };
            if inner.len() > 1 {
                return Err("Only one key allowed in match expression".to_owned());
            }
            rules
        }
        Value::Array(items) => {
            if items.is_empty() {
                return Err("Empty arrays are not allowed".to_owned());
            }
            if !items.iter().all(|item| item.is_string() || item.is_number()) {
                return Err("Inside anything but list, start|null|boolean is not supported.".to_owned());
            }
            if items.iter().any(Value::is_string) && items.iter().any(Value::is_number) {
                return Err("Inside anything but list, either all values are number or string, mixed type is not supported".to_owned());
            }
            Ok(items.iter().cloned().map(Rule::Equals).collect())
        }
        value if value.is_string() || value.is_number() => Ok(vec![Rule::Equals(value.clone())]),
        _ => Err("Value of anything-but must be an array or single string/number value.".to_owned()),
    }
}
