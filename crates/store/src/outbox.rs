//! The outbox: events committed together with the rows they tell of, until somebody has delivered them.

use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use kernel::{Fault, Scope, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::core::Core;
use crate::row;
use crate::table::Table;
use crate::transaction::WriteTx;

/// The place of an event in the order of commits, counted from 1.
pub type Seq = u64;

/// The event rows themselves.
static EVENTS: Table<Seq, EventRow> = Table::global("store.outbox");
/// The last number given out, which must outlive an empty outbox.
static LAST: Table<bool, Seq> = Table::global("store.outbox.last");

/// An event that waits for delivery.
#[derive(Clone, Debug)]
pub struct OutboxEvent {
    /// Its place in the order.
    pub seq: Seq,
    /// The scope in which it was emitted.
    pub scope: Scope,
    /// What it is, as given to `emit`.
    pub kind: String,
    /// When it was emitted.
    pub emitted_at: Timestamp,
    /// The instant before which delivery should not be tried again.
    pub retry_at: Option<Timestamp>,
    /// How often delivery was tried, as told to [`Outbox::retry_at`].
    pub attempts: u32,
    payload: Bytes,
}

#[derive(Serialize, Deserialize)]
struct EventRow {
    scope: Scope,
    kind: String,
    emitted_at: Timestamp,
    retry_at: Option<Timestamp>,
    attempts: u32,
    payload: Bytes,
}

impl OutboxEvent {
    /// The event as it was emitted.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        row::decode(&self.payload)
    }

    /// The event's bytes, for whoever decodes them with [`decode_event`].
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    fn from_row(seq: Seq, row: EventRow) -> Self {
        let EventRow { scope, kind, emitted_at, retry_at, attempts, payload } = row;
        Self { seq, scope, kind, emitted_at, retry_at, attempts, payload }
    }
}

/// An event out of its bytes.
///
/// # Errors
/// When it is of another type.
pub fn decode_event<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Fault> {
    row::decode(payload)
}

/// The events nobody has delivered yet.
pub struct Outbox {
    core: Arc<Core>,
}

impl Outbox {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Events in the order of their commits, those whose retry is still ahead among them.
    ///
    /// # Errors
    /// When the disk fails; so everywhere below.
    pub fn pending(&self, after: Option<Seq>, limit: usize) -> Result<Vec<OutboxEvent>, Fault> {
        self.core.read(&Scope::default(), |tx| {
            let rows = tx.range(&EVENTS, (Bound::Excluded(after.unwrap_or(0)), Bound::Unbounded));
            rows.take(limit).map(|row| row.map(|(seq, row)| OutboxEvent::from_row(seq, row))).collect()
        })
    }

    /// The event of that number, unless it is done.
    ///
    /// # Errors
    /// As for [`pending`](Self::pending).
    pub fn get(&self, seq: Seq) -> Result<Option<OutboxEvent>, Fault> {
        let row = self.core.read(&Scope::default(), |tx| tx.get(&EVENTS, &seq))?;
        Ok(row.map(|row| OutboxEvent::from_row(seq, row)))
    }

    /// How often everything was replaced, by a reset or a snapshot: numbers begin anew then.
    pub fn epoch(&self) -> u64 {
        self.core.replaced.load(Ordering::Acquire)
    }

    /// Forgets events that were delivered or given up.
    ///
    /// # Errors
    /// As for [`pending`](Self::pending).
    pub async fn done(&self, seqs: &[Seq]) -> Result<(), Fault> {
        let forget = |tx: &mut WriteTx<'_>| seqs.iter().try_for_each(|seq| tx.delete(&EVENTS, seq).map(drop));
        self.core.write(&Scope::default(), forget).await
    }

    /// Notes that delivery failed for the `attempts`th time and when to try again.
    ///
    /// # Errors
    /// As for [`pending`](Self::pending).
    pub async fn retry_at(&self, seq: Seq, at: Timestamp, attempts: u32) -> Result<(), Fault> {
        let postpone = |tx: &mut WriteTx<'_>| {
            let Some(mut row) = tx.get(&EVENTS, &seq)? else { return Ok(()) };
            row.retry_at = Some(at);
            row.attempts = attempts;
            tx.put(&EVENTS, &seq, &row)
        };
        self.core.write(&Scope::default(), postpone).await
    }

    /// A number that changes after each commit that emitted.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.core.emitted.subscribe()
    }
}

/// Writes an event behind all others.
pub(crate) fn emit(
    tx: &mut WriteTx<'_>,
    kind: &str,
    event: &(impl Serialize + ?Sized),
    now: Timestamp,
) -> Result<(), Fault> {
    let seq = tx.get(&LAST, &true)?.unwrap_or(0) + 1;
    let mut payload = Vec::new();
    row::encode(event, &mut payload)?;
    let row = EventRow {
        scope: tx.scope().clone(),
        kind: kind.to_owned(),
        emitted_at: now,
        retry_at: None,
        attempts: 0,
        payload: payload.into(),
    };
    tx.put(&LAST, &true, &seq)?;
    tx.put(&EVENTS, &seq, &row)
}
