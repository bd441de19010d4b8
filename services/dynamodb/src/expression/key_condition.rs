//! Key conditions: one test for each key attribute.

use api_dynamodb::AttributeValue;

use super::condition::{Comparison, Condition, Operand};

/// A test of one key attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyTerm<'a> {
    /// The attribute.
    pub name: &'a str,
    /// The test.
    pub test: KeyTest<'a>,
}

/// What a key attribute must be.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyTest<'a> {
    /// Compared so with a value.
    Compare(Comparison, &'a AttributeValue),
    /// Between two values, or one of them.
    Between(&'a AttributeValue, &'a AttributeValue),
    /// Beginning so.
    BeginsWith(&'a AttributeValue),
}

impl<'a> KeyTest<'a> {
    /// The values that the key is compared with.
    pub fn values(&self) -> impl Iterator<Item = &'a AttributeValue> {
        let (one, two) = match self {
            Self::Compare(_, value) | Self::BeginsWith(value) => (value, None),
            Self::Between(low, high) => (low, Some(high)),
        };
        std::iter::once(*one).chain(two.copied())
    }
}

/// The tests of a condition, or why it is no key condition.
pub fn terms<'a>(condition: &Condition<'a>) -> Result<Vec<KeyTerm<'a>>, String> {
    let mut terms = Vec::with_capacity(2);
    collect(condition, &mut terms)?;
    if terms.len() > 2 {
        return Err("Conditions can be of length 1 or 2 only".to_owned());
    }
    Ok(terms)
}

fn collect<'a>(condition: &Condition<'a>, terms: &mut Vec<KeyTerm<'a>>) -> Result<(), String> {
    let term = match condition {
        Condition::And(one, two) => {
            collect(one, terms)?;
            return collect(two, terms);
        }
        Condition::Compare(comparison, one, two) => compare(*comparison, one, two)?,
        Condition::Between(operand, low, high) => {
            let name = first_operand("BETWEEN", operand)?;
            KeyTerm { name, test: KeyTest::Between(value(low)?, value(high)?) }
        }
        Condition::BeginsWith(operand, start) => {
            let name = first_operand("begins_with", operand)?;
            KeyTerm { name, test: KeyTest::BeginsWith(value(start)?) }
        }
        other => return Err(format!("Invalid operator used in KeyConditionExpression: {}", operator(other))),
    };
    if terms.iter().any(|other| other.name == term.name) {
        return Err("KeyConditionExpressions must only contain one condition per key".to_owned());
    }
    terms.push(term);
    Ok(())
}

fn compare<'a>(comparison: Comparison, one: &Operand<'a>, two: &Operand<'a>) -> Result<KeyTerm<'a>, String> {
    if comparison == Comparison::NotEqual {
        return Err("Invalid operator used in KeyConditionExpression: <>".to_owned());
    }
    match (one, two) {
        (Operand::Size(_), _) | (_, Operand::Size(_)) => Err(nested()),
        (Operand::Value(_), Operand::Value(_)) => {
            Err("Invalid condition in KeyConditionExpression: No key attribute specified".to_owned())
        }
        (Operand::Value(value), path) => {
            Ok(KeyTerm { name: attribute(path)?, test: KeyTest::Compare(comparison.turned(), value) })
        }
        (path, other) => {
            Ok(KeyTerm { name: attribute(path)?, test: KeyTest::Compare(comparison, value(other)?) })
        }
    }
}

fn first_operand<'a>(operator: &str, operand: &Operand<'a>) -> Result<&'a str, String> {
    match operand {
        Operand::Path(_) => attribute(operand),
        Operand::Size(_) => Err(nested()),
        Operand::Value(_) => Err(format!(
            "Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its \
             first operand"
        )),
    }
}

fn attribute<'a>(operand: &Operand<'a>) -> Result<&'a str, String> {
    match operand {
        Operand::Path(path) if path.is_nested() => {
            Err("KeyConditionExpressions cannot have conditions on nested attributes".to_owned())
        }
        Operand::Path(path) => Ok(path.head),
        _ => Err("Invalid condition in KeyConditionExpression: No key attribute specified".to_owned()),
    }
}

fn value<'a>(operand: &Operand<'a>) -> Result<&'a AttributeValue, String> {
    match operand {
        Operand::Value(value) => Ok(value),
        Operand::Size(_) => Err(nested()),
        Operand::Path(_) => {
            let message =
                "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition";
            Err(message.to_owned())
        }
    }
}

fn nested() -> String {
    "KeyConditionExpressions cannot contain nested operations".to_owned()
}

fn operator(condition: &Condition<'_>) -> &'static str {
    match condition {
        Condition::Or(..) => "OR",
        Condition::Not(other) if matches!(**other, Condition::Exists(_)) => "attribute_not_exists",
        Condition::Not(_) => "NOT",
        Condition::In(..) => "IN",
        Condition::Exists(_) => "attribute_exists",
        Condition::Contains(..) => "contains",
        Condition::Type(..) => "attribute_type",
        _ => "",
    }
}
