//! Takes what waits for delivery to where it goes: each filter's in order, one at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api_kinesis::{PutRecord, PutRecordInput};
use api_logs::{Distribution, LogsError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault, Scope};

use super::target::Target;
use super::{DELIVERIES, Delivery, KIND, Nudge, Subscription, payload};
use crate::{Logs, limits};

/// Whose turn it is: a lock for each filter of each group.
#[derive(Default)]
pub struct Turns(Mutex<HashMap<(Scope, String, String), Turn>>);

type Turn = Arc<tokio::sync::Mutex<()>>;

impl Turns {
    fn of(&self, scope: &Scope, nudge: &Nudge) -> Turn {
        let key = (scope.clone(), nudge.group.clone(), nudge.filter.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }

    /// Forgets all filters.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The consumer.
pub struct Deliverer(pub Arc<Logs>);

impl Consumer for Deliverer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match self.0.deliver_all(cx, payload).await {
                Ok(()) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Logs {
    /// Delivers all that waits for a filter, the oldest first.
    async fn deliver_all(&self, cx: &Context, payload: &[u8]) -> Result<(), Fault> {
        let nudge: Nudge = store::decode_event(payload)?;
        let turn = self.turns.of(&cx.scope, &nudge);
        let _turn = turn.lock().await;
        let cx = cx.on_behalf_of("logs.amazonaws.com");
        loop {
            let (group, filter) = (nudge.group.as_str(), nudge.filter.as_str());
            let next = self.store.read(&cx.scope, |tx| {
                let subscription = Subscription::find(tx, group, filter)?;
                let first = tx.prefix(&DELIVERIES, &(group, filter)).next().transpose()?;
                Ok::<_, Fault>(first.map(|(key, delivery)| (key, delivery, subscription)))
            })?;
            let Some((key, delivery, subscription)) = next else { return Ok(()) };
            if let Some(subscription) = subscription
                && let Err(error) = self.deliver(&cx, &nudge, &subscription, &delivery).await
                // AWS tries for a day.
                && cx.clock.millis() - delivery.ingested < limits::DAY
            {
                return Err(error.into());
            }
            self.store.write(&cx.scope, |tx| tx.delete(&DELIVERIES, &key).map(drop)).await?;
        }
    }

    async fn deliver(
        &self,
        cx: &Context,
        nudge: &Nudge,
        subscription: &Subscription,
        delivery: &Delivery,
    ) -> Result<(), LogsError> {
        let pattern = self.patterns.get(&subscription.pattern)?;
        let data =
            || payload::data(&cx.scope, &nudge.group, Subscription::shown(&nudge.filter), &pattern, delivery);
        match self.target(cx, &subscription.destination)? {
            Target::Function(arn) => {
                let event = serde_json::json!({ "awslogs": { "data": STANDARD.encode(data()?) } });
                background::deliver(cx, &arn, event.to_string().into()).await?;
            }
            Target::Stream(arn) => {
                let (data, partition_key) = match &delivery.stream {
                    None => (payload::control("Kinesis stream", delivery.ingested)?, cx.ids.hex(32)),
                    Some(_) if subscription.distribution == Distribution::Random => (data()?, cx.ids.hex(32)),
                    Some(stream) => (data()?, stream.chars().take(256).collect()),
                };
                let input = PutRecordInput {
                    stream_arn: Some(arn.to_string()),
                    data: Bytes::from(data),
                    partition_key: Some(partition_key),
                    ..PutRecordInput::default()
                };
                cx.in_scope(arn.scope(&cx.scope)).call::<PutRecord>(input).await?;
            }
        }
        Ok(())
    }
}
