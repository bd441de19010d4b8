//! What happens besides requests: workers that follow the clock, consumers of the outbox.

use crate::Timestamp;
use crate::context::Context;
use crate::fault::Fault;
use crate::service::Boxed;

/// When a worker wants to run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// At that instant, or when woken.
    At(Timestamp),
    /// Only when woken.
    WhenWoken,
}

/// Does something by the clock: retention, expiry, schedules.
pub trait Worker: Send + Sync {
    /// A name for logs.
    fn name(&self) -> &'static str;

    /// Does what is due and says when there is more.
    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>>;

    /// Resolves when there may be work before the instant it named.
    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(std::future::pending())
    }
}

/// Takes events of one kind from the outbox.
///
/// An event comes at least once: again after a crash, and again after a failure.
pub trait Consumer: Send + Sync {
    /// The kind of events, as emitted.
    fn kind(&self) -> &'static str;

    /// Handles one event; `payload` is the emitted row as MessagePack, `attempt` starts at 1.
    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed>;
}

/// What became of an event.
#[derive(Debug)]
pub enum Consumed {
    /// It is done, for better or worse.
    Done,
    /// It comes again at that instant.
    RetryAt(Timestamp),
    /// It failed: it comes again with a growing delay.
    Failed(Fault),
}

impl Consumed {
    /// What became of an event that led to such a call: where the call was refused, nobody is left to be told, and AWS
    /// drops the event too.
    pub fn of<T>(called: Result<T, Fault>) -> Self {
        match called {
            Err(fault) if fault.may_pass() => Self::Failed(fault),
            _ => Self::Done,
        }
    }
}
