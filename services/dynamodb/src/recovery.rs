//! Point-in-time recovery: a journal of what items were before they changed.
//!
//! The items at an instant are those of now with the changes since then taken back.

use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table as Rows, WriteTx};

use crate::Dynamodb;
use crate::backup::{BACKUPS, Backup};
use crate::change::Change;
use crate::item::Item;
use crate::key::Address;
use crate::table::{TABLES, Table};

/// What items were before their changes, by the table's number and the change's.
pub static JOURNAL: Rows<(u32, u64), Undo> = Rows::regional("dynamodb.journal");

/// How often to look for what need not be kept any more.
const ROUND: Duration = Duration::from_hours(1);
/// How many entries go in one transaction.
const BATCH: usize = 1000;

/// How far back a table can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// Since when changes are kept.
    pub since: Timestamp,
    /// For how many days they are.
    pub days: u32,
}

/// How to take a change back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Undo {
    /// When the item changed.
    pub time: Timestamp,
    /// Where it is.
    pub address: Address,
    /// What it was, if it was there.
    pub before: Option<Item>,
}

impl Recovery {
    /// The first instant to which the table can be restored.
    pub fn earliest(&self, now: Timestamp) -> Timestamp {
        self.since.max(now - Duration::from_hours(24 * u64::from(self.days)))
    }
}

/// Notes how to take a change back.
pub fn record(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>, number: u64) -> Result<(), Fault> {
    let undo = Undo { time: tx.now(), address: change.address.clone(), before: change.before.cloned() };
    tx.put(&JOURNAL, &(table.number, number), &undo)
}

/// The items that were different at an instant: what they were then, if they were.
pub fn differences(
    tx: &ReadTx<'_>,
    table: &Table,
    at: Timestamp,
) -> Result<HashMap<Address, Option<Item>>, Fault> {
    let mut before = HashMap::new();
    let mut changes = tx.range(&JOURNAL, (table.number, 0)..=(table.number, u64::MAX));
    while let Some(row) = changes.next_back() {
        let (_, undo) = row?;
        if undo.time <= at {
            break;
        }
        // The oldest change after the instant has the last word.
        before.insert(undo.address, undo.before);
    }
    Ok(before)
}

/// The items that changed after one instant and up to another, and when each did so last.
pub fn changed(
    tx: &ReadTx<'_>,
    table: &Table,
    from: Timestamp,
    to: Timestamp,
) -> Result<HashMap<Address, Timestamp>, Fault> {
    let mut changed = HashMap::new();
    for row in tx.range(&JOURNAL, (table.number, 0)..=(table.number, u64::MAX)) {
        let (_, undo) = row?;
        if undo.time > from && undo.time <= to {
            changed.insert(undo.address, undo.time);
        }
    }
    Ok(changed)
}

/// Lets the journal of a table go; true if there is more of it.
pub fn forget_some(tx: &mut WriteTx<'_>, number: u32, before: Option<Timestamp>) -> Result<bool, Fault> {
    let mut old = Vec::new();
    for row in tx.range(&JOURNAL, (number, 0)..=(number, u64::MAX)).take(BATCH) {
        let (key, undo) = row?;
        if before.is_some_and(|before| undo.time >= before) {
            break;
        }
        old.push(key);
    }
    for key in &old {
        tx.delete(&JOURNAL, key)?;
    }
    Ok(old.len() == BATCH)
}

impl Dynamodb {
    /// Removes the backups whose time has come; tells whether others will follow.
    async fn drop_backups(&self, cx: &Context) -> Result<bool, Fault> {
        let now = cx.clock.now();
        let expiring: Vec<(Scope, Backup)> = self.store.read(&cx.scope, |tx| {
            let all = tx.everywhere(&BACKUPS).map(|row| row.map(|(scope, _, backup)| (scope, backup)));
            let expiring =
                all.filter(|row| row.as_ref().map_or(true, |(_, backup)| backup.expires.is_some()));
            expiring.collect::<Result<_, Fault>>()
        })?;
        let is_due = |backup: &Backup| backup.expires.is_some_and(|expires| expires <= now);
        for (scope, backup) in expiring.iter().filter(|(_, backup)| is_due(backup)) {
            self.store
                .write(scope, |tx| {
                    tx.delete(&BACKUPS, &(backup.table.name.as_str(), backup.id.as_str()))?;
                    tx.drop_blob(&backup.items.blob.id)
                })
                .await?;
        }
        Ok(expiring.iter().any(|(_, backup)| !is_due(backup)))
    }
}

/// The worker that lets go of changes that are too old to be taken back, and of backups whose time has come.
pub struct Forgetter(pub Arc<Dynamodb>);

impl Worker for Forgetter {
    fn name(&self) -> &'static str {
        "dynamodb recovery"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let now = cx.clock.now();
            let store = &self.0.store;
            let tables: Vec<(Scope, u32, Timestamp)> = store.read(&cx.scope, |tx| {
                let mut tables = Vec::new();
                for row in tx.everywhere(&TABLES) {
                    let (scope, _, table) = row?;
                    if let Some(recovery) = table.recovery {
                        tables.push((scope, table.number, recovery.earliest(now)));
                    }
                }
                Ok::<_, Fault>(tables)
            })?;
            for (scope, number, earliest) in &tables {
                let is_due = store.read(scope, |tx| {
                    let span = (Bound::Included((*number, 0)), Bound::Included((*number, u64::MAX)));
                    let oldest = tx.range(&JOURNAL, span).next().transpose()?;
                    Ok::<_, Fault>(oldest.is_some_and(|(_, undo)| undo.time < *earliest))
                })?;
                while is_due && store.write(scope, |tx| forget_some(tx, *number, Some(*earliest))).await? {}
            }
            let expiring = self.0.drop_backups(cx).await?;
            Ok(if tables.is_empty() && !expiring { Next::WhenWoken } else { Next::At(now + ROUND) })
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.recovery_set.notified())
    }
}
