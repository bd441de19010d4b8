//! `StartLiveTail`: what arrives in groups, as it arrives.

use std::sync::Arc;
use std::time::Duration;

use api_logs::{
    LiveTailSessionLogEvent, LiveTailSessionMetadata, LiveTailSessionStart, LiveTailSessionUpdate, LogsError,
    SessionTimeoutException, StartLiveTail, StartLiveTailInput, StartLiveTailOutput,
    StartLiveTailResponseStream,
};
use futures_util::stream;
use kernel::{Arn, Clock, Context, EventStream, Handler, Timestamp};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::group::Group;
use crate::pattern::Pattern;
use crate::tail::Arrival;
use crate::{Logs, errors, limits, names};

/// How often what has arrived is sent.
const ROUND: Duration = Duration::from_secs(1);

impl Handler<StartLiveTail> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: StartLiveTailInput,
    ) -> Result<StartLiveTailOutput, LogsError> {
        let groups = &input.log_group_identifiers;
        if groups.len() > limits::LIVE_TAIL_GROUPS {
            return Err(errors::too_many_groups());
        }
        let has_streams = input.log_stream_names.is_some() || input.log_stream_name_prefixes.is_some();
        if has_streams && groups.len() > 1 {
            return Err(errors::streams_of_many_groups());
        }
        if input.log_stream_names.is_some() && input.log_stream_name_prefixes.is_some() {
            return Err(errors::two_choices());
        }
        let pattern = self.patterns.get(input.log_event_filter_pattern.as_deref().unwrap_or_default())?;
        for arn in groups {
            if Arn::parse(arn).is_none_or(|arn| arn.service != "logs") {
                return Err(errors::group_arn_needed(arn));
            }
            let name = names::from_identifier(arn);
            self.store.read(&cx.scope, |tx| Group::standard(tx, &name).map(drop))?;
        }
        let session = Session {
            groups: groups.iter().map(|arn| (names::from_identifier(arn), arn.clone())).collect(),
            names: input.log_stream_names.clone(),
            prefixes: input.log_stream_name_prefixes.clone(),
            pattern,
            cx: cx.clone(),
            arrivals: self.tail.follow(),
            next: cx.clock.now() + ROUND,
            end: cx.clock.now() + Duration::from_hours(limits::LIVE_TAIL_HOURS.unsigned_abs()),
        };
        let start = StartLiveTailResponseStream::SessionStart(LiveTailSessionStart {
            request_id: Some(cx.request.id.clone()),
            session_id: Some(cx.ids.uuid()),
            log_group_identifiers: Some(input.log_group_identifiers),
            log_stream_names: Some(input.log_stream_names.unwrap_or_default()),
            log_stream_name_prefixes: Some(input.log_stream_name_prefixes.unwrap_or_default()),
            log_event_filter_pattern: Some(input.log_event_filter_pattern.unwrap_or_default()),
        });
        let updates = stream::unfold(Some(session), |session| async move {
            let mut session = session?;
            match session.update().await {
                Some(update) => Some((StartLiveTailResponseStream::SessionUpdate(update), Some(session))),
                None => Some((timeout(), None)),
            }
        });
        let events = futures_util::StreamExt::chain(stream::iter([start]), updates);
        Ok(StartLiveTailOutput { response_stream: EventStream::new(Box::pin(events)) })
    }
}

fn timeout() -> StartLiveTailResponseStream {
    let message = Some("Session timed out.".to_owned());
    StartLiveTailResponseStream::SessionTimeoutException(SessionTimeoutException { message })
}

/// Someone who follows.
struct Session {
    /// Names, and the ARNs by which the caller calls them.
    groups: Vec<(String, String)>,
    names: Option<Vec<String>>,
    prefixes: Option<Vec<String>>,
    pattern: Arc<Pattern>,
    cx: Context,
    arrivals: Receiver<Arc<Arrival>>,
    next: Timestamp,
    end: Timestamp,
}

impl Session {
    /// What arrived until the next round; nothing when the session ends.
    async fn update(&mut self) -> Option<LiveTailSessionUpdate> {
        let clock: Clock = self.cx.clock.clone();
        if self.next > self.end {
            return None;
        }
        let (mut results, mut is_sampled) = (Vec::new(), false);
        let round = clock.sleep_until(self.next);
        tokio::pin!(round);
        loop {
            tokio::select! {
                () = &mut round => break,
                arrival = self.arrivals.recv() => match arrival {
                    Ok(arrival) => self.take(&arrival, &mut results),
                    Err(RecvError::Lagged(_)) => is_sampled = true,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
        self.next = clock.now() + ROUND;
        is_sampled |= results.len() > limits::LIVE_TAIL_EVENTS;
        results.truncate(limits::LIVE_TAIL_EVENTS);
        Some(LiveTailSessionUpdate {
            session_metadata: Some(LiveTailSessionMetadata { sampled: Some(is_sampled) }),
            session_results: Some(results),
        })
    }

    /// Takes what is asked for out of a batch.
    fn take(&self, arrival: &Arrival, results: &mut Vec<LiveTailSessionLogEvent>) {
        let Some((_, arn)) = self.groups.iter().find(|(name, _)| *name == arrival.group) else { return };
        let stream = &arrival.stream;
        let is_wanted = self.names.as_ref().is_none_or(|names| names.contains(stream))
            && self
                .prefixes
                .as_ref()
                .is_none_or(|prefixes| prefixes.iter().any(|start| stream.starts_with(start)));
        if arrival.scope != self.cx.scope || !is_wanted {
            return;
        }
        let matching = arrival.events.iter().filter(|(_, event)| self.pattern.matches(&event.message));
        results.extend(matching.map(|(time, event)| LiveTailSessionLogEvent {
            log_stream_name: Some(stream.clone()),
            log_group_identifier: Some(arn.clone()),
            message: Some(event.message.clone()),
            timestamp: Some(*time),
            ingestion_time: Some(event.ingested),
        }));
    }
}
