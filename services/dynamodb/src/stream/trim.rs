//! What happens to streams by the clock: shards are closed, and records go after a day.

use std::time::Duration;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope, Timestamp};

use super::record::RECORDS;
use super::{STREAMS, Stream, Streams};

/// How long records are kept.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>
const KEPT: Duration = Duration::from_hours(24);
/// How long a shard is open.
const OPEN: Duration = Duration::from_hours(4);
/// How often to look.
const ROUND: Duration = Duration::from_mins(10);
/// How many records go in one transaction.
const BATCH: usize = 1000;

impl Worker for Streams {
    fn name(&self) -> &'static str {
        "dynamodb streams"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let streams: Vec<(Scope, (String, String))> = self.store.read(&cx.scope, |tx| {
                tx.everywhere(&STREAMS).map(|row| row.map(|(scope, key, _)| (scope, key))).collect()
            })?;
            for (scope, (table, label)) in streams {
                let key = (table.as_str(), label.as_str());
                while self.keep(cx, &scope, key).await? {}
            }
            Ok(Next::At(cx.clock.now() + ROUND))
        })
    }
}

impl Streams {
    /// Does what is due for one stream; true if there may be more.
    async fn keep(&self, cx: &Context, scope: &Scope, key: (&str, &str)) -> Result<bool, Fault> {
        let now = cx.clock.now();
        let work = self.store.read(scope, |tx| {
            let stream: Option<Stream> = tx.get(&STREAMS, &key)?;
            let Some(stream) = stream else { return Ok::<_, Fault>(None) };
            let mut old = Vec::new();
            for row in tx.range(&RECORDS, (stream.number, 0)..=(stream.number, u64::MAX)).take(BATCH) {
                let (number, record) = row?;
                if record.time + KEPT > now {
                    break;
                }
                old.push(number);
            }
            Ok(Some((old, stream.is_due(now))))
        })?;
        let Some((old, is_due)) = work else { return Ok(false) };
        if old.is_empty() && !is_due {
            return Ok(false);
        }
        self.store
            .write(scope, |tx| {
                for number in &old {
                    tx.delete(&RECORDS, number)?;
                }
                let stream: Option<Stream> = tx.get(&STREAMS, &key)?;
                let Some(mut stream) = stream.filter(|_| is_due) else { return Ok::<_, Fault>(()) };
                if stream.ended.is_some_and(|ended| ended + KEPT <= now) {
                    return tx.delete(&STREAMS, &key).map(drop);
                }
                if stream.must_roll(now) {
                    stream.roll(tx, cx)?;
                }
                let opened: Vec<Timestamp> = stream.shards.iter().skip(1).map(|shard| shard.opened).collect();
                // A shard was closed when the next one was opened.
                let gone = opened.into_iter().take_while(|closed| *closed + KEPT <= now).count();
                stream.shards.drain(..gone);
                tx.put(&STREAMS, &key, &stream)
            })
            .await?;
        Ok(old.len() == BATCH)
    }
}

impl Stream {
    /// Whether its shards change.
    fn is_due(&self, now: Timestamp) -> bool {
        self.ended.is_some_and(|ended| ended + KEPT <= now)
            || self.must_roll(now)
            || self.shards.get(1).is_some_and(|second| second.opened + KEPT <= now)
    }

    fn must_roll(&self, now: Timestamp) -> bool {
        self.shards.last().is_some_and(|shard| shard.last.is_none() && shard.opened + OPEN <= now)
    }
}
