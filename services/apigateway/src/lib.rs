//! API Gateway: REST APIs, their resources, methods, deployments and stages, and the deployed APIs themselves.
//!
//! A deployment is a copy of all resources; a stage serves its deployment's copy, so changes show only after the next
//! deployment, as on AWS. Methods are kept as the API's own shapes.

mod api;
mod deployed;
mod errors;
mod execute;
mod integration;
mod limits;
mod mock;
mod names;
mod operations;
mod patch;
mod proxy;
mod resource;
mod stage;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct ApiGateway {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let gateway = Arc::new(ApiGateway { store: store.clone() });
    operations::routes(Service::new(&api_apigateway::SERVICE).with(gateway.clone())).edge(gateway).build()
}
