//! Parsers that are told what to look for: `parseJSON`, `parseKeyValue`, `csv`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Configurable.html>

use api_logs::{CSV, LogsError, ParseKeyValue};
use serde_json::{Map, Value};

use super::path::{Fields, Path};

/// What takes columns apart.
#[derive(Debug)]
pub struct Csv {
    delimiter: u8,
    quote: u8,
    columns: Vec<Path>,
}

/// What takes keys and values apart.
#[derive(Debug)]
pub struct KeyValue {
    fields: String,
    pairs: String,
    prefix: String,
    no_match: Option<String>,
}

/// The object that a text is.
pub fn json(text: &str) -> Result<Fields, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("parseJSON: the text is not a JSON object".to_owned()),
        Err(error) => Err(format!("parseJSON: {error}")),
    }
}

impl Csv {
    /// Reads the settings.
    pub fn new(given: &CSV) -> Result<Self, LogsError> {
        let delimiter = match given.delimiter.as_deref() {
            None => ",",
            Some("\\t") => "\t",
            Some("\\s") => " ",
            Some(other) => other,
        };
        let columns = given.columns.iter().flatten().map(|name| Path::parse(name));
        Ok(Self {
            delimiter: byte("delimiter", delimiter)?,
            quote: byte("quoteCharacter", given.quote_character.as_deref().unwrap_or("\""))?,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// The columns of a text.
    pub fn parse(&self, text: &str) -> Result<Fields, String> {
        let text = text.trim_end_matches(['\r', '\n']);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .has_headers(false)
            .flexible(true)
            // An event is one record, whatever lines it has.
            .terminator(csv::Terminator::Any(0))
            .from_reader(text.as_bytes());
        let record = reader.records().next().transpose().map_err(|error| format!("csv: {error}"))?;
        let mut fields = Map::new();
        for (at, value) in record.iter().flatten().enumerate() {
            match self.columns.get(at) {
                Some(name) => name.set(&mut fields, value.into(), true),
                None => drop(fields.insert(format!("column_{}", at + 1), value.into())),
            }
        }
        Ok(fields)
    }
}

fn byte(what: &str, text: &str) -> Result<u8, LogsError> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(super::invalid(format!("{what} must be one character"))),
    }
}

impl KeyValue {
    /// Reads the settings.
    pub fn new(given: &ParseKeyValue) -> Self {
        Self {
            fields: given.field_delimiter.clone().unwrap_or_else(|| "&".to_owned()),
            pairs: given.key_value_delimiter.clone().unwrap_or_else(|| "=".to_owned()),
            prefix: given.key_prefix.clone().unwrap_or_default(),
            no_match: given.non_match_value.clone(),
        }
    }

    /// The keys and values of a text.
    pub fn parse(&self, text: &str) -> Fields {
        let mut fields = Map::new();
        for part in text.split(&self.fields).filter(|part| !part.is_empty()) {
            let (key, value) = match part.split_once(&self.pairs) {
                Some((key, value)) => (key, Value::from(value)),
                None => (part, self.no_match.clone().map_or(Value::Null, Value::from)),
            };
            fields.insert(format!("{}{key}", self.prefix), value);
        }
        fields
    }
}
