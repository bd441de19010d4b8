//! From a publication to its receivers.

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault};

use crate::delivery::{self, Sending};
use crate::message::Message;
use crate::publication::Publication;
use crate::{Sns, fifo};

/// The kind of publications in the outbox.
pub const KIND: &str = "sns.publication";
/// The kind of hints that a FIFO topic has messages waiting.
pub const FIFO_KIND: &str = "sns.fifo";
/// So many messages of a FIFO topic are looked at in one go.
const BATCH: usize = 100;

/// Takes publications to topics without order.
pub struct FanOut(pub Arc<Sns>);

/// Takes what waits at FIFO topics, one message after the other.
pub struct FifoFanOut(pub Arc<Sns>);

impl Consumer for FanOut {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let publication: Publication = match store::decode_event(payload) {
                Ok(publication) => publication,
                Err(fault) => return Consumed::Failed(fault),
            };
            let Publication { topic, revision, message } = publication;
            match self.0.fan_out(cx, &topic, revision, message).await {
                Ok(()) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Consumer for FifoFanOut {
    fn kind(&self) -> &'static str {
        FIFO_KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let name: String = match store::decode_event(payload) {
                Ok(name) => name,
                Err(fault) => return Consumed::Failed(fault),
            };
            let turn = self.0.fifo.of(&cx.scope, &name);
            let _turn = turn.lock().await;
            match self.0.drain(cx, &name).await {
                Ok(()) => Consumed::Done,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Sns {
    /// Hands a message to everybody who is to get it. What fails is tried again, each by itself.
    pub async fn fan_out(
        &self,
        cx: &Context,
        name: &str,
        revision: u64,
        message: Message,
    ) -> Result<(), Fault> {
        let Some(receivers) = self.receivers.get(&self.store, &cx.scope, name)? else { return Ok(()) };
        let sending = Sending::new(self, cx, name, &receivers.topic, &message);
        let mut left = Vec::new();
        for subscription in receivers.of(&message, revision) {
            if let Some(what) = sending.deliver(subscription).await {
                left.push(what);
            }
        }
        delivery::postpone(&self.store, &cx.scope, &left).await
    }

    /// Hands out what waits at a FIFO topic, in order.
    async fn drain(&self, cx: &Context, name: &str) -> Result<(), Fault> {
        loop {
            let waiting: Vec<_> = self.store.read(&cx.scope, |tx| {
                tx.prefix(&fifo::WAITING, &(name,)).take(BATCH).collect::<Result<_, Fault>>()
            })?;
            if waiting.is_empty() {
                return Ok(());
            }
            for ((_, number), (revision, message)) in waiting {
                self.fan_out(cx, name, revision, message).await?;
                self.store
                    .write(&cx.scope, |tx| tx.delete(&fifo::WAITING, &(name, number)).map(drop))
                    .await?;
            }
        }
    }
}
