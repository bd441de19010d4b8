//! From trees of statements to the conditions that all operations use.

use api_dynamodb::AttributeValue;

use super::ast::{Expression, Location, Operator, Part, Select};
use super::parser::{Parsed, Problem, refused};
use crate::expression::{Condition, Operand, Path, Step, is_type_name, wrong_bounds};
use crate::value;

/// A query, ready to run.
pub struct Selection<'a> {
    /// The table.
    pub table: &'a str,
    /// The index, if one is read.
    pub index: Option<&'a str>,
    /// What items must be.
    pub condition: Option<Condition<'a>>,
    /// What to answer of each item, and under which names.
    pub columns: Option<Vec<(String, Path<'a>)>>,
    /// `ORDER BY`: attributes, and whether the order is turned.
    pub order: &'a [(String, bool)],
}

impl<'a> Selection<'a> {
    /// Compiles a query.
    pub fn new(select: &'a Select) -> Parsed<Self> {
        let column = |location| (column_name(location), path(location));
        Ok(Self {
            table: &select.table,
            index: select.index.as_deref(),
            condition: select.condition.as_ref().map(condition).transpose()?,
            columns: select.columns.as_ref().map(|columns| columns.iter().map(column).collect()),
            order: &select.order,
        })
    }
}

/// A column is named after the last name of its path, and the indexes behind that.
fn column_name(location: &Location) -> String {
    let mut name = location.head.clone();
    for part in &location.rest {
        match part {
            Part::Name(part) => name.clone_from(part),
            Part::Index(index) => name.push_str(&format!("[{index}]")),
        }
    }
    name
}

/// A path as expressions have it.
pub fn path(location: &Location) -> Path<'_> {
    let step = |part| match part {
        &Part::Index(index) => Step::Index(index),
        Part::Name(name) => Step::Name(name),
    };
    Path { head: &location.head, rest: location.rest.iter().map(step).collect() }
}

/// A condition as expressions have it.
pub fn condition(expression: &Expression) -> Parsed<Condition<'_>> {
    Ok(match expression {
        Expression::Binary(Operator::And, one, two) => {
            Condition::And(Box::new(condition(one)?), Box::new(condition(two)?))
        }
        Expression::Binary(Operator::Or, one, two) => {
            Condition::Or(Box::new(condition(one)?), Box::new(condition(two)?))
        }
        Expression::Binary(Operator::Compare(comparison), one, two) => {
            Condition::Compare(*comparison, operand(one)?, operand(two)?)
        }
        Expression::Between(one, low, high) => {
            if let (Expression::Value(low), Expression::Value(high)) = (&**low, &**high)
                && let Some(problem) = wrong_bounds(low, high)
            {
                return refused(problem);
            }
            Condition::Between(operand(one)?, operand(low)?, operand(high)?)
        }
        Expression::In(one, choices) => {
            Condition::In(operand(one)?, choices.iter().map(operand).collect::<Parsed<_>>()?)
        }
        Expression::Not(other) => Condition::Not(Box::new(condition(other)?)),
        Expression::IsMissing(operand) => Condition::Not(Box::new(Condition::Exists(attribute(operand)?))),
        Expression::IsNull(operand) => Condition::Type(Operand::Path(attribute(operand)?), "NULL"),
        Expression::Call(name, operands) => function(name, operands)?,
        _ => return refused("Unexpected expression in WHERE clause"),
    })
}

fn function<'a>(name: &str, operands: &'a [Expression]) -> Parsed<Condition<'a>> {
    let (one, two) = match (name, operands) {
        ("begins_with" | "contains" | "attribute_type", [one, two]) => (operand(one)?, two),
        ("begins_with" | "contains" | "attribute_type" | "size", _) => {
            return refused(format!(
                "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                 operands: {}",
                operands.len()
            ));
        }
        ("exists", _) => {
            return refused("EXISTS can only be used as a statement of its own in a transaction");
        }
        _ => return refused(format!("Unsupported function: {name}")),
    };
    match (name, two) {
        ("contains", two) => Ok(Condition::Contains(one, operand(two)?)),
        ("begins_with", Expression::Value(value))
            if !matches!(value, AttributeValue::S(_) | AttributeValue::B(_)) =>
        {
            wrong_type(name, value)
        }
        ("begins_with", two) => Ok(Condition::BeginsWith(one, operand(two)?)),
        (_, Expression::Value(AttributeValue::S(kind))) if is_type_name(kind) => {
            Ok(Condition::Type(one, kind))
        }
        (_, Expression::Value(AttributeValue::S(kind))) => {
            refused(format!("Invalid attribute type name found; type: {kind}"))
        }
        (_, Expression::Value(value)) => wrong_type(name, value),
        _ => refused(format!("Unexpected expression in {name}")),
    }
}

fn wrong_type<T>(name: &str, value: &AttributeValue) -> Parsed<T> {
    refused(format!(
        "Incorrect operand type for operator or function; operator or function: {name}, operand type: {}",
        value::type_name(value)
    ))
}

fn operand(expression: &Expression) -> Parsed<Operand<'_>> {
    match expression {
        Expression::Location(location) => Ok(Operand::Path(path(location))),
        Expression::Value(value) => Ok(Operand::Value(value)),
        Expression::Call(name, operands) if name == "size" => match operands.as_slice() {
            [one] => Ok(Operand::Size(Box::new(operand(one)?))),
            _ => function(name, operands).and_then(|_| refused("Unexpected expression in WHERE clause")),
        },
        Expression::Call(name, _) => refused(format!("Unsupported function: {name}")),
        Expression::Binary(Operator::Plus | Operator::Minus, ..) => {
            Err(Problem::NotEmulated("arithmetic in a PartiQL condition"))
        }
        _ => refused("Unexpected expression in WHERE clause"),
    }
}

fn attribute(expression: &Expression) -> Parsed<Path<'_>> {
    match expression {
        Expression::Location(location) => Ok(path(location)),
        _ => refused("Unexpected expression in WHERE clause"),
    }
}
