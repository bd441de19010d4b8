//! Processors that change strings, keys and types.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-StringMutate.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-JSONMutate.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Datatype.html>

use api_logs::{LogsError, SubstituteStringEntry, Type};
use regex::Regex;
use serde_json::{Map, Number, Value};

use super::path::{Fields, Path, merge};

/// References to groups in one replacement, and to the same one.
const REFERENCES: usize = 10;
const SAME_REFERENCES: usize = 2;

/// Changes the strings at these keys; what is no string stays.
pub fn strings(fields: &mut Fields, keys: &[Path], change: impl Fn(&str) -> Value) {
    for key in keys {
        if let Some(value) = key.get_mut(fields)
            && let Some(text) = value.as_str()
        {
            *value = change(text);
        }
    }
}

/// A text to be replaced, and what replaces it.
#[derive(Debug)]
pub struct Substitution {
    /// Where.
    pub source: Path,
    /// What is found.
    pub from: Regex,
    /// What comes in its place, in the words of the library.
    pub to: String,
}

impl Substitution {
    /// Reads an entry.
    pub fn new(entry: &SubstituteStringEntry) -> Result<Self, LogsError> {
        let from = Regex::new(&entry.from).map_err(|_| {
            super::invalid(format!(
                "the regular expression {:?} of substituteString is not valid",
                entry.from
            ))
        })?;
        let to = replacement(&from, &entry.to)?;
        Ok(Self { source: Path::parse(&entry.source)?, from, to })
    }
}

/// Java takes `$1a` for the first group and an `a`; the library would look for a group named `1a`.
fn replacement(regex: &Regex, text: &str) -> Result<String, LogsError> {
    let unknown = || super::invalid(format!("the replacement {text:?} refers to a group that is not there"));
    let mut out = String::new();
    let mut references: Vec<String> = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next().ok_or_else(unknown)? {
                '$' => out.push_str("$$"),
                other => out.push(other),
            },
            '$' if characters.next_if_eq(&'{').is_some() => {
                let name: String = characters.by_ref().take_while(|c| *c != '}').collect();
                regex.capture_names().flatten().find(|known| *known == name).ok_or_else(unknown)?;
                out.push_str(&format!("${{{name}}}"));
                references.push(name);
            }
            '$' => {
                let digit = |c: &char| c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                let mut group = characters.peek().and_then(digit).ok_or_else(unknown)?;
                characters.next();
                // More digits count as long as there is such a group.
                while let Some(next) = characters.peek().and_then(digit)
                    && group * 10 + next < regex.captures_len()
                {
                    group = group * 10 + next;
                    characters.next();
                }
                if group >= regex.captures_len() {
                    return Err(unknown());
                }
                out.push_str(&format!("${{{group}}}"));
                references.push(group.to_string());
            }
            other => out.push(other),
        }
    }
    let same = |one: &String| references.iter().filter(|other| *other == one).count();
    if references.len() > REFERENCES || references.iter().any(|one| same(one) > SAME_REFERENCES) {
        return Err(super::invalid(format!(
            "a replacement refers to at most {REFERENCES} groups, and at most {SAME_REFERENCES} times to the same"
        )));
    }
    Ok(out)
}

/// How a list becomes a map.
#[derive(Debug)]
pub struct ListToMap {
    /// The list.
    pub source: Path,
    /// What names the entries.
    pub key: String,
    /// What is put there, if not whole items.
    pub value_key: Option<String>,
    /// Where the map goes.
    pub target: Option<Path>,
    /// Whether the first (`false`) or the last of a name counts; all, where nothing is said.
    pub keep_last: Option<bool>,
}

impl ListToMap {
    /// Changes an event.
    pub fn apply(&self, fields: &mut Fields) {
        let Some(Value::Array(list)) = self.source.get(fields) else { return };
        let mut map: Map<String, Value> = Map::new();
        for item in list.iter().filter_map(Value::as_object) {
            let Some(name) = item.get(&self.key).and_then(Value::as_str) else { continue };
            let value = match &self.value_key {
                Some(key) => item.get(key).cloned().unwrap_or_default(),
                None => Value::Object(item.clone()),
            };
            match (self.keep_last, map.get_mut(name)) {
                (Some(false), Some(_)) => {}
                (None, Some(Value::Array(all))) => all.push(value),
                (None, _) => drop(map.insert(name.to_owned(), Value::Array(vec![value]))),
                (Some(_), _) => drop(map.insert(name.to_owned(), value)),
            }
        }
        merge(fields, map, self.target.as_ref(), true);
    }
}

/// A value as another type.
#[allow(clippy::cast_possible_truncation, reason = "what does not fit is refused before")]
pub fn convert(value: &Value, to: &Type) -> Result<Value, String> {
    let failed = || format!("typeConverter: {value} cannot become {}", to.as_str());
    let text = value.as_str().map(str::trim);
    match to.as_str() {
        "integer" => match value {
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Ok(whole.into()),
                (None, Some(number)) if number.abs() < 9e15 => Ok((number.trunc() as i64).into()),
                _ => Err(failed()),
            },
            _ => text.and_then(|text| text.parse::<i64>().ok()).map(Value::from).ok_or_else(failed),
        },
        "double" => {
            let number = value.as_f64().or_else(|| text?.parse().ok()).and_then(Number::from_f64);
            number.map(Value::Number).ok_or_else(failed)
        }
        "boolean" => match (value, text) {
            (Value::Bool(_), _) => Ok(value.clone()),
            (_, Some(text)) if text.eq_ignore_ascii_case("true") => Ok(true.into()),
            (_, Some(text)) if text.eq_ignore_ascii_case("false") => Ok(false.into()),
            _ => Err(failed()),
        },
        _ => match value {
            Value::String(_) => Ok(value.clone()),
            Value::Number(_) | Value::Bool(_) => Ok(value.to_string().into()),
            _ => Err(failed()),
        },
    }
}
