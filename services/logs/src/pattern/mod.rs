//! Filter patterns: terms, conditions on JSON, conditions on fields between spaces.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod cursor;
mod expression;
mod fields;
mod json;
mod terms;

use api_logs::LogsError;
use serde_json::Value;

use crate::errors;

/// How deep parentheses may be nested.
const DEEPEST: usize = 64;

/// Regular expressions of one pattern, as AWS bounds them.
const REGEXES: usize = 2;

/// A filter pattern.
#[derive(Debug)]
pub enum Pattern {
    /// Words anywhere in the message.
    Terms(terms::Terms),
    /// `{ $.field = … }`.
    Json(json::Condition),
    /// `[first, second = …, …]`.
    Fields(fields::Fields),
}

impl Pattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Self, LogsError> {
        let trimmed = text.trim();
        let parsed = match trimmed.as_bytes().first() {
            Some(b'{') => json::parse(trimmed).map(Self::Json),
            Some(b'[') => fields::parse(trimmed).map(Self::Fields),
            _ => terms::parse(trimmed).map(Self::Terms),
        };
        parsed.ok_or_else(errors::invalid_pattern)
    }

    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Self::Terms(terms) => terms.matches(message),
            Self::Json(condition) => json::read(message).is_some_and(|value| condition.holds(&value)),
            Self::Fields(fields) => fields.matches(message).is_some(),
        }
    }

    /// The message's part that a selector such as `$.size` or `$bytes` names, for metrics.
    pub fn select(&self, message: &str, selector: &str) -> Option<String> {
        match self {
            Self::Terms(_) => None,
            Self::Json(_) => {
                let path = json::path(selector)?;
                let value = json::read(message)?;
                path.find(&value).first().and_then(|value| text_of(value))
            }
            Self::Fields(fields) => {
                let values = fields.matches(message)?;
                let name = selector.strip_prefix('$')?;
                values.into_iter().find(|(field, _)| field == name).map(|(_, value)| value)
            }
        }
    }

    /// What a matching message has where the pattern looks: selectors and values.
    pub fn extract(&self, message: &str) -> Vec<(String, String)> {
        match self {
            Self::Terms(_) => Vec::new(),
            Self::Json(condition) => {
                json::read(message).map_or_else(Vec::new, |value| condition.extract(&value))
            }
            Self::Fields(fields) => {
                let values = fields.matches(message).unwrap_or_default();
                values.into_iter().map(|(name, value)| (format!("${name}"), value)).collect()
            }
        }
    }
}

/// The JSON of a message, if it is an object or a list.
pub fn read_json(message: &str) -> Option<Value> {
    json::read(message)
}

/// A scalar as text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
