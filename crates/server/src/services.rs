//! Every service, one line each.

use std::net::SocketAddr;

use kernel::{Clock, Ids, Service};
use settings::Settings;
use store::{Durability, Store, StoreSettings};

use crate::StartError;

/// The names of all services, in alphabetical order.
pub const NAMES: &[&str] = &["logs", "s3", "sqs", "sts"];

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
        let _ = addresses;
        Ok(Self { store: open_store(settings, clock, ids)? })
    }

    /// Ends what runs besides requests.
    pub(crate) async fn close(&self) {}
}

/// The store in memory, or in the data folder.
fn open_store(settings: &Settings, clock: Clock, ids: Ids) -> Result<Store, StartError> {
    if settings.ephemeral {
        return Ok(Store::memory(clock, ids));
    }
    let durability = match settings.durability {
        settings::Durability::Relaxed => Durability::Relaxed,
        settings::Durability::Strict => Durability::Strict,
    };
    let cache_bytes = settings.cache_mb << 20;
    let on_disk =
        StoreSettings { durability, cache_bytes, ..StoreSettings::new(settings.data_folder().join("store")) };
    Store::open(&on_disk, clock, ids).map_err(|error| StartError(error.to_string()))
}

/// The services, or those that are wanted.
pub(crate) fn all(parts: &Parts, wanted: &[String]) -> Result<Vec<Service>, StartError> {
    if let Some(unknown) = wanted.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(StartError(format!("there is no service `{unknown}`; there are: {}", NAMES.join(", "))));
    }
    let all = vec![
        service_logs::service(&parts.store),
        service_s3::service(&parts.store),
        service_sqs::service(&parts.store),
        service_sts::service(&parts.store),
    ];
    let is_wanted =
        |service: &Service| wanted.is_empty() || wanted.iter().any(|name| name == service.schema.name);
    Ok(all.into_iter().filter(is_wanted).collect())
}
