//! Lambda: functions from zip archives, run as processes of this machine.
//!
//! A function is a row and its archive a blob. Code is unpacked when it is set, so the first invocation finds it
//! ready. Asynchronous invocations wait in the outbox: they outlive a crash and are tried three times as on AWS.

mod code;
mod configuration;
mod credentials;
mod dialect;
mod download;
mod errors;
mod event;
mod function;
mod function_logs;
mod limits;
mod mapping;
mod names;
mod operations;
mod policy;
mod run;

use std::sync::Arc;

use kernel::Service;
use runner::Runner;
use store::Store;

pub use function_logs::FunctionLogs;

/// The service's state.
pub struct Lambda {
    store: Store,
    runner: Runner,
    code: code::Unpacked,
    credentials: credentials::RoleCredentials,
    mappings: mapping::Mappings,
}

/// The service, with all its routes.
pub fn service(store: &Store, runner: &Runner) -> Service {
    let lambda = Arc::new(Lambda {
        store: store.clone(),
        runner: runner.clone(),
        code: code::Unpacked::default(),
        credentials: credentials::RoleCredentials::default(),
        mappings: mapping::Mappings::new(store),
    });
    let forgetful = lambda.clone();
    operations::routes(Service::new(&api_lambda::SERVICE).with(lambda.clone()))
        .forget(move || {
            forgetful.credentials.forget();
            forgetful.mappings.wake();
        })
        .worker(Arc::new(lambda.mappings.clone()))
        .dialect(dialect::LambdaDialect)
        .consumer(lambda.clone())
        .edge(lambda)
        .build()
}
