//! Rows on their way through a query: an event, and what commands have added to it.

use std::cell::OnceCell;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::lambda;
use super::value::Value;
use crate::event::Place;
use crate::transformer::Transformed;

/// An event.
#[derive(Debug)]
pub struct Source {
    /// The account that has it.
    pub account: String,
    /// The group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Milliseconds since 1970, and number in the group.
    pub place: Place,
    /// When it arrived.
    pub ingested: i64,
    /// The text.
    pub message: String,
    /// The text as it came, where the other is masked.
    pub unmasked: Option<String>,
    /// What a transformer made of it.
    pub transformed: Option<Transformed>,
    /// What fields are found in, as JSON, once somebody has asked.
    pub json: OnceCell<Option<Json>>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The event it comes from; none behind `stats`.
    pub source: Option<Rc<Source>>,
    /// What commands have added; the last of a name counts.
    pub added: Vec<(Rc<str>, Value)>,
}

/// Names the event to `GetLogRecord`.
pub fn pointer(source: &Source) -> String {
    STANDARD.encode(format!("{}\0{}\0{}", source.group, source.stream, source.place.id()))
}

/// Scalars as values, the rest as JSON.
pub fn scalar(json: &Json) -> Value {
    match json {
        Json::Null => Value::Missing,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::of(number.as_f64()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => Value::Json(json.clone().into()),
    }
}

/// What a path such as `a.b.0` leads to; a member may have dots in its name.
pub fn find<'j>(json: &'j Json, path: &str) -> Option<&'j Json> {
    let step = |json: &'j Json, name: &str| match json {
        Json::Object(members) => members.get(name),
        Json::Array(items) => name.parse().ok().and_then(|at: usize| items.get(at)),
        _ => None,
    };
    if let Some(found) = step(json, path) {
        return Some(found);
    }
    let mut dots = path.match_indices('.');
    dots.find_map(|(at, _)| step(json, &path[..at]).and_then(|inner| find(inner, &path[at + 1..])))
}

impl Source {
    fn json(&self) -> Option<&Json> {
        let text = match &self.transformed {
            Some(Transformed::Done(text)) => text,
            _ => &self.message,
        };
        self.json.get_or_init(|| crate::pattern::read_json(text)).as_ref()
    }

    /// A field that Insights finds in every event, in Lambda's, or in JSON.
    pub fn field(&self, name: &str) -> Value {
        match name {
            "@timestamp" => Value::Time(self.place.time),
            "@ingestionTime" => Value::Time(self.ingested),
            "@message" => Value::Text(self.message.clone()),
            "@logStream" => Value::Text(self.stream.clone()),
            "@log" => Value::Text(format!("{}:{}", self.account, self.group)),
            "@ptr" => Value::Text(pointer(self)),
            "@transformationError" => match &self.transformed {
                Some(Transformed::Failed(reason)) => Value::Text(reason.clone()),
                _ => Value::Missing,
            },
            _ => match name.strip_prefix('@') {
                Some(known) if self.group.starts_with("/aws/lambda/") => lambda::field(&self.message, known),
                _ => self.json().and_then(|json| find(json, name)).map_or(Value::Missing, scalar),
            },
        }
    }

    /// The names of all its fields.
    pub fn names(&self) -> Vec<String> {
        let mut names =
            ["@ingestionTime", "@log", "@logStream", "@message", "@timestamp"].map(str::to_owned).to_vec();
        if matches!(self.transformed, Some(Transformed::Failed(_))) {
            names.push("@transformationError".to_owned());
        }
        if self.group.starts_with("/aws/lambda/") {
            names.extend(lambda::names(&self.message).map(|name| format!("@{name}")));
        }
        if let Some(json) = self.json() {
            leaves(json, String::new(), &mut names);
        }
        names
    }
}

/// The paths of all scalars.
fn leaves(json: &Json, path: String, names: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, json)| leaves(json, below(name), names)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(at, json)| leaves(json, below(&at.to_string()), names));
        }
        // AWS finds this many fields in an event.
        _ if names.len() < 200 && !path.is_empty() => names.push(path),
        _ => {}
    }
}

impl Row {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Value {
        if let Some((_, value)) = self.added.iter().rev().find(|(added, _)| **added == *name) {
            return value.clone();
        }
        // A part of what `jsonParse` made.
        let part = |(added, value): &(Rc<str>, Value)| match value {
            Value::Json(json) => find(json, name.strip_prefix(&**added)?.strip_prefix('.')?).map(scalar),
            _ => None,
        };
        if let Some(value) = self.added.iter().rev().find_map(part) {
            return value;
        }
        self.source.as_ref().map_or(Value::Missing, |source| source.field(name))
    }
}
