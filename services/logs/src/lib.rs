//! CloudWatch Logs: groups, streams and events; filters, subscriptions, metric filters; Insights, live tail, exports.
//!
//! A batch of events is one commit, which also notes what follows from it: what subscriptions send on waits in rows of
//! its own, numbered as the events are, so that each filter's receiver gets them in order, also after a crash.

mod account_policy;
mod compiled;
mod delivery;
mod destination;
mod dialect;
mod errors;
mod event;
mod export;
pub mod fuzz;
mod group;
mod index;
mod insights;
mod limits;
mod metric_filter;
mod names;
mod operations;
mod pattern;
mod protection;
mod query;
mod query_definition;
mod resource_policy;
mod retention;
mod stream;
mod subscription;
mod tags;
mod tail;
mod transformer;

use std::sync::Arc;

use kernel::Service;
use store::Store;
use tokio::sync::Notify;

/// The service's state.
pub struct Logs {
    store: Store,
    patterns: compiled::Compiled,
    protection: protection::Protection,
    transformers: transformer::Transformers,
    turns: subscription::Turns,
    tail: tail::Tail,
    /// Told when a group is to keep its events for so long only.
    retention_set: Notify,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let logs = Arc::new(Logs {
        store: store.clone(),
        patterns: compiled::Compiled::default(),
        protection: protection::Protection::default(),
        transformers: transformer::Transformers::default(),
        turns: subscription::Turns::default(),
        tail: tail::Tail::new(),
        retention_set: Notify::new(),
    });
    let forgetful = logs.clone();
    operations::routes(Service::new(&api_logs::SERVICE).with(logs.clone()))
        .dialect(dialect::LogsDialect)
        .consumer(Arc::new(subscription::Deliverer(logs.clone())))
        .consumer(Arc::new(metric_filter::Meter))
        .consumer(Arc::new(protection::Auditor))
        .consumer(Arc::new(export::Exporter(logs.clone())))
        .worker(Arc::new(retention::Reaper(logs)))
        .forget(move || forgetful.turns.forget())
        .build()
}
