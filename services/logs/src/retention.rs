//! Retention: events go when they are older than their group keeps them.

use std::sync::Arc;
use std::time::Duration;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope};
use store::WriteTx;

use crate::event::{EVENTS, EventKey};
use crate::group::{GROUPS, TALLIES};
use crate::stream::STREAMS;
use crate::{Logs, limits};

/// How often to look: AWS promises three days.
const ROUND: Duration = Duration::from_mins(10);

/// How many events go in one transaction.
const BATCH: usize = 1000;

/// The worker that removes expired events.
pub struct Reaper(pub Arc<Logs>);

impl Worker for Reaper {
    fn name(&self) -> &'static str {
        "logs retention"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let has_any = self.0.expire(cx).await?;
            Ok(if has_any { Next::At(cx.clock.now() + ROUND) } else { Next::WhenWoken })
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.retention_set.notified())
    }
}

impl Logs {
    /// Removes what has expired; tells whether any group keeps its events for so long only.
    async fn expire(&self, cx: &Context) -> Result<bool, Fault> {
        let groups: Vec<(Scope, String, i32)> = self.store.read(&cx.scope, |tx| {
            let kept = tx.everywhere(&GROUPS).filter_map(|row| match row {
                Ok((scope, name, group)) => group.retention.map(|days| Ok((scope, name, days))),
                Err(fault) => Some(Err(fault)),
            });
            kept.collect::<Result<_, Fault>>()
        })?;
        for (scope, group, days) in &groups {
            let before = cx.clock.millis() - i64::from(*days) * limits::DAY;
            for stream in self.aged(scope, group, before)? {
                while self.store.write(scope, |tx| expire_some(tx, group, &stream, before)).await? {}
            }
        }
        Ok(!groups.is_empty())
    }

    /// The streams of a group that have events from before an instant.
    fn aged(&self, scope: &Scope, group: &str, before: i64) -> Result<Vec<String>, Fault> {
        self.store.read(scope, |tx| {
            let aged = tx.prefix(&STREAMS, &(group,)).filter_map(|row| match row {
                Ok(((_, name), stream)) => {
                    stream.first_event.is_some_and(|first| first < before).then_some(Ok(name))
                }
                Err(fault) => Some(Err(fault)),
            });
            aged.collect()
        })
    }
}

/// Removes some of a stream's events from before an instant; tells whether there are more.
fn expire_some(tx: &mut WriteTx<'_>, group: &str, stream: &str, before: i64) -> Result<bool, Fault> {
    let key = |time: i64| -> EventKey { (group.to_owned(), stream.to_owned(), time, 0) };
    let old: Vec<_> =
        tx.range(&EVENTS, key(i64::MIN)..key(before)).take(BATCH).collect::<Result<_, Fault>>()?;
    let mut tally = tx.get(&TALLIES, group)?.unwrap_or_default();
    for (key, event) in &old {
        tx.delete(&EVENTS, key)?;
        tally.stored_bytes -= i64::try_from(event.message.len() + limits::EVENT_OVERHEAD).unwrap_or(0);
    }
    tx.put(&TALLIES, group, &tally)?;
    let Some(mut row) = tx.get(&STREAMS, &(group, stream))? else { return Ok(false) };
    row.first_event = tx
        .range(&EVENTS, key(i64::MIN)..key(i64::MAX))
        .keys()
        .next()
        .transpose()?
        .map(|(_, _, time, _)| time);
    if row.first_event.is_none() {
        row.last_event = None;
    }
    tx.put(&STREAMS, &(group, stream), &row)?;
    Ok(old.len() == BATCH)
}
