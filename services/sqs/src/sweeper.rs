//! The worker that removes what nobody can reach any more: messages of queues that were deleted or purged, messages that
//! are too old, and what FIFO queues remembered for five minutes.

use std::sync::Arc;
use std::time::Duration;

use api_sqs::SqsError;
use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Key, ReadTx, Rows, Table, WriteTx};

use crate::deduplication::{self, ATTEMPTS, SENT};
use crate::message::{self, At, DELAYED, GROUPS, LINES, MESSAGES, STATES, TALLIES, age};
use crate::queue::{DISCARDED, QUEUES, Queue};
use crate::shelf::{Shelf, recent};
use crate::{Sqs, arrival};

/// How often to look for old messages: none is kept for less than a minute.
const ROUND: Duration = Duration::from_mins(1);
/// How many rows go in one transaction.
const BATCH: usize = 1000;

/// Sweeps.
pub struct Sweeper(pub Arc<Sqs>);

impl Worker for Sweeper {
    fn name(&self) -> &'static str {
        "sqs.sweeper"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            self.sweep_discarded(cx).await?;
            let queues: Vec<(Scope, String, Queue)> =
                self.0.store.read(&cx.scope, |tx| tx.everywhere(&QUEUES).collect::<Result<_, Fault>>())?;
            for (scope, name, queue) in queues {
                while self.expire(cx, &scope, &name).await? {
                    tokio::task::yield_now().await;
                }
                if queue.fifo.is_some() {
                    self.forget(cx, queue.id).await?;
                }
            }
            Ok(Next::At(cx.clock.now() + ROUND))
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.discarded.notified())
    }
}

impl Sweeper {
    async fn sweep_discarded(&self, cx: &Context) -> Result<(), Fault> {
        let ids: Vec<u64> =
            self.0.store.read(&cx.scope, |tx| tx.keys(&DISCARDED).collect::<Result<_, Fault>>())?;
        for id in ids {
            while self.0.store.write(&cx.scope, |tx| sweep(tx, id)).await? {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    /// Removes some messages that are too old; tells whether there may be more.
    async fn expire(&self, cx: &Context, scope: &Scope, name: &str) -> Result<bool, Fault> {
        let now = cx.clock.millis();
        let may_be_old = self.0.store.read(scope, |tx| {
            let Some(queue) = tx.get(&QUEUES, name)? else { return Ok::<_, Fault>(false) };
            Ok(!old(tx, &queue, now)?.is_empty())
        })?;
        if !may_be_old {
            return Ok(false);
        }
        let expire = |tx: &mut WriteTx<'_>, shelf: &mut Shelf| -> Result<bool, SqsError> {
            let Some(queue) = tx.get(&QUEUES, name)? else { return Ok(false) };
            let mut gone = 0;
            for at in old(tx, &queue, now)? {
                gone += u64::from(arrival::remove(tx, shelf, &queue, &at, now)?);
            }
            message::went(tx, queue.id, gone)?;
            Ok(gone > 0)
        };
        Ok(self.0.write(scope, expire).await?)
    }

    /// Forgets messages that no duplicate can be of any more, and receives that nobody can repeat.
    async fn forget(&self, cx: &Context, id: u64) -> Result<(), Fault> {
        let now = cx.clock.millis();
        let messages = (id, 0)..(id, recent::before(now));
        let attempts = (id, i64::MIN, String::new())..(id, deduplication::span(now) - 1, String::new());
        let forget = |tx: &mut WriteTx<'_>| {
            let gone = remove(tx, &SENT, |tx| tx.range(&SENT, messages.clone()))?;
            Ok::<_, Fault>(gone + remove(tx, &ATTEMPTS, |tx| tx.range(&ATTEMPTS, attempts.clone()))? > 0)
        };
        while self.0.store.write(&cx.scope, forget).await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

/// Messages at the fronts that are too old. A number tells when its message came.
fn old(tx: &ReadTx<'_>, queue: &Queue, now: i64) -> Result<Vec<At>, Fault> {
    let limit = u64::try_from(now - queue.retention * 1000 + 1).unwrap_or_default() << 20;
    let mut found = Vec::new();
    if queue.fifo.is_none() {
        for first in [0, DELAYED] {
            for key in tx.range(&MESSAGES, (queue.id, first)..(queue.id, first | limit)).keys().take(BATCH) {
                found.push(At { number: key?.1, group: None });
            }
        }
        return Ok(found);
    }
    for group in tx.prefix(&GROUPS, &(queue.id,)).keys() {
        let (_, group) = group?;
        for key in tx.prefix(&LINES, &(queue.id, group.as_str())).keys() {
            let number = key?.2;
            if age(number) >= limit || found.len() >= BATCH {
                break;
            }
            found.push(At { number, group: Some(group.clone()) });
        }
    }
    Ok(found)
}

/// Removes some rows under an id; tells whether there may be more.
fn sweep(tx: &mut WriteTx<'_>, id: u64) -> Result<bool, Fault> {
    let removed = remove(tx, &MESSAGES, |tx| tx.prefix(&MESSAGES, &(id,)))?
        + remove(tx, &LINES, |tx| tx.prefix(&LINES, &(id,)))?
        + remove(tx, &GROUPS, |tx| tx.prefix(&GROUPS, &(id,)))?
        + remove(tx, &STATES, |tx| tx.prefix(&STATES, &(id,)))?
        + remove(tx, &SENT, |tx| tx.prefix(&SENT, &(id,)))?
        + remove(tx, &ATTEMPTS, |tx| tx.prefix(&ATTEMPTS, &(id,)))?;
    if removed == 0 {
        tx.delete(&TALLIES, &id)?;
        tx.delete(&DISCARDED, &id)?;
    }
    Ok(removed > 0)
}

fn remove<K: Key, R: Serialize + DeserializeOwned>(
    tx: &mut WriteTx<'_>,
    table: &'static Table<K, R>,
    rows: impl for<'t> FnOnce(&'t ReadTx<'_>) -> Rows<'t, K, R>,
) -> Result<usize, Fault> {
    let keys: Vec<K> = rows(tx).keys().take(BATCH).collect::<Result<_, _>>()?;
    keys.iter().try_for_each(|key| tx.delete(table, key).map(drop))?;
    Ok(keys.len())
}
