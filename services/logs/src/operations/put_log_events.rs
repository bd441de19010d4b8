//! `PutLogEvents`: adds a batch of events to a stream.

use api_logs::{
    InputLogEvent, LogsError, PutLogEvents, PutLogEventsInput, PutLogEventsOutput, RejectedLogEventsInfo,
};
use kernel::{Context, Handler};
use store::WriteTx;

use crate::account_policy::Policies;
use crate::event::{EVENTS, Event};
use crate::group::{Group, Masking, TALLIES};
use crate::stream::{STREAMS, sequence_token};
use crate::tail::Arrival;
use crate::transformer::Origin;
use crate::{Logs, errors, limits, protection};

impl Handler<PutLogEvents> for Logs {
    async fn handle(&self, cx: &Context, input: PutLogEventsInput) -> Result<PutLogEventsOutput, LogsError> {
        check(&input.log_events)?;
        let ingested = cx.clock.millis();
        let key = (input.log_group_name, input.log_stream_name);
        let (account, policies, transformer) = self.store.read(&cx.scope, |tx| {
            let group = Group::get(tx, &key.0)?;
            let account = Policies::of(tx, &key.0)?;
            let is_masked = group.masking == Masking::Active;
            let masks = self.protection.of(tx, &key.0, is_masked, &account.protection)?;
            let transformer = self.transformer(tx, &key.0, &group, account.transformer.as_deref())?;
            Ok::<_, LogsError>((account, masks, transformer))
        })?;
        let origin = transformer.as_ref().map(|_| Origin::new(&cx.scope, &key.0, &key.1));
        let mut found = Vec::new();
        let event = |event: InputLogEvent| {
            let (masked, unmasked) = match protection::mask(&policies, &event.message) {
                Some((masked, places)) => {
                    found.push((event.timestamp, places));
                    (masked, Some(event.message))
                }
                None => (event.message, None),
            };
            let transformer = transformer.as_ref().zip(origin.as_ref());
            let transformed = transformer.map(|(transformer, origin)| transformer.apply(&masked, origin));
            (event.timestamp, Event { message: masked, ingested, unmasked, transformed })
        };
        let incoming: Vec<_> = input.log_events.into_iter().map(event).collect();
        let has_metrics = cx.calls.service("cloudwatch").is_some();

        let (accepted, last) = self
            .store
            .write(&cx.scope, |tx| {
                let group = Group::get(tx, &key.0)?;
                let accepted = Accepted::of(&incoming, ingested, group.retention);
                let events = &incoming[accepted.first..accepted.end];
                let first = self.add(tx, &key, events)?;
                self.forward(tx, &key, first, events, group.subscriptions > 0, &account.subscriptions)?;
                if let (Some((from, _)), Some((to, _))) = (events.first(), events.last()) {
                    let taken = found.iter().filter(|(at, _)| from <= at && at <= to);
                    protection::tell(tx, &policies, cx, &key.0, taken.map(|(_, found)| found.as_slice()))?;
                }
                if has_metrics && group.metric_filters > 0 {
                    self.measure(tx, &key.0, events)?;
                }
                Ok::<_, LogsError>((accepted, first + events.len() as u64))
            })
            .await?;

        let rejected = accepted.rejected(incoming.len());
        self.tail.tell(|| Arrival {
            scope: cx.scope.clone(),
            group: key.0,
            stream: key.1,
            events: incoming.into_iter().take(accepted.end).skip(accepted.first).collect(),
        });
        Ok(PutLogEventsOutput {
            next_sequence_token: Some(sequence_token(last)),
            rejected_log_events_info: rejected,
            ..PutLogEventsOutput::default()
        })
    }
}

impl Logs {
    /// Writes events; answers how many had arrived in the group before.
    fn add(
        &self,
        tx: &mut WriteTx<'_>,
        key: &(String, String),
        events: &[(i64, Event)],
    ) -> Result<u64, LogsError> {
        let mut stream = tx.get(&STREAMS, key)?.ok_or_else(errors::no_such_stream)?;
        let mut tally = tx.get(&TALLIES, &key.0)?.unwrap_or_default();
        let before = tally.arrived;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(before) };
        for (time, event) in events {
            tally.arrived += 1;
            tally.stored_bytes += i64::try_from(event.message.len() + limits::EVENT_OVERHEAD).unwrap_or(0);
            tx.put(&EVENTS, &(key.0.as_str(), key.1.as_str(), *time, tally.arrived), event)?;
        }
        stream.arrived = tally.arrived;
        stream.first_event = Some(stream.first_event.map_or(first.0, |at| at.min(first.0)));
        stream.last_event = stream.last_event.max(Some(last.0));
        stream.last_ingestion = Some(first.1.ingested);
        tx.put(&STREAMS, key, &stream)?;
        tx.put(&TALLIES, &key.0, &tally)?;
        Ok(before)
    }
}

fn check(events: &[InputLogEvent]) -> Result<(), LogsError> {
    let bytes: usize = events.iter().map(|event| event.message.len() + limits::EVENT_OVERHEAD).sum();
    if bytes > limits::BATCH_BYTES {
        return Err(errors::too_large(bytes, limits::BATCH_BYTES));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(errors::not_chronological());
    }
    match (events.first(), events.last()) {
        (Some(first), Some(last)) if last.timestamp.saturating_sub(first.timestamp) > limits::BATCH_SPAN => {
            Err(errors::too_wide())
        }
        _ => Ok(()),
    }
}

/// Which events of a batch are taken: neither too old, nor expired, nor too new.
struct Accepted {
    too_old: usize,
    expired: usize,
    first: usize,
    end: usize,
}

impl Accepted {
    fn of(events: &[(i64, Event)], now: i64, retention: Option<i32>) -> Self {
        let before = |instant: i64| events.partition_point(|(time, _)| *time < instant);
        let too_old = before(now - limits::OLDEST);
        let expired = retention.map_or(0, |days| before(now - i64::from(days) * limits::DAY));
        let end = events.partition_point(|(time, _)| *time <= now + limits::NEWEST);
        Self { too_old, expired, first: too_old.max(expired).min(end), end }
    }

    /// Which events were not taken, if any: AWS tells by where they end and start.
    fn rejected(&self, of: usize) -> Option<RejectedLogEventsInfo> {
        let index = |at: usize, is_any: bool| is_any.then(|| i32::try_from(at).ok()).flatten();
        let rejected = RejectedLogEventsInfo {
            too_old_log_event_end_index: index(self.too_old, self.too_old > 0),
            expired_log_event_end_index: index(self.expired, self.expired > self.too_old),
            too_new_log_event_start_index: index(self.end, self.end < of),
        };
        (rejected != RejectedLogEventsInfo::default()).then_some(rejected)
    }
}
