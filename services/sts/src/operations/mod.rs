//! The operations, one file each.

mod assume_role;
mod get_caller_identity;
mod get_session_token;

use api_sts::{AssumeRole, GetCallerIdentity, GetSessionToken};
use kernel::service::ServiceBuilder;

use crate::Sts;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Sts>) -> ServiceBuilder<Sts> {
    service.on::<AssumeRole>().on::<GetCallerIdentity>().on::<GetSessionToken>()
}
