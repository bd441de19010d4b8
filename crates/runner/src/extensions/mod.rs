//! Lambda's extensions of one environment: who they are, where they stand, how they are told of events and of the end.
//!
//! An environment without extensions has one of these too, which nobody asks anything but whether it is empty.

mod agent;
mod external;
mod hosts;
mod orders;
mod registry;
mod shutdown;

pub(crate) use agent::{Refusal, State};
pub(crate) use external::{external, supervised};
pub(crate) use hosts::write as write_hosts;
pub(crate) use orders::Orders;
pub(crate) use registry::Crash;
pub(crate) use shutdown::Reason;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use kernel::{Clock, Ids};
use serde_json::json;
use tokio::sync::{OnceCell, oneshot, watch};

use crate::process::Ending;
use crate::telemetry::Hub;
use crate::{FunctionSpec, Invocation};
use agent::Agent;
use registry::Registry;

/// The extensions of an environment.
pub(crate) struct Extensions {
    clock: Clock,
    ids: Ids,
    /// What those who register are told of the function.
    function: Facts,
    registry: Mutex<Registry>,
    /// Whether there are any, external or registered; the only thing that is looked at for every event.
    any: AtomicBool,
    changed: watch::Sender<()>,
    /// Told when the runtime has ended.
    pub ended: watch::Sender<Option<Ending>>,
    /// The way to the init that runs external extensions.
    orders: OnceLock<Orders>,
    /// Filled once the environment has been shut down.
    closed: OnceCell<()>,
    /// Where logs and reports go besides CloudWatch.
    pub telemetry: Arc<Hub>,
}

struct Facts {
    name: String,
    version: String,
    handler: String,
    account: String,
}

impl Extensions {
    /// Those of a new environment; nothing of them has been started yet.
    pub fn new(clock: Clock, ids: Ids, spec: &FunctionSpec, external: &[String]) -> Self {
        let agents = external.iter().map(|name| Agent::external(ids.uuid(), name.clone())).collect();
        let telemetry = Arc::new(Hub::new(clock.clone(), spec.json_logs.is_some()));
        if !external.is_empty() {
            telemetry.activate();
        }
        Self {
            clock,
            ids,
            function: Facts {
                name: spec.name.clone(),
                version: spec.version.clone(),
                handler: spec.handler.clone(),
                account: spec.account.clone(),
            },
            registry: Mutex::new(Registry::new(agents)),
            any: AtomicBool::new(!external.is_empty()),
            changed: watch::Sender::new(()),
            ended: watch::Sender::new(None),
            orders: OnceLock::new(),
            closed: OnceCell::new(),
            telemetry,
        }
    }

    /// Whether there are any.
    pub fn is_any(&self) -> bool {
        self.any.load(Ordering::Acquire)
    }

    /// Takes the way to the init over, and lets the runtime start once all external extensions have registered.
    pub fn set_orders(&self, orders: Orders) {
        let _ = self.orders.set(orders);
    }

    /// Starts the runtime, where external extensions go first and all have registered.
    pub fn start_runtime_if_due(&self) {
        let Some(orders) = self.orders.get() else { return };
        if self.registry().are_external_registered() {
            orders.start_runtime();
        }
    }

    /// The runtime is up, so nobody registers any more.
    pub fn close_registration(&self) {
        self.registry().is_open = false;
    }

    /// Whether all who registered have asked for their first event.
    pub fn are_ready(&self) -> bool {
        self.registry().are_ready()
    }

    /// Registers an extension; answers its id and what it is told.
    pub fn register(
        &self,
        name: &str,
        events: &[String],
        with_account: bool,
    ) -> Result<(String, String), Refusal> {
        let id = self.registry().register(name, events, || self.ids.uuid())?;
        self.any.store(true, Ordering::Release);
        self.telemetry.activate();
        self.tell();
        let Facts { name, version, handler, account } = &self.function;
        let mut told = json!({ "functionName": name, "functionVersion": version, "handler": handler });
        if with_account {
            told["accountId"] = json!(account);
        }
        Ok((id, told.to_string()))
    }

    /// Waits for the next event for an extension.
    pub async fn next(&self, id: &str) -> Result<Bytes, Refusal> {
        let waiting = self.registry().next(id)?;
        self.tell();
        match waiting {
            Next::Event(event) => Ok(event),
            Next::Wait(event) => event.await.map_err(|_| Refusal::closed()),
        }
    }

    /// An extension says that it failed, at the start or later.
    pub fn fail(&self, id: &str, to: State, error_type: &str) -> Result<(), Refusal> {
        let done = self.registry().fail(id, to, error_type);
        self.tell();
        done
    }

    /// The name of an extension.
    pub fn name(&self, id: &str) -> Option<String> {
        self.registry().find(id).map(|agent| agent.name.clone())
    }

    /// An external extension's process has ended.
    pub fn process_ended(&self, number: usize, status: i32) {
        self.registry().process_ended(number, status);
        self.tell();
    }

    /// How an external extension has ended although nobody had told it to.
    pub async fn crashed(&self) -> Crash {
        self.until(|registry| registry.crash.clone()).await
    }

    /// Whether one has.
    pub fn has_crashed(&self) -> bool {
        self.is_any() && self.registry().crash.is_some()
    }

    /// The first failure an extension has told of.
    pub fn told_failure(&self) -> Option<&'static str> {
        self.registry().fatal
    }

    /// Waits until somebody registers, asks for an event, fails or ends.
    pub async fn change(&self, seen: &mut watch::Receiver<()>) {
        let _ = seen.changed().await;
    }

    /// For `change`.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Tells those who registered for it of an event.
    pub fn invoke(&self, invocation: &Invocation, deadline_ms: u128, trace: &str) {
        let event = json!({
            "eventType": "INVOKE",
            "deadlineMs": deadline_ms as u64,
            "requestId": invocation.request_id,
            "invokedFunctionArn": invocation.invoked_arn,
            "tracing": { "type": "X-Amzn-Trace-Id", "value": trace },
        });
        self.registry().deliver("INVOKE", &Bytes::from(event.to_string()));
    }

    /// An id for an event.
    pub fn new_id(&self) -> String {
        self.ids.uuid()
    }

    /// The trace of an event: the caller's, or one that is not sampled.
    pub fn trace(&self, invocation: &Invocation) -> String {
        invocation.trace_header.clone().unwrap_or_else(|| {
            let second = self.clock.now().as_second();
            format!("Root=1-{second:08x}-{};Parent={};Sampled=0", self.ids.hex(24), self.ids.hex(16))
        })
    }

    /// Waits until all are done with the event.
    pub async fn idle(&self) {
        self.until(|registry| registry.is_idle().then_some(())).await;
    }

    /// Each one's name, state, events and error, as the log tells them after the initialisation.
    pub fn states(&self) -> Vec<(String, &'static str, Vec<&'static str>, Option<String>)> {
        self.registry().states()
    }

    async fn until<T>(&self, mut check: impl FnMut(&Registry) -> Option<T>) -> T {
        let mut seen = self.changed.subscribe();
        loop {
            if let Some(found) = check(&self.registry()) {
                return found;
            }
            let _ = seen.changed().await;
        }
    }

    fn tell(&self) {
        self.changed.send_replace(());
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an extension that asks for an event gets.
pub(crate) enum Next {
    /// One that had been waiting for it.
    Event(Bytes),
    /// The place where one will come.
    Wait(oneshot::Receiver<Bytes>),
}
