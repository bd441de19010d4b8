//! What follows from a change of an item, in the transaction that makes it.

use kernel::Fault;
use store::WriteTx;

use crate::item::Item;
use crate::key::Address;
use crate::table::Table;
use crate::{kinesis, recovery, stream};

/// A change of one item.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// Where the item is.
    pub address: &'a Address,
    /// The item before, if there was one.
    pub before: Option<&'a Item>,
    /// The item after, if there is one.
    pub after: Option<&'a Item>,
    /// Why it changes.
    pub cause: Cause,
}

/// Why an item changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it.
    Request,
    /// Its time to live has ended.
    Expiry,
    /// It changed in another region.
    Replication,
}

/// Tells of a change to all who follow the table; `number` is the change's among those of the table.
pub fn follow(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>, number: u64) -> Result<(), Fault> {
    if let Some(view) = &table.stream {
        stream::record(tx, table, view, change, number)?;
    }
    kinesis::send(tx, table, change, number)?;
    if table.recovery.is_some() {
        recovery::record(tx, table, change, number)?;
    }
    Ok(())
}
