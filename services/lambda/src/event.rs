//! Asynchronous invocations: taken from the outbox, tried three times, then sent to the dead-letter target.

use jiff::SignedDuration;
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault};
use serde::{Deserialize, Serialize};

use crate::function::Function;
use crate::names::FunctionName;
use crate::{Lambda, limits};

/// The kind of our events in the outbox.
pub const KIND: &str = "lambda.invoke";

/// One asynchronous invocation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Event {
    /// The function, as the caller named it.
    pub function: String,
    /// The request's id, which all attempts share.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// What a mobile client tells of itself.
    pub client_context: Option<String>,
}

impl Consumer for Lambda {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match store::decode_event::<Event>(payload) {
                Ok(event) => self.attempt(cx, event, attempt).await,
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Lambda {
    async fn attempt(&self, cx: &Context, event: Event, attempt: u32) -> Consumed {
        let Ok(name) = FunctionName::parse(cx, &event.function, None) else { return Consumed::Done };
        // A function deleted in the meantime takes its events with it.
        let Ok(function) = self.store.read(&name.scope, |tx| Function::get(tx, &name)) else {
            return Consumed::Done;
        };
        let target = function.configuration.dead_letter.clone();
        let payload = event.payload.clone();
        let ran =
            self.run(cx, &name, function, &event.request_id, payload, event.client_context.clone()).await;
        let failed = match ran {
            Ok(outcome) => outcome.function_error.is_some(),
            Err(fault) => {
                tracing::warn!(function = event.function, %fault, "an asynchronous invocation could not run");
                true
            }
        };
        match (failed, attempt < limits::ATTEMPTS) {
            (false, _) => Consumed::Done,
            (true, true) => {
                let wait = limits::RETRY_SECONDS[usize::try_from(attempt - 1).unwrap_or(0).min(1)];
                Consumed::RetryAt(cx.clock.now() + SignedDuration::from_secs(wait))
            }
            (true, false) => give_up(cx, target, event).await,
        }
    }
}

async fn give_up(cx: &Context, target: Option<String>, event: Event) -> Consumed {
    let Some(target) = target else { return Consumed::Done };
    let cx = cx.on_behalf_of("lambda.amazonaws.com");
    match background::deliver(&cx, &target, event.payload).await {
        Ok(()) => Consumed::Done,
        Err(fault) => lost(&target, &fault),
    }
}

/// AWS drops an event whose dead-letter target refuses it, and counts the error.
fn lost(target: &str, fault: &Fault) -> Consumed {
    tracing::warn!(target_arn = target, %fault, "a dead-letter target refused an event");
    Consumed::Done
}
