//! Puts the emulator together: store, services, gateway, background work.

mod internal;
mod services;

use std::net::SocketAddr;
use std::sync::Arc;

use gateway::{Gateway, GatewaySettings, Listener, Mode, Shutdown};
use kernel::service::AccessKey;
use kernel::{Calls, Clock, Context, Ids, Scope};
use settings::{Auth, Settings};
use store::Store;

pub use internal::VERSION;
pub use services::{NAMES, Parts};

/// A running emulator.
pub struct Server {
    addresses: Vec<SocketAddr>,
    gateway: Arc<Gateway>,
    listeners: Vec<Listener>,
    shutdown: Shutdown,
    store: Store,
    parts: Parts,
    background: Vec<tokio::task::JoinHandle<()>>,
}

/// Why the emulator cannot start, in one sentence.
#[derive(Debug)]
pub struct StartError(pub String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl Server {
    /// Binds, opens the store and puts the services together.
    ///
    /// # Errors
    /// A taken port, an unusable data folder, an unknown service name.
    pub async fn start(settings: &Settings, clock: Clock, ids: Ids) -> Result<Self, StartError> {
        let mut listeners = Vec::new();
        for address in &settings.listen {
            let bound = Listener::bind(*address).await;
            listeners
                .push(bound.map_err(|error| StartError(format!("cannot listen on {address}: {error}")))?);
        }
        let addresses: Vec<_> = listeners.iter().filter_map(|listener| listener.address().ok()).collect();
        let calls = Calls::default();
        let cx = surroundings(&calls, &clock, &ids);
        let parts = Parts::open(settings, &addresses, &cx)?;
        let store = parts.store.clone();
        calls.register(services::all(&parts, &settings.services)?);
        let internal =
            Arc::new(internal::Pages::new(store.clone(), calls.clone(), settings.auth == Auth::Off));
        let mode = match settings.auth {
            Auth::Off => Mode::Off,
            Auth::Signature => Mode::Signature,
        };
        let gateway_settings = GatewaySettings {
            mode,
            max_body: settings.max_body_mb << 20,
            origins: settings.cors_origins.clone(),
            root_key: root_key(settings),
        };
        let gateway =
            Arc::new(Gateway::new(gateway_settings, calls.clone(), clock.clone(), ids.clone(), internal));
        let background = start_background(&store, &cx);
        Ok(Self { addresses, gateway, listeners, shutdown: Shutdown::default(), store, parts, background })
    }

    /// The addresses bound.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Tells the server to end when used.
    pub fn shutdown(&self) -> Shutdown {
        self.shutdown.clone()
    }

    /// Serves until told to end; then answers finish, functions end and the store is closed.
    pub async fn run(self) {
        let running = self
            .listeners
            .into_iter()
            .map(|listener| tokio::spawn(listener.run(self.gateway.clone(), self.shutdown.clone())));
        futures_util::future::join_all(running).await;
        self.background.iter().for_each(tokio::task::JoinHandle::abort);
        self.parts.close().await;
        self.store.close().await;
    }
}

/// The key given on the command line acts as the root of the default account.
fn root_key(settings: &Settings) -> Option<(String, AccessKey)> {
    let key = settings.root_key.as_ref()?;
    let account = kernel::AccountId::default();
    let access_key = AccessKey {
        secret: key.secret.clone(),
        session_token: None,
        expires: None,
        arn: format!("arn:aws:iam::{account}:root"),
        user_id: account.to_string(),
        account,
    };
    Some((key.id.clone(), access_key))
}

/// The surroundings of what no request asked for.
fn surroundings(calls: &Calls, clock: &Clock, ids: &Ids) -> Context {
    Context {
        scope: Scope::default(),
        caller: Arc::default(),
        request: Arc::default(),
        clock: clock.clone(),
        ids: ids.clone(),
        calls: calls.clone(),
    }
}

fn start_background(store: &Store, cx: &Context) -> Vec<tokio::task::JoinHandle<()>> {
    let calls = &cx.calls;
    let consumers = calls.services().flat_map(|service| service.consumers.clone()).collect();
    let mut tasks = vec![tokio::spawn(background::run_outbox(store.clone(), consumers, cx.clone()))];
    let workers = calls.services().flat_map(|service| service.workers.clone());
    tasks.extend(workers.map(|worker| tokio::spawn(background::run_worker(worker, cx.clone()))));
    tasks
}
