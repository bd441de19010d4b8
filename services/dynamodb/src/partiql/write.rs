//! Running writes: first everything is checked, then it is done.

use api_dynamodb::{DynamodbError, ReturnValuesOnConditionCheckFailure};
use kernel::Fault;
use store::WriteTx;

use super::ast::{Returning, Statement};
use super::compile::condition;
use super::parser::{Parsed, refused};
use super::{keys, set_value};
use crate::capacity::Usage;
use crate::conditional::Guard;
use crate::expression::{Condition, Update};
use crate::item::{Attributes, ITEMS, Item};
use crate::key::Address;
use crate::table::Table;
use crate::{errors, updating, writing};

/// A write, ready to run.
pub struct Write<'a> {
    /// The table.
    pub table: &'a str,
    change: Change<'a>,
    condition: Option<Condition<'a>>,
    returning: Option<Returning>,
}

enum Change<'a> {
    /// The item must be there.
    Check,
    Delete,
    Insert(&'a Attributes),
    Update(Update<'a>),
}

/// A write that may be done.
pub struct Ready {
    /// Where the item lies.
    pub address: Address,
    old: Option<Item>,
    new: Option<Item>,
    is_check: bool,
    /// What the write answers.
    pub answer: Option<Attributes>,
}

impl<'a> Write<'a> {
    /// Compiles a write; nothing when the statement is a query.
    pub fn new(statement: &'a Statement) -> Parsed<Option<Self>> {
        let (table, change, given, returning) = match statement {
            Statement::Select(_) => return Ok(None),
            Statement::Exists(select) if select.index.is_some() => {
                return refused("EXISTS cannot be used with an index");
            }
            Statement::Exists(select) => (&select.table, Change::Check, select.condition.as_ref(), None),
            Statement::Insert(insert) => (&insert.table, Change::Insert(&insert.item), None, None),
            Statement::Delete(delete) => {
                let wants_old = delete.returning.is_none_or(|wanted| wanted.is_all && !wanted.is_new);
                if !wants_old {
                    return refused(
                        "Only ALL OLD * is supported in the RETURNING clause of DELETE statements",
                    );
                }
                (&delete.table, Change::Delete, delete.condition.as_ref(), delete.returning)
            }
            Statement::Update(update) => {
                let change = Change::Update(set_value::update(update)?);
                (&update.table, change, update.condition.as_ref(), update.returning)
            }
        };
        Ok(Some(Self { table, change, condition: given.map(condition).transpose()?, returning }))
    }

    /// Where the item lies, if the write fits the table.
    pub fn address(&self, table: &Table) -> Result<Address, DynamodbError> {
        match &self.change {
            Change::Insert(item) => {
                writing::check_item(table, item)?;
                table.address(item)
            }
            _ => table.address(&self.key(table)?.0),
        }
    }

    /// The key of the item, and what else its condition asks for.
    fn key(&self, table: &Table) -> Result<(Attributes, Option<Condition<'a>>), DynamodbError> {
        let (key, rest) = keys::whole(&table.key, self.condition.as_ref()).ok_or_else(|| {
            errors::validation("Where clause does not contain a mandatory equality on all key attributes")
        })?;
        table.key.check(&key)?;
        Ok((key, rest))
    }

    /// Checks the write against the item as it is.
    pub fn prepare(
        &self,
        tx: &WriteTx<'_>,
        table: &Table,
        on_failure: Option<&ReturnValuesOnConditionCheckFailure>,
    ) -> Result<Ready, DynamodbError> {
        if let Change::Insert(item) = self.change {
            return insert(tx, table, item);
        }
        let (key, rest) = self.key(table)?;
        if let Change::Update(update) = &self.change {
            updating::check(table, update)?;
        }
        let address = table.address(&key)?;
        let old: Option<Item> = tx.get(&ITEMS, &address)?;
        if old.is_none() && !matches!(self.change, Change::Delete) {
            return Err(errors::condition_failed(None));
        }
        Guard::new(rest, on_failure).check(old.as_ref())?;
        let new = match (&self.change, &old) {
            (Change::Update(update), Some(old)) => Some(updating::apply(table, &key, update, Some(old))?),
            _ => None,
        };
        let answer = self.answer(old.as_ref(), new.as_ref());
        Ok(Ready { address, old, new, is_check: matches!(self.change, Change::Check), answer })
    }

    fn answer(&self, old: Option<&Item>, new: Option<&Item>) -> Option<Attributes> {
        let returning = self.returning?;
        let item = if returning.is_new { new } else { old }?.0.clone();
        Some(match &self.change {
            Change::Update(update) if !returning.is_all => update.changed(item),
            _ => item,
        })
    }
}

fn insert(tx: &WriteTx<'_>, table: &Table, item: &Attributes) -> Result<Ready, DynamodbError> {
    writing::check_item(table, item)?;
    writing::check_size(item)?;
    let address = table.address(item)?;
    let old: Option<Item> = tx.get(&ITEMS, &address)?;
    if old.is_some() {
        return Err(DynamodbError::duplicate_item_exception("Duplicate primary key exists in table"));
    }
    Ok(Ready { address, old, new: Some(Item(item.clone())), is_check: false, answer: None })
}

impl Ready {
    /// Does the write.
    pub fn commit(&self, tx: &mut WriteTx<'_>, table: &Table) -> Result<Usage, Fault> {
        if self.is_check {
            let size = self.old.as_ref().map_or(0, Item::size);
            return Ok(Usage::of_table(crate::capacity::write_units(size)));
        }
        writing::replace(tx, table, &self.address, self.old.as_ref(), self.new.as_ref())
    }
}
