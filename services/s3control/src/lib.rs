//! S3 Control: access points, what an account blocks of public access, and tags by ARN.
//!
//! Buckets and their tags are S3's, which is asked through its API. Access points are rows of this service; the
//! gateway asks it what an alias stands for, so that S3 sees buckets only.

mod access_point;
mod dialect;
mod errors;
mod names;
mod operations;
mod policy;

use std::sync::Arc;

use kernel::{Context, Fault, Service};
use store::Store;

/// The service's state.
pub struct S3control {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let service = Arc::new(S3control { store: store.clone() });
    operations::routes(Service::new(&api_s3control::SERVICE).with(service.clone()))
        .dialect(dialect::S3controlDialect)
        .aliases(service)
        .build()
}

/// Requests name the account, which must be the caller's.
fn check_account(cx: &Context, account: &str) -> Result<(), Fault> {
    if account == cx.scope.account.as_str() { Ok(()) } else { Err(errors::access_denied()) }
}
