//! Expressions: a small compiler from text to typed trees that borrow from the request.

mod condition;
mod function;
mod key_condition;
mod lexer;
mod parser;
mod path;
mod problems;
mod projection;
mod reserved;
#[cfg(test)]
mod tests;
mod update;
mod update_parser;

use std::collections::HashSet;

use api_dynamodb::{AttributeValue, DynamodbError};
use kernel::Map;

pub use condition::{Comparison, Condition, Operand};
pub use function::is_type_name;
pub use key_condition::{KeyTerm, KeyTest, terms};
pub use parser::wrong_bounds;
pub use path::{Path, Step};
pub use projection::Projection;
pub use update::{SetValue, Update};

use crate::item::Attributes;
use crate::{errors, value};

/// The names and values that the expressions of one request share.
pub struct Compiler<'a> {
    names: Option<&'a Map<String, String>>,
    values: Option<&'a Attributes>,
    used: HashSet<&'a str>,
}

/// Checks the names and values that expressions will use and writes numbers as AWS prints them.
pub fn prepare(
    names: Option<&Map<String, String>>,
    values: Option<&mut Attributes>,
) -> Result<(), DynamodbError> {
    check_keys("ExpressionAttributeNames", '#', names.map(Map::keys))?;
    check_keys("ExpressionAttributeValues", ':', values.as_ref().map(|values| values.keys()))?;
    for (key, value) in values.into_iter().flatten() {
        value::normalise(value).map_err(|problem| {
            errors::validation(format!(
                "ExpressionAttributeValues contains invalid value: {problem} for key {key}"
            ))
        })?;
    }
    Ok(())
}

impl<'a> Compiler<'a> {
    /// A compiler with the request's names and values, which [`prepare`] has checked.
    pub fn new(names: Option<&'a Map<String, String>>, values: Option<&'a Attributes>) -> Self {
        Self { names, values, used: HashSet::new() }
    }

    /// Compiles a condition or filter.
    pub fn condition(&mut self, kind: &str, text: &'a str) -> Result<Condition<'a>, DynamodbError> {
        let within = match kind {
            "FilterExpression" => "filter expression",
            "KeyConditionExpression" => "key condition expression",
            _ => "condition expression",
        };
        parser::Parser::compile(self, within, text, parser::Parser::condition)
            .map_err(|problem| wrong(kind, &problem))
    }

    /// Compiles a key condition.
    pub fn key_condition(&mut self, text: &'a str) -> Result<Vec<KeyTerm<'a>>, DynamodbError> {
        let condition = self.condition("KeyConditionExpression", text)?;
        terms(&condition).map_err(errors::validation)
    }

    /// Compiles an update.
    pub fn update(&mut self, text: &'a str) -> Result<Update<'a>, DynamodbError> {
        parser::Parser::compile(self, "update expression", text, parser::Parser::update)
            .map_err(|problem| wrong("UpdateExpression", &problem))
    }

    /// Compiles a projection.
    pub fn projection(&mut self, text: &'a str) -> Result<Projection<'a>, DynamodbError> {
        parser::Parser::compile(self, "projection expression", text, parser::Parser::projection)
            .map_err(|problem| wrong("ProjectionExpression", &problem))
    }

    /// Checks that all names and values were used.
    pub fn finish(self) -> Result<(), DynamodbError> {
        let unused = |what: &str, keys: Vec<&str>| {
            if keys.is_empty() {
                return Ok(());
            }
            let keys = keys.join(", ");
            Err(errors::validation(format!(
                "Value provided in {what} unused in expressions: keys: {{{keys}}}"
            )))
        };
        let is_unused = |key: &&str| !self.used.contains(key);
        let names = self.names.into_iter().flat_map(Map::keys).map(String::as_str);
        unused("ExpressionAttributeNames", names.filter(is_unused).collect())?;
        let values = self.values.into_iter().flat_map(Map::keys).map(String::as_str);
        unused("ExpressionAttributeValues", values.filter(is_unused).collect())
    }

    fn name(&mut self, key: &str) -> Option<&'a str> {
        let (key, name) = self.names?.get_key_value(key)?;
        self.used.insert(key);
        Some(name)
    }

    fn value(&mut self, key: &str) -> Option<&'a AttributeValue> {
        let (key, value) = self.values?.get_key_value(key)?;
        self.used.insert(key);
        Some(value)
    }
}

fn wrong(kind: &str, problem: &str) -> DynamodbError {
    errors::validation(format!("Invalid {kind}: {problem}"))
}

fn check_keys<'k>(
    what: &str,
    sign: char,
    keys: Option<impl ExactSizeIterator<Item = &'k String>>,
) -> Result<(), DynamodbError> {
    let Some(mut keys) = keys else { return Ok(()) };
    if keys.len() == 0 {
        return Err(errors::validation(format!("{what} must not be empty")));
    }
    let is_valid = |key: &String| {
        let name = key.strip_prefix(sign).unwrap_or_default();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match keys.find(|key| !is_valid(key)) {
        Some(key) => {
            Err(errors::validation(format!("{what} contains invalid key: Syntax error; key: \"{key}\"")))
        }
        None => Ok(()),
    }
}

/// Which parameters a request has: those of expressions and those of before expressions were.
pub struct Styles<'s> {
    /// Parameters that are expressions, and whether they are given.
    pub expressions: &'s [(&'s str, bool)],
    /// Parameters that expressions replace, and whether they are given.
    pub others: &'s [(&'s str, bool)],
    /// Whether names are given.
    pub names: bool,
    /// Whether values are given.
    pub values: bool,
}

impl Styles<'_> {
    /// Checks that a request keeps to one style.
    pub fn check(&self) -> Result<(), DynamodbError> {
        let given = |list: &[(&str, bool)]| {
            let names: Vec<_> = list.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
            names.join(", ")
        };
        let (expressions, others) = (given(self.expressions), given(self.others));
        if !expressions.is_empty() && !others.is_empty() {
            return Err(errors::validation(format!(
                "Can not use both expression and non-expression parameters in the same request: Non-expression \
                 parameters: {{{others}}} Expression parameters: {{{expressions}}}"
            )));
        }
        if self.names && expressions.is_empty() {
            let message = "ExpressionAttributeNames can only be specified when using expressions";
            return Err(errors::validation(message));
        }
        let takers: Vec<_> =
            self.expressions.iter().filter(|(name, _)| *name != "ProjectionExpression").collect();
        if self.values && !takers.is_empty() && takers.iter().all(|(_, given)| !given) {
            let names: Vec<_> = takers.iter().map(|(name, _)| *name).collect();
            let are = if names.len() > 1 { "are" } else { "is" };
            return Err(errors::validation(format!(
                "ExpressionAttributeValues can only be specified when using expressions: {} {are} null",
                names.join(" and ")
            )));
        }
        Ok(())
    }
}
