//! An operation as a type, and the trait of those who answer it.

use std::future::Future;

use crate::context::Context;
use crate::fault::Fault;
use crate::schema::{OperationSchema, ServiceSchema};
use crate::shape::Shape;

/// One operation of one service: its input, its output, its errors.
pub trait Operation: Send + Sync + 'static {
    /// The service's model.
    const SERVICE: &'static ServiceSchema;
    /// The operation's model.
    const SCHEMA: &'static OperationSchema;
    /// What callers send.
    type Input: Shape + Default;
    /// What they get.
    type Output: Shape + Default;
    /// What they get instead.
    type Error: From<Fault> + Into<Fault> + Send;
}

/// Answers one operation.
pub trait Handler<O: Operation>: Send + Sync + 'static {
    /// Answers one request.
    fn handle(
        &self,
        cx: &Context,
        input: O::Input,
    ) -> impl Future<Output = Result<O::Output, O::Error>> + Send;
}
