//! Transformers: what processors make of events when they arrive, kept beside the events themselves.
//!
//! What a transformer reads is the message with sensitive data masked, so that nothing that follows from it shows more.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation.html>

mod date;
mod date_pattern;
mod grok;
mod grok_patterns;
mod mutators;
mod parsers;
mod path;
mod processor;
mod reading;
#[cfg(test)]
mod tests;
mod vended;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api_logs::{LogGroupClass, LogsError, Processor as Given, PutTransformerInput};
use kernel::{Scope, validation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{ReadTx, Table};

use crate::Logs;
use crate::group::Group;

pub use processor::Origin;
use processor::{Parser, Processor};

/// Transformers of single groups, by the group's name.
pub static TRANSFORMERS: Table<String, Row> = Table::regional("logs.transformers");

/// How many transformers are kept compiled before all are let go.
const MOST: usize = 256;

/// Parsers of one transformer.
const PARSERS: usize = 5;

/// A transformer of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its processors, as JSON.
    pub document: String,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
}

/// What a transformer made of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transformed {
    /// JSON.
    Done(String),
    /// Nothing, and why.
    Failed(String),
}

/// Processors, one after the other.
#[derive(Debug)]
pub struct Transformer(Vec<Processor>);

/// Transformers that are used over and over, compiled once.
#[derive(Default)]
pub struct Transformers(Mutex<HashMap<String, Arc<Transformer>>>);

fn invalid(reason: impl std::fmt::Display) -> LogsError {
    LogsError::invalid_parameter_exception(format!("Invalid transformer configuration: {reason}."))
}

/// The processors that a JSON text is, which break none of the model's constraints.
pub fn read(document: &str) -> Result<Vec<Given>, LogsError> {
    let config: Value = serde_json::from_str(document).map_err(invalid)?;
    let whole = serde_json::json!({ "logGroupIdentifier": "all", "transformerConfig": config });
    let read = protocol::stored::from_json::<PutTransformerInput>(&whole.to_string());
    let (input, problems) = read.map_err(|error| invalid(format!("{error:?}")))?;
    if problems.is_empty() {
        Ok(input.transformer_config)
    } else {
        Err(LogsError::invalid_parameter_exception(validation::message(&problems)))
    }
}

/// Processors as a JSON text.
pub fn write(config: Vec<Given>) -> String {
    let input = PutTransformerInput { transformer_config: config, ..PutTransformerInput::default() };
    let whole: Value = serde_json::from_str(&protocol::stored::json(&input)).unwrap_or_default();
    whole["transformerConfig"].to_string()
}

impl Transformer {
    /// Reads a transformer.
    pub fn new(config: &[Given]) -> Result<Self, LogsError> {
        let all = config.iter().map(reading::read).collect::<Result<Vec<_>, _>>()?;
        if !all.first().is_some_and(Processor::is_parser) {
            return Err(invalid("the first processor must be a parser"));
        }
        if !all[0].reads_message() && matches!(all[0], Processor::Parse { parser: Parser::Json, .. }) {
            return Err(invalid("parseJSON as the first processor takes no source but @message"));
        }
        if all[1..].iter().any(Processor::is_vended) {
            return Err(invalid("a parser of vended logs must be the first processor"));
        }
        if all.iter().filter(|one| one.is_parser()).count() > PARSERS {
            return Err(invalid(format!("there can be at most {PARSERS} parsers")));
        }
        let count = |is_such: fn(&Processor) -> bool| all.iter().filter(|one| is_such(one)).count();
        for (name, found) in [
            ("grok", count(|one| matches!(one, Processor::Parse { parser: Parser::Grok(_), .. }))),
            ("addKeys", count(|one| matches!(one, Processor::Add(_)))),
            ("copyValue", count(|one| matches!(one, Processor::Copy(_)))),
        ] {
            if found > 1 {
                return Err(invalid(format!("there can be only one {name} processor")));
            }
        }
        Ok(Self(all))
    }

    /// What becomes of a message.
    pub fn apply(&self, message: &str, origin: &Origin) -> Transformed {
        let mut fields = Map::new();
        match self.0.iter().try_for_each(|one| one.apply(message, origin, &mut fields)) {
            Ok(()) => Transformed::Done(Value::Object(fields).to_string()),
            Err(reason) => Transformed::Failed(reason),
        }
    }
}

impl Transformers {
    /// The transformer that a JSON text is.
    pub fn compiled(&self, document: &str) -> Result<Arc<Transformer>, LogsError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transformer) = known.get(document) {
            return Ok(transformer.clone());
        }
        let transformer = Arc::new(Transformer::new(&read(document)?)?);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(document.to_owned(), transformer.clone());
        Ok(transformer)
    }
}

impl Logs {
    /// The transformer of a group: its own, or else the account's. Only groups of the standard class have one.
    pub fn transformer(
        &self,
        tx: &ReadTx<'_>,
        name: &str,
        group: &Group,
        account: Option<&str>,
    ) -> Result<Option<Arc<Transformer>>, LogsError> {
        if group.class != LogGroupClass::Standard {
            return Ok(None);
        }
        if group.transforms
            && let Some(row) = tx.get(&TRANSFORMERS, name)?
        {
            return self.transformers.compiled(&row.document).map(Some);
        }
        account.map(|document| self.transformers.compiled(document)).transpose()
    }
}

impl Origin {
    /// A stream of a group.
    pub fn new(scope: &Scope, group: &str, stream: &str) -> Self {
        Self {
            values: vec![
                ("@logGroupName", group.to_owned()),
                ("@logGroupStream", stream.to_owned()),
                ("@accountId", scope.account.to_string()),
                ("@regionName", scope.region.to_string()),
            ],
        }
    }
}
