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
    let condition = Condition {
        text: Some(&given.condition_expression),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_mut(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    write(cx, &given.table_name, Change::Check(key), condition.guard()?)
}

fn planned_delete<'a>(cx: &Context, given: &'a mut Delete) -> Result<Write<'a>, DynamodbError> {
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_mut(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    condition.check_style()?;
    let key = taken(&mut given.key)?;
    write(cx, &given.table_name, Change::Delete(key), condition.guard()?)
}

fn planned_put<'a>(cx: &Context, given: &'a mut Put) -> Result<Write<'a>, DynamodbError> {
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_mut(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    condition.check_style()?;
    let item = taken(&mut given.item)?;
    writing::check_size(&item)?;
    write(cx, &given.table_name, Change::Put(Item(item)), condition.guard()?)
}

fn planned_update<'a>(cx: &Context, given: &'a mut Given) -> Result<Write<'a>, DynamodbError> {
    let key = taken(&mut given.key)?;
    let condition = Condition {
        text: given.condition_expression.as_ref(),
        names: given.expression_attribute_names.as_ref(),
        values: given.expression_attribute_values.as_mut(),
        on_failure: given.return_values_on_condition_check_failure.as_ref(),
    };
    let (update, guard) = condition.guard_after(Some(&given.update_expression))?;
    write(cx, &given.table_name, Change::Update(key, update), guard)
}

fn write<'a>(
    cx: &Context,
    table: &str,
    change: Change<'a>,
    guard: Guard<'a>,
) -> Result<Write<'a>, DynamodbError> {
    Ok(Write { place: Place::new(cx, table)?, change, guard })
}

/// Takes a key or item out of the request, with its numbers as AWS prints them.
fn taken(attributes: &mut Attributes) -> Result<Attributes, DynamodbError> {
    value::normalise_all(attributes).map_err(errors::validation)?;
    Ok(std::mem::take(attributes))
}

/// The parameters that all four actions name alike.
struct Condition<'a> {
    text: Option<&'a String>,
    names: Option<&'a Map<String, String>>,
    values: Option<&'a mut Attributes>,
    on_failure: Option<&'a ReturnValuesOnConditionCheckFailure>,
}

impl<'a> Condition<'a> {
    fn check_style(&self) -> Result<(), DynamodbError> {
        Styles {
            expressions: &[("ConditionExpression", self.text.is_some())],
            others: &[],
            names: self.names.is_some(),
            values: self.values.is_some(),
        }
        .check()
    }

    fn guard(self) -> Result<Guard<'a>, DynamodbError> {
        self.guard_after(None).map(|(_, guard)| guard)
    }

    /// Compiles an update, if there is one, and then the condition.
    fn guard_after(mut self, update: Option<&'a String>) -> Result<(Update<'a>, Guard<'a>), DynamodbError> {
        expression::prepare(self.names, self.values.as_deref_mut())?;
        let Self { text: condition, names, values, on_failure } = self;
        let values = values.map(|values| &*values);
        let mut compiler = Compiler::new(names, values);
        let update = update.map_or_else(|| Ok(Update::default()), |text| compiler.update(text))?;
        let given = conditional::Given { condition, expected: None, operator: None, names, values };
        let guard = given.guard_with(&mut compiler, on_failure)?;
        compiler.finish()?;
        Ok((update, guard))
    }
}
