//! Identity and Access Management: roles, policies, users and access keys. Policies are kept and checked for form;
//! they are evaluated once the gateway has its `iam` mode.

mod access_key;
mod document;
mod errors;
mod limits;
mod names;
mod operations;
mod page;
mod policy;
mod role;
mod user;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct Iam {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let iam = Arc::new(Iam { store: store.clone() });
    operations::routes(Service::new(&api_iam::SERVICE).with(iam.clone())).access_keys(iam).build()
}
