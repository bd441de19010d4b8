//! Lambda: functions from zip archives and container images, run as processes of this machine.
//!
//! A function is a row and its archive a blob. Code is unpacked when it is set, so the first invocation finds it
//! ready. Asynchronous invocations wait in the outbox: they outlive a crash and are tried three times as on AWS.

mod alias;
mod capacity;
mod code;
mod configuration;
mod credentials;
mod dead_letter;
mod describe;
mod dialect;
mod download;
mod durable;
mod errors;
mod event;
mod function;
mod function_logs;
mod hot;
mod image;
mod invoke_config;
mod layer;
mod limits;
mod lineage;
mod managed;
mod mapping;
mod names;
mod operations;
mod paging;
mod policy;
mod provisioned;
mod run;
mod runtimes;
mod signing;
mod subject;
mod sweep;
mod tenant;
mod turns;
mod url;

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
    mappings: mapping::Mappings,
    turns: turns::Turns,
    throttles: turns::Throttles,
    warming: provisioned::Warming,
    durable: durable::Durable,
}

/// The service, with all its routes.
pub fn service(store: &Store, runner: &Runner) -> Service {
    let lambda = Arc::new(Lambda {
        store: store.clone(),
        runner: runner.clone(),
        code: code::Unpacked::default(),
        mappings: mapping::Mappings::new(store),
        turns: turns::Turns::default(),
        throttles: turns::Throttles::default(),
        warming: provisioned::Warming::default(),
        durable: durable::Durable::default(),
    });
    let forgetful = lambda.clone();
    let routes = operations::routes(Service::new(&api_lambda::SERVICE).with(lambda.clone()));
    durable::consumers(routes, &lambda)
        .forget(move || {
            // Numbers of layers' versions begin again.
            forgetful.code.lock().clear();
            forgetful.litter();
            forgetful.mappings.wake();
        })
        .worker(Arc::new(lambda.mappings.clone()))
        .worker(Arc::new(sweep::Sweep::new(lambda.clone())))
        .dialect(dialect::LambdaDialect)
        .consumer(lambda.clone())
        .edge(Arc::new(url::serve::FunctionUrls(lambda.clone())))
        .edge(Arc::new(runtimes::Runtimes(runner.clone())))
        .edge(lambda)
        .build()
}
