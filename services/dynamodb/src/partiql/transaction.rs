//! Several statements that are done together or not at all: a list of reads, or one of writes each with its guard.

use std::sync::Arc;

use api_dynamodb::{DynamodbError, ParameterizedStatement};
use kernel::Context;
use store::{ReadTx, WriteTx};

use super::ast::Statement;
use super::compile::Selection;
use super::write::Write;
use crate::capacity::Usage;
use crate::item::{Attributes, ITEMS, Item};
use crate::key::Address;
use crate::table::Table;
use crate::transaction::write::{check_distinct, tables};
use crate::transaction::{Place, cancelled};
use crate::{errors, limits};

/// The statements of a transaction, compiled.
pub enum Plan<'a> {
    /// Queries, each of one item.
    Reads(Vec<Located<Selection<'a>>>),
    /// Writes and condition checks, with what the caller said of each.
    Writes(Vec<(Located<Write<'a>>, &'a ParameterizedStatement)>),
}

/// A statement and where its table is.
pub struct Located<T> {
    /// The table.
    pub place: Place,
    what: T,
}

impl<'a> Plan<'a> {
    /// Compiles the statements of a transaction.
    pub fn new(
        cx: &Context,
        statements: &'a [Statement],
        given: &'a [ParameterizedStatement],
    ) -> Result<Self, DynamodbError> {
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for (statement, given) in statements.iter().zip(given) {
            if let Some(what) = Write::new(statement)? {
                writes.push((Located { place: Place::new(cx, what.table)?, what }, given));
            } else if let Statement::Select(select) = statement {
                let what = Selection::new(select)?;
                reads.push(Located { place: Place::new(cx, what.table)?, what });
            }
        }
        match (reads.is_empty(), writes.is_empty()) {
            (false, false) => Err(errors::validation(
                "ExecuteTransaction API does not support both read and write operations in the same request.",
            )),
            (_, true) => Ok(Self::Reads(reads)),
            _ => Ok(Self::Writes(writes)),
        }
    }
}

/// Reads all items of a transaction; of each what it shows and its bytes.
pub fn read(
    tx: &ReadTx<'_>,
    reads: &[Located<Selection<'_>>],
) -> Result<Vec<(Option<Attributes>, usize)>, DynamodbError> {
    let tables = tables(tx, reads.iter().map(|read| &read.place))?;
    let points = cancelled::each(reads.iter().zip(&tables), |(read, table)| {
        let point = read.what.point(&tx.in_scope(&read.place.scope), table)?.ok_or_else(|| {
            errors::validation(
                "Select statements within ExecuteTransaction must specify the primary key in the where clause.",
            )
        })?;
        Ok((table.address(&point.key)?, point))
    })?;
    check_distinct(
        reads.iter().map(|read| &read.place.scope).zip(points.iter().map(|(address, _)| address)),
    )?;
    let read: Vec<_> = points.into_iter().map(|(_, point)| (point.item, point.size)).collect();
    if read.iter().map(|(_, size)| size).sum::<usize>() > limits::TRANSACTION {
        return Err(errors::large_transaction());
    }
    Ok(read)
}

/// Checks all writes of a transaction, then does them; of each what it answers and what it consumed.
pub fn write(
    tx: &mut WriteTx<'_>,
    writes: &[(Located<Write<'_>>, &ParameterizedStatement)],
) -> Result<Vec<(Option<Attributes>, Usage)>, DynamodbError> {
    let targets = targets(tx, writes)?;
    let ready = cancelled::each(writes.iter().zip(&targets), |((write, given), (table, _))| {
        let on_failure = given.return_values_on_condition_check_failure.as_ref();
        write.what.prepare(&tx.in_scope(&write.place.scope), table, on_failure)
    })?;
    let mut done = Vec::with_capacity(writes.len());
    for (((write, _), (table, _)), one) in writes.iter().zip(&targets).zip(ready) {
        let usage = one.commit(&mut tx.in_scope(&write.place.scope), table)?;
        done.push((one.answer, usage));
    }
    Ok(done)
}

/// The bytes of the items that the writes name, as they are.
pub fn look(
    tx: &ReadTx<'_>,
    writes: &[(Located<Write<'_>>, &ParameterizedStatement)],
) -> Result<Vec<usize>, DynamodbError> {
    let mut sizes = Vec::with_capacity(writes.len());
    for ((write, _), (_, address)) in writes.iter().zip(&targets(tx, writes)?) {
        let item: Option<Item> = tx.in_scope(&write.place.scope).get(&ITEMS, address)?;
        sizes.push(item.as_ref().map_or(0, Item::size));
    }
    Ok(sizes)
}

/// The table and row of every write; no two are for the same.
fn targets(
    tx: &ReadTx<'_>,
    writes: &[(Located<Write<'_>>, &ParameterizedStatement)],
) -> Result<Vec<(Arc<Table>, Address)>, DynamodbError> {
    let tables = tables(tx, writes.iter().map(|(write, _)| &write.place))?;
    let addresses =
        cancelled::each(writes.iter().zip(&tables), |((write, _), table)| write.what.address(table))?;
    check_distinct(writes.iter().map(|(write, _)| &write.place.scope).zip(&addresses))?;
    Ok(tables.into_iter().zip(addresses).collect())
}
