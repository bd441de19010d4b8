//! Which service answers which operation, and typed calls between services.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use crate::context::Context;
use crate::fault::Fault;
use crate::operation::{Handler, Operation};
use crate::schema::{OperationSchema, ServiceSchema};
use crate::shape::Shape;

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Shape>, Fault>> + Send + 'a>>;

/// An operation's handler, whatever its types.
pub trait AnyHandler: Send + Sync {
    /// The operation's model.
    fn schema(&self) -> &'static OperationSchema;
    /// An input with nothing set.
    fn new_input(&self) -> Box<dyn Shape>;
    /// Answers; `input` is what `new_input` made.
    fn handle<'a>(&'a self, cx: &'a Context, input: Box<dyn Shape>) -> Answer<'a>;
}

struct Route<H, O> {
    handler: Arc<H>,
    operation: std::marker::PhantomData<fn() -> O>,
}

impl<O: Operation, H: Handler<O>> AnyHandler for Route<H, O> {
    fn schema(&self) -> &'static OperationSchema {
        O::SCHEMA
    }

    fn new_input(&self) -> Box<dyn Shape> {
        Box::<O::Input>::default()
    }

    fn handle<'a>(&'a self, cx: &'a Context, input: Box<dyn Shape>) -> Answer<'a> {
        Box::pin(async move {
            let input = downcast::<O::Input>(input)?;
            let output = self.handler.handle(cx, input).await.map_err(Into::into)?;
            Ok(Box::new(output) as Box<dyn Shape>)
        })
    }
}

fn downcast<T: Shape>(shape: Box<dyn Shape>) -> Result<T, Fault> {
    let any: Box<dyn Any> = shape;
    match any.downcast::<T>() {
        Ok(value) => Ok(*value),
        Err(_) => Err(Fault::internal("an operation got a value of another type")),
    }
}

/// A service: its model and the operations it answers.
pub struct Service {
    /// The service's model.
    pub schema: &'static ServiceSchema,
    handlers: HashMap<&'static str, Arc<dyn AnyHandler>>,
}

impl Service {
    /// A service that answers nothing yet.
    pub fn new(schema: &'static ServiceSchema) -> Self {
        Self { schema, handlers: HashMap::new() }
    }

    /// Routes the operations of `S` to `handler`.
    pub fn with<H: Send + Sync + 'static>(self, handler: Arc<H>) -> ServiceBuilder<H> {
        ServiceBuilder { service: self, handler }
    }

    /// The handler of that operation, if the service answers it.
    pub fn handler(&self, operation: &str) -> Option<&Arc<dyn AnyHandler>> {
        self.handlers.get(operation)
    }

    /// The operations answered, in alphabetical order.
    pub fn answered(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.handlers.keys().copied().collect();
        names.sort_unstable();
        names
    }
}

/// Adds routes to a service, one operation a line.
pub struct ServiceBuilder<H> {
    service: Service,
    handler: Arc<H>,
}

impl<H: Send + Sync + 'static> ServiceBuilder<H> {
    /// Routes `O` to the handler.
    #[must_use]
    pub fn on<O: Operation>(mut self) -> Self
    where
        H: Handler<O>,
    {
        let route = Route::<H, O> { handler: self.handler.clone(), operation: std::marker::PhantomData };
        self.service.handlers.insert(O::SCHEMA.name, Arc::new(route));
        self
    }

    /// The service with all its routes.
    pub fn build(self) -> Service {
        self.service
    }
}

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
