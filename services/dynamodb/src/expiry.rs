//! Time to live: items go when the instant in one of their attributes has passed.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html>

use std::time::Duration;

use api_dynamodb::AttributeValue;
use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope};
use store::{Table as Rows, WriteTx};

use crate::Dynamodb;
use crate::change::{Cause, Change};
use crate::item::{ITEMS, Item};
use crate::key::Address;
use crate::table::{Expiry, TABLES, Table};
use crate::writing;

/// When items expire: the table's number, the second, the item's address.
pub static EXPIRIES: Rows<(u32, i64, Address), ()> = Rows::regional("dynamodb.expiries");

/// How often to look: DynamoDB promises days.
const ROUND: Duration = Duration::from_mins(1);
/// How many items go in one transaction.
const BATCH: usize = 500;
/// Instants longer ago than this many seconds are taken for mistakes: five years.
const TOO_OLD: i64 = 5 * 365 * 24 * 3600;

/// Notes when the item expires after a change.
pub fn follow(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>) -> Result<(), Fault> {
    let Some(expiry) = &table.expiry else { return Ok(()) };
    if !expiry.filling.covers(change.address) {
        return Ok(());
    }
    let (before, after) = (due(expiry, change.before), due(expiry, change.after));
    if before == after {
        return Ok(());
    }
    if let Some(second) = before {
        tx.delete(&EXPIRIES, &(table.number, second, change.address.clone()))?;
    }
    after.map_or(Ok(()), |second| note(tx, table, second, change.address))
}

/// Notes when the item at an address expires.
pub fn note(tx: &mut WriteTx<'_>, table: &Table, second: i64, address: &Address) -> Result<(), Fault> {
    tx.put(&EXPIRIES, &(table.number, second, address.clone()), &())
}

/// The second at which an item expires.
pub fn due(expiry: &Expiry, item: Option<&Item>) -> Option<i64> {
    let AttributeValue::N(number) = item?.0.get(&expiry.attribute)? else { return None };
    let second: f64 = number.parse().ok()?;
    // Whoever writes milliseconds by mistake means a time far ahead, as on AWS.
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    Some(second.floor() as i64)
}

/// The worker that removes expired items.
pub struct Reaper(pub std::sync::Arc<Dynamodb>);

impl Worker for Reaper {
    fn name(&self) -> &'static str {
        "dynamodb time to live"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let (_, has_any) = self.0.expire(cx).await?;
            Ok(if has_any { Next::At(cx.clock.now() + ROUND) } else { Next::WhenWoken })
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.expiry_set.notified())
    }
}

impl Dynamodb {
    /// Removes what has expired; tells how many items, and whether any table has a time to live.
    pub async fn expire(&self, cx: &Context) -> Result<(usize, bool), Fault> {
        let tables: Vec<(Scope, String)> = self.store.read(&cx.scope, |tx| {
            let all = tx
                .everywhere(&TABLES)
                .filter(|row| row.as_ref().map_or(true, |(_, _, table)| table.expiry.is_some()));
            all.map(|row| row.map(|(scope, name, _)| (scope, name))).collect::<Result<_, Fault>>()
        })?;
        let mut gone = 0;
        for (scope, name) in &tables {
            loop {
                let removed = self.expire_some(cx, scope, name).await?;
                gone += removed;
                if removed < BATCH {
                    break;
                }
            }
        }
        Ok((gone, !tables.is_empty()))
    }

    async fn expire_some(&self, cx: &Context, scope: &Scope, name: &str) -> Result<usize, Fault> {
        let now = cx.clock.seconds();
        let first = |number| (number, now - TOO_OLD, Address(Vec::new()));
        let end = |number| (number, now, Address(Vec::new()));
        let is_due = self.store.read(scope, |tx| {
            let Some(table): Option<Table> = tx.get(&TABLES, name)? else { return Ok::<_, Fault>(false) };
            Ok(tx.range(&EXPIRIES, first(table.number)..end(table.number)).next().is_some())
        })?;
        if !is_due {
            return Ok(0);
        }
        self.store
            .write(scope, |tx| {
                let Some(table): Option<Table> = tx.get(&TABLES, name)? else { return Ok(0) };
                let due = tx.range(&EXPIRIES, first(table.number)..end(table.number)).keys().take(BATCH);
                let due: Vec<_> = due.collect::<Result<_, Fault>>()?;
                for (number, second, address) in &due {
                    let Some(item): Option<Item> = tx.get(&ITEMS, address)? else {
                        tx.delete(&EXPIRIES, &(*number, *second, address.clone()))?;
                        continue;
                    };
                    let change = Change { address, before: Some(&item), after: None, cause: Cause::Expiry };
                    writing::carry_out(tx, &table, &change)?;
                }
                Ok::<_, Fault>(due.len())
            })
            .await
    }
}
