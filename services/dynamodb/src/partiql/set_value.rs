//! From assignments to updates.

use api_dynamodb::AttributeValue;

use super::ast::{self, Expression, Operator};
use super::compile::path;
use super::parser::{Parsed, Problem, refused};
use crate::expression::{Path, SetValue, Update};
use crate::value;

/// The update that `SET` and `REMOVE` make.
pub fn update(given: &ast::Update) -> Parsed<Update<'_>> {
    let mut update = Update::default();
    for (location, expression) in &given.sets {
        let target = path(location);
        check_clash(&update, &target)?;
        assign(&mut update, target, expression)?;
    }
    for location in &given.removes {
        let target = path(location);
        check_clash(&update, &target)?;
        update.removes.push(target);
    }
    Ok(update)
}

fn check_clash(update: &Update<'_>, path: &Path<'_>) -> Parsed<()> {
    match update.paths().find_map(|other| Some((other, other.clash(path)?))) {
        Some((other, clash)) => refused(format!(
            "Invalid UpdateExpression: Two document paths {} with each other; must remove or rewrite one of these \
             paths; path one: {other}, path two: {path}",
            clash.as_str()
        )),
        None => Ok(()),
    }
}

fn assign<'a>(update: &mut Update<'a>, target: Path<'a>, expression: &'a Expression) -> Parsed<()> {
    match expression {
        Expression::Call(name, operands) if name == "set_add" || name == "set_delete" => {
            let members = members(name, operands, &target)?;
            if name == "set_add" {
                update.adds.push((target, members));
            } else {
                update.deletes.push((target, members));
            }
        }
        other => update.sets.push((target, set_value(other)?)),
    }
    Ok(())
}

/// The set that `set_add` and `set_delete` take; they change what they are assigned to.
fn members<'a>(name: &str, operands: &'a [Expression], target: &Path<'_>) -> Parsed<&'a AttributeValue> {
    let [Expression::Location(location), Expression::Value(members)] = operands else {
        return refused(format!("Unexpected expression in {name}"));
    };
    if path(location) != *target {
        return Err(Problem::NotEmulated("set_add and set_delete of another attribute"));
    }
    match value::type_name(members) {
        "SS" | "NS" | "BS" => Ok(members),
        kind => refused(format!(
            "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
        )),
    }
}

fn set_value(expression: &Expression) -> Parsed<SetValue<'_>> {
    let boxed = |expression| set_value(expression).map(Box::new);
    Ok(match expression {
        Expression::Value(value) => SetValue::Value(value),
        Expression::Location(location) => SetValue::Path(path(location)),
        Expression::Binary(Operator::Plus, one, two) => SetValue::Plus(boxed(one)?, boxed(two)?),
        Expression::Binary(Operator::Minus, one, two) => SetValue::Minus(boxed(one)?, boxed(two)?),
        Expression::Call(name, operands) => match (name.as_str(), operands.as_slice()) {
            ("list_append", [one, two]) => SetValue::ListAppend(boxed(one)?, boxed(two)?),
            ("list_append", _) => {
                return refused(format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                     operands: {}",
                    operands.len()
                ));
            }
            _ => return refused(format!("Unsupported function: {name}")),
        },
        _ => return refused("Unexpected expression in SET clause"),
    })
}
