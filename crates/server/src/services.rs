//! Every service, one line each.

use std::net::SocketAddr;

use kernel::{Clock, Ids, Service};
use settings::Settings;
use store::Store;

use crate::StartError;

/// The names of all services, in alphabetical order.
pub const NAMES: &[&str] = &["dynamodb", "sqs", "sts"];

/// What services are made of.
pub struct Parts {
    /// Where they keep their rows and blobs.
    pub store: Store,
}

impl Parts {
    /// Opens the store that the settings ask for.
    pub(crate) fn open(
        settings: &Settings,
        addresses: &[SocketAddr],
        clock: Clock,
        ids: Ids,
    ) -> Result<Self, StartError> {
        let _ = (settings, addresses);
        Ok(Self { store: Store::memory(clock, ids) })
    }

    /// Ends what runs besides requests.
    pub(crate) async fn close(&self) {}
}

/// The services, or those that are wanted.
pub(crate) fn all(parts: &Parts, wanted: &[String]) -> Result<Vec<Service>, StartError> {
    if let Some(unknown) = wanted.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(StartError(format!("there is no service `{unknown}`; there are: {}", NAMES.join(", "))));
    }
    let all = vec![
        service_dynamodb::service(&parts.store),
        service_sqs::service(&parts.store),
        service_sts::service(&parts.store),
    ];
    let is_wanted =
        |service: &Service| wanted.is_empty() || wanted.iter().any(|name| name == service.schema.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}
