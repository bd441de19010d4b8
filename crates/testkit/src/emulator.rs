//! An emulator in process: services behind a real gateway, on a port of its own, with a clock that tests move.

use std::net::SocketAddr;
use std::sync::Arc;

use gateway::{Gateway, GatewaySettings, Internal, Listener, Mode, Shutdown};
use http::Method;
use kernel::context::Caller;
use kernel::service::Boxed;
use kernel::{Calls, Clock, Context, Ids, Scope, Service, Timestamp};
use protocol::Response;

/// A running emulator; it ends when dropped.
pub struct Emulator {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its clock, which stands still until advanced unless it was started on another.
    pub clock: Clock,
    /// Its services.
    pub calls: Calls,
    ids: Ids,
    shutdown: Shutdown,
}

struct Nothing;

impl Internal for Nothing {
    fn answer<'a>(&'a self, _: &'a Method, _: &'a str) -> Boxed<'a, Option<Response>> {
        Box::pin(async { None })
    }
}

impl Emulator {
    /// Starts an emulator whose services are made with its clock and ids.
    pub async fn start(services: impl FnOnce(&Clock, &Ids) -> Vec<Service>) -> Self {
        let noon: Timestamp = "2026-01-02T12:00:00Z".parse().unwrap();
        Self::with(Clock::frozen_at(noon), Ids::seeded(1), services).await
    }

    /// Starts an emulator on that clock, with ids from that source.
    pub async fn with(clock: Clock, ids: Ids, services: impl FnOnce(&Clock, &Ids) -> Vec<Service>) -> Self {
        let calls = Calls::default();
        calls.register(services(&clock, &ids));
        let settings =
            GatewaySettings { mode: Mode::Off, max_body: 128 << 20, origins: Vec::new(), root_key: None };
        let gateway = Gateway::new(settings, calls.clone(), clock.clone(), ids.clone(), Arc::new(Nothing));
        let listener = Listener::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
        let (address, shutdown) = (listener.address().unwrap(), Shutdown::default());
        tokio::spawn(listener.run(Arc::new(gateway), shutdown.clone()));
        Self { address, clock, calls, ids, shutdown }
    }

    /// The surroundings of a call in process, in the default account and region.
    pub fn context(&self) -> Context {
        Context {
            scope: Scope::default(),
            caller: Arc::new(Caller { access_key: "test".to_owned(), service: None }),
            request: Arc::default(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            calls: self.calls.clone(),
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}
