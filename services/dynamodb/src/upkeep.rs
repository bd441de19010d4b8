//! What happens to tables besides requests: states that end, indexes that are filled, rows that nobody needs.

use std::ops::Bound;
use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope, Timestamp};
use store::{Table as Rows, WriteTx};

use crate::expiry::{self, EXPIRIES};
use crate::item::{ITEMS, Item};
use crate::key::{Address, place};
use crate::reading::{after_prefix, under};
use crate::spool::{self, Loading};
use crate::table::{Filling, Index, Status, TABLES, TAGS, TALLIES, Table};
use crate::{Dynamodb, recovery, replicas, resource_policy, stream, writing};

/// Rows of tables and indexes that are gone: the table's number, and the index's, or 0 for the whole table.
static LEFTOVERS: Rows<(u32, u16), ()> = Rows::regional("dynamodb.leftovers");

/// In the place of an index's number: only the journal.
const JOURNAL_ALONE: u16 = u16::MAX;

/// How many rows one transaction touches.
const BATCH: usize = 1000;

/// The worker that looks after tables.
pub struct Upkeep(pub Arc<Dynamodb>);

impl Worker for Upkeep {
    fn name(&self) -> &'static str {
        "dynamodb upkeep"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let busy = self.0.store.read(&cx.scope, |tx| {
                let tables = tx
                    .everywhere(&TABLES)
                    .filter(|row| row.as_ref().map_or(true, |(_, _, table)| !table.is_settled()));
                tables.map(|row| row.map(|(scope, name, _)| (scope, name))).collect::<Result<Vec<_>, Fault>>()
            })?;
            let mut next = Next::WhenWoken;
            for (scope, name) in &busy {
                while self.0.settle(scope, name).await? {}
                if let Some(until) = self.0.until(scope, name)? {
                    next = sooner(next, until);
                }
            }
            self.0.sweep(cx).await?;
            Ok(next)
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.tables_changed.notified())
    }
}

fn sooner(next: Next, at: Timestamp) -> Next {
    match next {
        Next::At(other) => Next::At(other.min(at)),
        Next::WhenWoken => Next::At(at),
    }
}

/// Removes a table; its rows go later.
pub fn remove_table(tx: &mut WriteTx<'_>, mut table: Table) -> Result<(), Fault> {
    replicas::forget(tx, &table)?;
    if let Some(loading) = table.loading.as_ref().filter(|loading| loading.is_own) {
        tx.drop_blob(&loading.from.blob.id)?;
    }
    if table.stream.is_some() {
        stream::end(tx, &mut table).map_err(Fault::from)?;
    }
    tx.delete(&TABLES, &table.name)?;
    tx.delete(&TAGS, &table.name)?;
    resource_policy::forget(tx, &table.name)?;
    tx.delete(&TALLIES, &table.number)?;
    tx.put(&LEFTOVERS, &(table.number, 0_u16), &())
}

/// Lets the entries of an index go that is no longer one of the table's.
pub fn leave_entries(tx: &mut WriteTx<'_>, table: &Table, index: &Index) -> Result<(), Fault> {
    tx.put(&LEFTOVERS, &(table.number, index.id), &())
}

/// Lets the journal of a table go that is not kept any more.
pub fn leave_journal(tx: &mut WriteTx<'_>, table: &Table) -> Result<(), Fault> {
    tx.put(&LEFTOVERS, &(table.number, JOURNAL_ALONE), &())
}

/// Lets go of the instants at which a table's items would have expired.
pub fn forget_expiries(tx: &mut WriteTx<'_>, table: &Table) -> Result<(), Fault> {
    // At once, so that none can be mistaken for one of the next attribute.
    for key in tx.range(&EXPIRIES, expiries_of(table.number)).keys().collect::<Result<Vec<_>, Fault>>()? {
        tx.delete(&EXPIRIES, &key)?;
    }
    Ok(())
}

fn expiries_of(number: u32) -> std::ops::Range<(u32, i64, Address)> {
    (number, i64::MIN, Address(Vec::new()))..(number + 1, i64::MIN, Address(Vec::new()))
}

impl Dynamodb {
    /// The instant at which a state ends; now where states have no length.
    pub fn end_of_state(&self, cx: &Context) -> Option<Timestamp> {
        (!self.options.states.is_zero()).then(|| cx.clock.now() + self.options.states)
    }

    /// Fills what is not large before the caller has its answer; the rest is the worker's.
    pub async fn settle_soon(&self, scope: &Scope, name: &str) -> Result<(), Fault> {
        const BATCHES: usize = 10;
        for _ in 0..BATCHES {
            if !self.settle(scope, name).await? {
                break;
            }
        }
        self.tables_changed.notify_one();
        Ok(())
    }

    /// Fills a table to the end.
    pub async fn settle_all(&self, scope: &Scope, name: &str) -> Result<(), Fault> {
        while self.settle(scope, name).await? {}
        Ok(())
    }

    /// One step of what a table waits for; true if there is another.
    async fn settle(&self, scope: &Scope, name: &str) -> Result<bool, Fault> {
        let table: Option<Table> = self.store.read(scope, |tx| tx.get(&TABLES, name))?;
        if let Some(loading) = table.and_then(|table| table.loading) {
            return self.load_some(scope, name, &loading).await;
        }
        self.store
            .write(scope, |tx| {
                let Some(mut table): Option<Table> = tx.get(&TABLES, name)? else { return Ok(false) };
                let more = fill(tx, &mut table)?;
                let now = tx.now();
                match table.status {
                    Status::Deleting(until) if until <= now => {
                        return remove_table(tx, table).map(|()| false);
                    }
                    Status::Creating(Some(until)) if until <= now => table.status = Status::Active,
                    Status::Updating(until) if !more && until.is_none_or(|until| until <= now) => {
                        table.status = Status::Active;
                    }
                    _ => {}
                }
                tx.put(&TABLES, name, &table)?;
                Ok::<_, Fault>(more)
            })
            .await
    }

    /// Puts some of the items into a table that it is to be filled with; true if there is more to do.
    async fn load_some(&self, scope: &Scope, name: &str, loading: &Loading) -> Result<bool, Fault> {
        let (items, bytes) = self.next_spooled(loading).await?;
        self.store
            .write(scope, |tx| {
                let Some(mut table): Option<Table> = tx.get(&TABLES, name)? else { return Ok(false) };
                // Somebody else may have done this step.
                let Some(now) = table.loading.as_mut().filter(|now| *now == loading) else { return Ok(true) };
                now.done += bytes;
                if items.is_empty() {
                    if now.is_own {
                        tx.drop_blob(&loading.from.blob.id)?;
                    }
                    table.loading = None;
                    table.status = Status::Active;
                }
                spool::load(tx, &table, &items)?;
                tx.put(&TABLES, name, &table)?;
                Ok::<_, Fault>(table.loading.is_some())
            })
            .await
    }

    fn until(&self, scope: &Scope, name: &str) -> Result<Option<Timestamp>, Fault> {
        let table: Option<Table> = self.store.read(scope, |tx| tx.get(&TABLES, name))?;
        Ok(match table.map(|table| table.status) {
            Some(Status::Creating(until) | Status::Updating(until)) => until,
            Some(Status::Deleting(until)) => Some(until),
            _ => None,
        })
    }

    /// Removes the rows of tables and indexes that are gone.
    async fn sweep(&self, cx: &Context) -> Result<(), Fault> {
        let left = self.store.read(&cx.scope, |tx| {
            let left = tx.everywhere(&LEFTOVERS);
            left.map(|row| row.map(|(scope, key, ())| (scope, key))).collect::<Result<Vec<_>, Fault>>()
        })?;
        for (scope, (number, index)) in left {
            while self.store.write(&scope, |tx| sweep_some(tx, number, index)).await? {}
        }
        Ok(())
    }
}

impl Table {
    /// Whether nothing is left to do for it.
    fn is_settled(&self) -> bool {
        self.status == Status::Active && self.loading.is_none() && self.is_filled()
    }

    fn is_filled(&self) -> bool {
        self.indexes.iter().all(|index| index.filling == Filling::Done)
            && self.expiry.as_ref().is_none_or(|expiry| expiry.filling == Filling::Done)
            && self.replicas.iter().all(|replica| replica.filling == Filling::Done)
    }

    /// How far everything is that gets the items by and by.
    fn fillings(&mut self) -> impl Iterator<Item = &mut Filling> {
        let indexes = self.indexes.iter_mut().map(|index| &mut index.filling);
        let expiry = self.expiry.as_mut().map(|expiry| &mut expiry.filling);
        indexes.chain(expiry).chain(self.replicas.iter_mut().map(|replica| &mut replica.filling))
    }
}

/// Puts some more items into the indexes that do not have them all; true if there are more.
fn fill(tx: &mut WriteTx<'_>, table: &mut Table) -> Result<bool, Fault> {
    if table.is_filled() {
        return Ok(false);
    }
    let from = table.fillings().filter(|filling| **filling != Filling::Done).min().cloned();
    let Some(Filling::UpTo(from)) = from else { return Ok(false) };
    let range = under(place(table.number, 0));
    let start = from.clone().map_or(Bound::Included(Address(range.start)), Bound::Excluded);
    let rows = tx.range(&ITEMS, (start, Bound::Excluded(Address(range.end)))).take(BATCH);
    let rows: Vec<(Address, Item)> = rows.collect::<Result<_, Fault>>()?;
    let now = Filling::UpTo(from);
    for index in table.indexes.iter().filter(|index| index.filling == now) {
        let (mut items, mut bytes) = (0, 0);
        for (_, item) in &rows {
            let Some(address) = writing::entry_address(table, index, &item.0) else { continue };
            let entry = Item(index.project(table, &item.0));
            items += 1;
            bytes += i64::try_from(entry.size()).unwrap_or(i64::MAX);
            tx.put(&ITEMS, &address, &entry)?;
        }
        writing::tally(tx, table, [(index.id, (items, bytes))], false)?;
    }
    if let Some(expiry) = table.expiry.as_ref().filter(|expiry| expiry.filling == now) {
        for (address, item) in &rows {
            if let Some(second) = expiry::due(expiry, Some(item)) {
                expiry::note(tx, table, second, address)?;
            }
        }
    }
    let is_last = rows.len() < BATCH;
    for replica in table.replicas.iter().filter(|replica| replica.filling == now) {
        let items: Vec<&Item> = rows.iter().map(|(_, item)| item).collect();
        replicas::copy(tx, &table.name, &replica.region, &items)?;
        if is_last {
            replicas::open(tx, &table.name, &replica.region)?;
        }
    }
    let then = match rows.into_iter().next_back() {
        Some((address, _)) if !is_last => Filling::UpTo(Some(address)),
        _ => Filling::Done,
    };
    table.fillings().filter(|filling| **filling == now).for_each(|filling| *filling = then.clone());
    Ok(!table.is_filled())
}

/// Removes some of the rows of what is gone; true if there are more.
fn sweep_some(tx: &mut WriteTx<'_>, number: u32, index: u16) -> Result<bool, Fault> {
    let is_table = index == 0;
    if (is_table || index == JOURNAL_ALONE) && recovery::forget_some(tx, number, None)? {
        return Ok(true);
    }
    let start = if is_table { number.to_be_bytes().to_vec() } else { place(number, index) };
    let range = Address(start.clone())..Address(after_prefix(start));
    let items: Vec<Address> = tx.range(&ITEMS, range).keys().take(BATCH).collect::<Result<_, Fault>>()?;
    for address in &items {
        tx.delete(&ITEMS, address)?;
    }
    let mut expiries = Vec::new();
    if is_table {
        expiries =
            tx.range(&EXPIRIES, expiries_of(number)).keys().take(BATCH).collect::<Result<_, Fault>>()?;
        for key in &expiries {
            tx.delete(&EXPIRIES, key)?;
        }
    }
    if items.len() == BATCH || expiries.len() == BATCH {
        return Ok(true);
    }
    tx.delete(&LEFTOVERS, &(number, index))?;
    Ok(false)
}
