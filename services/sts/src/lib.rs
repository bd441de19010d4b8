//! Security Token Service: who calls, and temporary credentials for roles and sessions.
//!
//! Sessions are rows; a key handed out signs for the session's account until it expires. Roles are read through
//! IAM's API, so a role must exist before it can be assumed.

mod errors;
mod limits;
mod names;
mod operations;
mod session;

use std::sync::Arc;

use kernel::Service;
use store::Store;

pub use session::Session;

/// The service's state.
pub struct Sts {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let sts = Arc::new(Sts { store: store.clone() });
    operations::routes(Service::new(&api_sts::SERVICE).with(sts.clone())).access_keys(sts).build()
}
