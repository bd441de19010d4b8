//! The engine of transactions that read.

use api_dynamodb::DynamodbError;
use store::ReadTx;

use super::plan::Place;
use super::{cancelled, write};
use crate::expression::Projection;
use crate::item::{Attributes, ITEMS, Item};
use crate::{errors, limits};

/// One read of a transaction.
pub struct Read<'a> {
    /// Where.
    pub place: Place,
    /// The item's key.
    pub key: &'a Attributes,
    /// The parts of it to answer.
    pub projection: Option<Projection<'a>>,
}

/// What a read got.
#[derive(Default)]
pub struct Got {
    /// The item, or as much of it as was asked for.
    pub item: Option<Attributes>,
    /// The bytes of the whole item.
    pub bytes: usize,
}

/// Does all reads, of one moment.
pub fn read(tx: &ReadTx<'_>, reads: &[Read<'_>]) -> Result<Vec<Got>, DynamodbError> {
    let tables = write::tables(tx, reads.iter().map(|read| &read.place))?;
    let both = || reads.iter().zip(&tables);
    both().try_for_each(|(read, table)| table.key.check_filled(read.key))?;
    let addresses = cancelled::each(both(), |(read, table)| {
        table.key.check(read.key)?;
        read.projection.iter().try_for_each(|projection| projection.check_scalars(table))?;
        table.address(read.key)
    })?;
    write::check_distinct(reads.iter().map(|read| &read.place.scope).zip(&addresses))?;
    let mut all = Vec::with_capacity(reads.len());
    for (read, address) in reads.iter().zip(&addresses) {
        let item: Option<Item> = tx.in_scope(&read.place.scope).get(&ITEMS, address)?;
        all.push(got(read, item));
    }
    if all.iter().map(|got| got.bytes).sum::<usize>() > limits::TRANSACTION {
        return Err(errors::large_transaction());
    }
    Ok(all)
}

fn got(read: &Read<'_>, item: Option<Item>) -> Got {
    let bytes = item.as_ref().map_or(0, Item::size);
    let item = item.map(|item| match &read.projection {
        Some(projection) => projection.apply(item.0),
        None => item.0,
    });
    Got { item, bytes }
}
