//! Items in a blob, one after the other: backups, and what a new table is filled with.

use api_dynamodb::{AttributeValue, ExportViewType};
use kernel::{Bytes, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobRef, BlobWriter, Blobs, WriteTx};

use crate::item::{Attributes, ITEMS, Item};
use crate::key::{Address, place};
use crate::reading::under;
use crate::table::Table;
use crate::transfer::Window;
use crate::{Dynamodb, codec, recovery, writing};

/// How many items are read at once.
const BATCH: usize = 1000;
/// About how many bytes of items go into a table in one transaction.
const STEP: u64 = 4 << 20;

/// Items being written into a blob: before each, its length in four bytes.
pub struct Spool {
    writer: BlobWriter,
    items: i64,
    bytes: i64,
}

/// Items in a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spooled {
    /// The blob.
    pub blob: BlobRef,
    /// How many items there are.
    pub items: i64,
    /// The bytes AWS counts.
    pub bytes: i64,
}

/// What a new table is filled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loading {
    /// The items.
    pub from: Spooled,
    /// How many bytes of the blob are done.
    pub done: u64,
    /// Whether nobody else needs the blob.
    pub is_own: bool,
}

impl Spool {
    /// An empty one.
    pub async fn new(blobs: &Blobs) -> Result<Self, Fault> {
        Ok(Self { writer: blobs.create().await?, items: 0, bytes: 0 })
    }

    /// Adds items.
    pub async fn add(&mut self, items: &[Attributes]) -> Result<(), Fault> {
        let (mut bytes, mut one) = (Vec::new(), Vec::new());
        for item in items {
            one.clear();
            codec::encode(item, &mut one);
            let length = u32::try_from(one.len()).map_err(Fault::internal)?;
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&one);
            self.items += 1;
            self.bytes += i64::try_from(crate::value::item_size(item)).unwrap_or(i64::MAX);
        }
        self.writer.write(bytes).await
    }

    /// The blob, whole. It stays once a commit keeps it.
    pub async fn finish(self) -> Result<Spooled, Fault> {
        Ok(Spooled { blob: self.writer.finish().await?, items: self.items, bytes: self.bytes })
    }
}

impl Dynamodb {
    /// The items of a table, as they are or as they were at an instant.
    pub async fn spool(&self, scope: &Scope, table: &Table, at: Option<Timestamp>) -> Result<Spooled, Fault> {
        let frozen = self.store.frozen();
        let different = match at {
            Some(at) => frozen.read(scope, |tx| recovery::differences(tx, table, at))?,
            None => Default::default(),
        };
        let mut spool = Spool::new(self.store.blobs()).await?;
        let range = under(place(table.number, 0));
        let (mut from, end) = (std::ops::Bound::Included(Address(range.start)), Address(range.end));
        loop {
            let rows: Vec<(Address, Item)> = frozen.read(scope, |tx| {
                let bounds = (from.clone(), std::ops::Bound::Excluded(end.clone()));
                tx.range(&ITEMS, bounds).take(BATCH).collect::<Result<_, Fault>>()
            })?;
            let is_last = rows.len() < BATCH;
            if let Some((last, _)) = rows.last() {
                from = std::ops::Bound::Excluded(last.clone());
            }
            let same = rows.into_iter().filter(|(address, _)| !different.contains_key(address));
            spool.add(&same.map(|(_, item)| item.0).collect::<Vec<_>>()).await?;
            if is_last {
                break;
            }
        }
        let were: Vec<Attributes> = different.into_values().flatten().map(|item| item.0).collect();
        spool.add(&were).await?;
        spool.finish().await
    }

    /// What changed in a time: each item's keys, what it was and what it became.
    pub async fn spool_changes(
        &self,
        scope: &Scope,
        table: &Table,
        window: &Window,
    ) -> Result<Spooled, Fault> {
        let frozen = self.store.frozen();
        let records: Vec<Attributes> = frozen.read(scope, |tx| {
            let before = recovery::differences(tx, table, window.from)?;
            let after = recovery::differences(tx, table, window.to)?;
            let mut records = Vec::new();
            for (address, time) in recovery::changed(tx, table, window.from, window.to)? {
                let old = before.get(&address).cloned().flatten();
                let new = match after.get(&address) {
                    Some(new) => new.clone(),
                    None => tx.get(&ITEMS, &address)?,
                };
                records.extend(record(table, time, old, new, &window.view));
            }
            Ok::<_, Fault>(records)
        })?;
        let mut spool = Spool::new(self.store.blobs()).await?;
        for some in records.chunks(BATCH) {
            spool.add(some).await?;
        }
        spool.finish().await
    }

    /// The next items that a table is to be filled with, and how many bytes they take.
    pub async fn next_spooled(&self, loading: &Loading) -> Result<(Vec<Item>, u64), Fault> {
        let blob = &loading.from.blob;
        if loading.done >= blob.length {
            return Ok((Vec::new(), 0));
        }
        // An item has at most 400 KB as AWS counts, so a step always holds one.
        let end = blob.length.min(loading.done + STEP);
        let body = self.store.blobs().read(&blob.id, Some(loading.done..end)).await?;
        let bytes = body.collect(usize::MAX).await.map_err(Fault::internal)?;
        Ok(parse(&bytes))
    }
}

/// A change as incremental exports tell it; nothing of an item that came and went.
fn record(
    table: &Table,
    time: Timestamp,
    old: Option<Item>,
    new: Option<Item>,
    view: &ExportViewType,
) -> Option<Attributes> {
    let keys = table.key.of(&new.as_ref().or(old.as_ref())?.0);
    let micros = AttributeValue::N(time.as_microsecond().to_string());
    let metadata = Attributes::from_iter([("WriteTimestampMicros".to_owned(), micros)]);
    let old = old.filter(|_| *view == ExportViewType::NewAndOldImages);
    let parts = [
        ("Metadata", Some(metadata)),
        ("Keys", Some(keys)),
        ("OldImage", old.map(|item| item.0)),
        ("NewImage", new.map(|item| item.0)),
    ];
    let given =
        parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), AttributeValue::M(part?))));
    Some(given.collect())
}

fn parse(bytes: &Bytes) -> (Vec<Item>, u64) {
    let (mut items, mut rest) = (Vec::new(), bytes.as_ref());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some(mut one) = after.get(..length) else { break };
        let Some(item) = codec::decode(&mut one) else { break };
        items.push(Item(item));
        rest = &after[length..];
    }
    (items, (bytes.len() - rest.len()) as u64)
}

/// Puts items into a table that is being made.
pub fn load(tx: &mut WriteTx<'_>, table: &Table, items: &[Item]) -> Result<(), Fault> {
    for item in items {
        let address = table.address(&item.0)?;
        let old: Option<Item> = tx.get(&ITEMS, &address)?;
        writing::replace(tx, table, &address, old.as_ref(), Some(item))?;
    }
    Ok(())
}
