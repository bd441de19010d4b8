//! The end of an environment that has extensions: first the runtime, then they, then whatever is left.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown>

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::Extensions;
use crate::invoke::milliseconds_in;
use crate::process::{Ending, Process};

/// What internal extensions have, and what the runtime has where there are any.
const WITH_INTERNAL: Duration = Duration::from_millis(500);
/// What the runtime has of the time of external extensions.
const RUNTIME: Duration = Duration::from_millis(300);
/// What all have together where there are external extensions.
const WITH_EXTERNAL: Duration = Duration::from_millis(2000);

/// Why an environment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It is not needed any more.
    Spindown,
    /// The function took too long.
    Timeout,
    /// The runtime or an extension has failed.
    Failure,
}

impl Reason {
    fn name(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

impl Extensions {
    /// The runtime has ended.
    pub fn runtime_ended(&self, ending: Ending) {
        // Batches are sent early when a stream of output ends, as on AWS.
        self.telemetry.flush();
        self.ended.send_if_modified(|known| {
            let is_new = known.is_none();
            known.get_or_insert(ending);
            is_new
        });
    }

    /// Shuts the environment down; who comes second waits for the first.
    pub async fn shut_down(&self, process: &Process, reason: Reason) {
        self.closed.get_or_init(|| self.end_all(process, reason)).await;
    }

    async fn end_all(&self, process: &Process, reason: Reason) {
        let (has_external, has_internal) = {
            let mut registry = self.registry();
            registry.is_closing = true;
            (registry.has_external(), registry.has_internal())
        };
        let most = if has_external { WITH_EXTERNAL } else { WITH_INTERNAL };
        let deadline = self.clock.now() + most;
        let deadline_ms = milliseconds_in(most);
        self.end_runtime(process, if has_internal { WITH_INTERNAL } else { RUNTIME }).await;
        if has_external {
            let event = json!({ "eventType": "SHUTDOWN", "deadlineMs": deadline_ms as u64, "shutdownReason": reason.name() });
            self.registry().deliver("SHUTDOWN", &Bytes::from(event.to_string()));
            tokio::select! {
                () = self.until(|registry| registry.is_gone().then_some(())) => {}
                () = self.clock.sleep_until(deadline) => {}
            }
        }
        process.kill();
    }

    /// Asks the runtime to end, and makes it if it does not.
    async fn end_runtime(&self, process: &Process, patience: Duration) {
        let orders = self.orders.get();
        if orders.is_some_and(|orders| !orders.has_started()) || self.ended.borrow().is_some() {
            return;
        }
        match orders {
            Some(orders) => orders.signal("TERM"),
            None => process.terminate(),
        }
        let mut ended = self.ended.subscribe();
        tokio::select! {
            _ = ended.wait_for(Option::is_some) => return,
            () = self.clock.sleep(patience) => {}
        }
        match orders {
            Some(orders) => orders.signal("KILL"),
            None => process.kill(),
        }
    }
}
