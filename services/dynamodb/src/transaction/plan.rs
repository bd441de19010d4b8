//! What a transaction is to write, as `TransactWriteItems` gives it.

use api_dynamodb::{
    ConditionCheck, Delete, DynamodbError, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update as Given,
};
use kernel::{Context, Map, Scope};

use crate::conditional::{self, Guard};
use crate::expression::{self, Compiler, Styles, Update};
use crate::item::{Attributes, Item};
use crate::{errors, names, value, writing};

/// The table that an action names.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The table's name or ARN, as the caller gave it.
    pub given: String,
    /// The account and region.
    pub scope: Scope,
    /// The table's name.
    pub table: String,
}

/// One write of a transaction, or the check of an item that is not written.
pub struct Write<'a> {
    /// Where.
    pub place: Place,
    /// What.
    pub change: Change<'a>,
    /// On which condition.
    pub guard: Guard<'a>,
}

/// What becomes of an item.
pub enum Change<'a> {
    /// Nothing: only the condition counts.
    Check(Attributes),
    /// It is removed.
    Delete(Attributes),
    /// It is put.
    Put(Item),
    /// It is changed.
    Update(Attributes, Update<'a>),
}

impl Place {
    /// The table of that name or ARN.
    pub fn new(cx: &Context, given: &str) -> Result<Self, DynamodbError> {
        let (scope, table) = names::locate(cx, given)?;
        Ok(Self { given: given.to_owned(), scope, table })
    }
}

impl Change<'_> {
    /// The key, or the item that has it.
    pub fn attributes(&self) -> &Attributes {
        match self {
            Self::Check(key) | Self::Delete(key) | Self::Update(key, _) => key,
            Self::Put(item) => &item.0,
        }
    }
}

/// The write that an element of `TransactItems` asks for.
pub fn planned<'a>(cx: &Context, given: &'a mut TransactWriteItem) -> Result<Write<'a>, DynamodbError> {
    let TransactWriteItem { condition_check, put, delete, update } = given;
    match (condition_check, put, delete, update) {
        (Some(check), None, None, None) => planned_check(cx, check),
        (None, Some(put), None, None) => planned_put(cx, put),
        (None, None, Some(delete), None) => planned_delete(cx, delete),
        (None, None, None, Some(update)) => planned_update(cx, update),
        (None, None, None, None) => Err(errors::validation(
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request",
        )),
        _ => Err(errors::validation("TransactItems can only contain one of Check, Put, Update or Delete")),
    }
}

fn planned_check<'a>(cx: &Context, given: &'a mut ConditionCheck) -> Result<Write<'a>, DynamodbError> {
    let key = taken(&mut given.key)?;
    expression::prepare(
        given.expression_attribute_names.as_ref(),
        given.expression_attribute_values.as_mut(),
    )?;
    let given = &*given;
    let condition = Condition {
        text: Some(&given.condition_expression),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_ref(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    Ok(Write {
        place: Place::new(cx, &given.table_name)?,
        change: Change::Check(key),
        guard: condition.guard()?,
    })
}

fn planned_delete<'a>(cx: &Context, given: &'a mut Delete) -> Result<Write<'a>, DynamodbError> {
    check_styles(
        &[("ConditionExpression", given.condition_expression.is_some())],
        given.expression_attribute_names.is_some(),
        given.expression_attribute_values.is_some(),
    )?;
    let key = taken(&mut given.key)?;
    expression::prepare(
        given.expression_attribute_names.as_ref(),
        given.expression_attribute_values.as_mut(),
    )?;
    let given = &*given;
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_ref(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    Ok(Write {
        place: Place::new(cx, &given.table_name)?,
        change: Change::Delete(key),
        guard: condition.guard()?,
    })
}

fn planned_put<'a>(cx: &Context, given: &'a mut Put) -> Result<Write<'a>, DynamodbError> {
    check_styles(
        &[("ConditionExpression", given.condition_expression.is_some())],
        given.expression_attribute_names.is_some(),
        given.expression_attribute_values.is_some(),
    )?;
    let item = taken(&mut given.item)?;
    writing::check_size(&item)?;
    expression::prepare(
        given.expression_attribute_names.as_ref(),
        given.expression_attribute_values.as_mut(),
    )?;
    let given = &*given;
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_ref(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    let change = Change::Put(Item(item));
    Ok(Write { place: Place::new(cx, &given.table_name)?, change, guard: condition.guard()? })
}

fn planned_update<'a>(cx: &Context, given: &'a mut Given) -> Result<Write<'a>, DynamodbError> {
    let key = taken(&mut given.key)?;
    expression::prepare(
        given.expression_attribute_names.as_ref(),
        given.expression_attribute_values.as_mut(),
    )?;
    let given = &*given;
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_ref(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    let mut compiler = Compiler::new(condition.names, condition.values);
    let update = compiler.update(&given.update_expression)?;
    let guard = condition.given().guard_with(&mut compiler, condition.on_failure)?;
    compiler.finish()?;
    Ok(Write { place: Place::new(cx, &given.table_name)?, change: Change::Update(key, update), guard })
}

/// Takes a key or item out of the request, with its numbers as AWS prints them.
fn taken(attributes: &mut Attributes) -> Result<Attributes, DynamodbError> {
    value::normalise_all(attributes).map_err(errors::validation)?;
    Ok(std::mem::take(attributes))
}

fn check_styles(expressions: &[(&str, bool)], names: bool, values: bool) -> Result<(), DynamodbError> {
    Styles { expressions, others: &[], names, values }.check()
}

/// The parameters that all four actions name alike.
#[derive(Clone, Copy)]
struct Condition<'a> {
    text: Option<&'a String>,
    names: Option<&'a Map<String, String>>,
    values: Option<&'a Attributes>,
    on_failure: Option<&'a ReturnValuesOnConditionCheckFailure>,
}

impl<'a> Condition<'a> {
    fn given(self) -> conditional::Given<'a> {
        let Self { text, names, values, .. } = self;
        conditional::Given { condition: text, expected: None, operator: None, names, values }
    }

    fn guard(self) -> Result<Guard<'a>, DynamodbError> {
        self.given().guard(self.on_failure)
    }
}
