//! CloudWatch Logs: groups, streams and events, read in order or filtered by terms.

mod dialect;
mod errors;
mod event;
mod group;
mod limits;
mod names;
mod operations;
mod pattern;
mod stream;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct Logs {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let logs = Arc::new(Logs { store: store.clone() });
    operations::routes(Service::new(&api_logs::SERVICE).with(logs)).dialect(dialect::LogsDialect).build()
}
