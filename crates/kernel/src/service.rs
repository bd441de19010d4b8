//! A service as the server sees it: its model, its handlers, and what it does besides answering operations.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::context::Context;
use crate::cross_origin::CrossOrigin;
use crate::edge::Edge;
use crate::exchange::Observer;
use crate::fault::Fault;
use crate::operation::{Handler, Operation};
use crate::schema::{OperationSchema, ServiceSchema};
use crate::shape::{ReadError, Shape};
use crate::validation::Problem;
use crate::work::{Consumer, Worker};

/// A future in a box.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Answer<'a> = Boxed<'a, Result<Box<dyn Shape>, Fault>>;

/// An operation's handler, whatever its types.
pub trait AnyHandler: Send + Sync {
    /// The operation's model.
    fn schema(&self) -> &'static OperationSchema;
    /// An input with nothing set.
    fn new_input(&self) -> Box<dyn Shape>;
    /// An output with nothing set.
    fn new_output(&self) -> Box<dyn Shape>;
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

    fn new_output(&self) -> Box<dyn Shape> {
        Box::<O::Output>::default()
    }

    fn handle<'a>(&'a self, cx: &'a Context, input: Box<dyn Shape>) -> Answer<'a> {
        Box::pin(async move {
            let input = downcast::<O::Input>(input)?;
            let output = self.handler.handle(cx, input).await.map_err(Into::into)?;
            Ok(Box::new(output) as Box<dyn Shape>)
        })
    }
}

/// The value of a shape whose type was forgotten.
pub(crate) fn downcast<T: Shape>(shape: Box<dyn Shape>) -> Result<T, Fault> {
    let any: Box<dyn Any> = shape;
    match any.downcast::<T>() {
        Ok(value) => Ok(*value),
        Err(_) => Err(Fault::internal("an operation got a value of another type")),
    }
}

/// How a service words what is wrong with a request before any handler sees it.
pub trait Dialect: Send + Sync {
    /// The fault for bytes or values that cannot be read; nothing leaves the protocol's own.
    fn unreadable(&self, operation: &'static OperationSchema, error: &ReadError) -> Option<Fault> {
        let _ = (operation, error);
        None
    }

    /// The fault for an `Action` of the query protocol that the service does not have; nothing leaves the common one.
    fn unknown_action(&self, action: &str) -> Option<Fault> {
        let _ = action;
        None
    }

    /// What to do about constraints of the model that the input breaks.
    fn invalid(&self, operation: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        let _ = (operation, problems);
        Verdict::Common
    }
}

/// What a service makes of broken constraints.
pub enum Verdict {
    /// The fault that AWS's services commonly answer.
    Common,
    /// This fault.
    Refuse(Fault),
    /// Nothing: the handler decides.
    Accept,
}

struct CommonDialect;

impl Dialect for CommonDialect {}

/// A key that a service has given out.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// The secret that signs.
    pub secret: String,
    /// The account it acts for.
    pub account: crate::AccountId,
    /// The token that must come with it, for temporary credentials.
    pub session_token: Option<String>,
    /// When temporary credentials end.
    pub expires: Option<crate::Timestamp>,
    /// Who acts: the ARN of a user or of an assumed role's session.
    pub arn: String,
    /// The unique id of the caller, such as `AIDA…` or `AROA…:session`.
    pub user_id: String,
}

/// A service that gives out access keys.
pub trait AccessKeys: Send + Sync {
    /// The key of that id, if the service gave it out and it is active.
    ///
    /// # Errors
    /// The store fails.
    fn find(&self, id: &str) -> Result<Option<AccessKey>, Fault>;
}

/// Something that the path of a request names.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The service of the request.
    pub service: &'a str,
    /// The label of the path, such as `Bucket`.
    pub label: &'a str,
    /// The name.
    pub value: &'a str,
    /// The host the client used.
    pub host: &'a str,
}

/// A service that gives other names to what requests name.
pub trait Aliases: Send + Sync {
    /// What the name stands for, if it is another name. Called for every label of every request: it must be quick.
    ///
    /// # Errors
    /// The store fails.
    fn resolve(&self, named: Named<'_>) -> Result<Option<String>, Fault>;
}

/// A service: its model and the operations it answers.
pub struct Service {
    /// The service's model.
    pub schema: &'static ServiceSchema,
    /// How it words early errors.
    pub dialect: Arc<dyn Dialect>,
    /// HTTP it serves beside its operations.
    pub edges: Vec<Arc<dyn Edge>>,
    /// What it says to pages of other sites, where it has rules of its own.
    pub cross_origin: Option<Arc<dyn CrossOrigin>>,
    /// Who keeps account of its requests.
    pub observer: Option<Arc<dyn Observer>>,
    /// What it does by the clock.
    pub workers: Vec<Arc<dyn Worker>>,
    /// The events it takes from the outbox.
    pub consumers: Vec<Arc<dyn Consumer>>,
    /// The keys it has given out.
    pub access_keys: Option<Arc<dyn AccessKeys>>,
    /// The names it gives to what requests name.
    pub aliases: Option<Arc<dyn Aliases>>,
    /// What it forgets when all state is reset.
    pub forget: Vec<Arc<dyn Fn() + Send + Sync>>,
    handlers: HashMap<&'static str, Arc<dyn AnyHandler>>,
}

impl Service {
    /// A service that answers nothing yet.
    pub fn new(schema: &'static ServiceSchema) -> Self {
        Self {
            schema,
            dialect: Arc::new(CommonDialect),
            edges: Vec::new(),
            cross_origin: None,
            observer: None,
            workers: Vec::new(),
            consumers: Vec::new(),
            access_keys: None,
            aliases: None,
            forget: Vec::new(),
            handlers: HashMap::new(),
        }
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

    /// Words early errors in the service's own way.
    #[must_use]
    pub fn dialect(mut self, dialect: impl Dialect + 'static) -> Self {
        self.service.dialect = Arc::new(dialect);
        self
    }

    /// Serves HTTP beside the operations.
    #[must_use]
    pub fn edge(mut self, edge: Arc<dyn Edge>) -> Self {
        self.service.edges.push(edge);
        self
    }

    /// Has rules of its own for pages of other sites.
    #[must_use]
    pub fn cross_origin(mut self, rules: Arc<dyn CrossOrigin>) -> Self {
        self.service.cross_origin = Some(rules);
        self
    }

    /// Keeps account of the requests.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.service.observer = Some(observer);
        self
    }

    /// Works by the clock.
    #[must_use]
    pub fn worker(mut self, worker: Arc<dyn Worker>) -> Self {
        self.service.workers.push(worker);
        self
    }

    /// Takes events from the outbox.
    #[must_use]
    pub fn consumer(mut self, consumer: Arc<dyn Consumer>) -> Self {
        self.service.consumers.push(consumer);
        self
    }

    /// Gives out access keys.
    #[must_use]
    pub fn access_keys(mut self, keys: Arc<dyn AccessKeys>) -> Self {
        self.service.access_keys = Some(keys);
        self
    }

    /// Gives other names to what requests name.
    #[must_use]
    pub fn aliases(mut self, aliases: Arc<dyn Aliases>) -> Self {
        self.service.aliases = Some(aliases);
        self
    }

    /// Forgets what it holds in memory when all state is reset.
    #[must_use]
    pub fn forget(mut self, forget: impl Fn() + Send + Sync + 'static) -> Self {
        self.service.forget.push(Arc::new(forget));
        self
    }

    /// The service with all its routes.
    pub fn build(self) -> Service {
        self.service
    }
}
