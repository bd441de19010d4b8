//! Typed calls between services, in process.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::context::Context;
use crate::fault::Fault;
use crate::operation::Operation;
use crate::service::{Service, downcast};

/// All services of this process, for whoever calls them by type or by name.
#[derive(Clone, Default)]
pub struct Calls(Arc<OnceLock<HashMap<&'static str, Arc<Service>>>>);

impl Calls {
    /// Registers the services. Only the first call counts; handlers may hold the value before.
    pub fn register(&self, services: Vec<Service>) {
        let services = services.into_iter().map(|service| (service.schema.name, Arc::new(service)));
        let _ = self.0.set(services.collect());
    }

    /// The service of that model name.
    pub fn service(&self, name: &str) -> Option<&Arc<Service>> {
        self.0.get()?.get(name)
    }

    /// Every service.
    pub fn services(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.0.get().into_iter().flat_map(HashMap::values)
    }

    /// Calls an operation in process, as `cx`'s caller.
    ///
    /// # Errors
    /// What the operation answers; `InternalFailure` when nobody answers it.
    pub async fn call<O: Operation>(&self, cx: &Context, input: O::Input) -> Result<O::Output, Fault> {
        let handler = self.service(O::SERVICE.name).and_then(|service| service.handler(O::SCHEMA.name));
        let Some(handler) = handler else {
            let (service, operation) = (O::SERVICE.name, O::SCHEMA.name);
            return Err(Fault::internal(format!("nobody answers {service}.{operation}")));
        };
        downcast(handler.handle(cx, Box::new(input)).await?)
    }
}
