//! Answered requests, for services that keep account of them.

use http::{HeaderMap, Method, StatusCode};

use crate::context::Context;
use crate::service::Boxed;

/// A request with its answer.
#[derive(Debug)]
pub struct Exchange {
    /// The operation.
    pub operation: &'static str,
    /// What the route took out of the path, decoded: names of the model with their values.
    pub labels: Vec<(&'static str, String)>,
    /// The request's method.
    pub method: Method,
    /// When the request came, in milliseconds since 1970.
    pub began: i64,
    /// The answer's status.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// The code of the error, if the answer is one.
    pub error: Option<String>,
    /// The length of the answer's body, where it is known.
    pub sent: Option<u64>,
}

/// Keeps account of a service's requests.
pub trait Observer: Send + Sync {
    /// Whether the request is of interest. Called for every request of the service: it must be quick.
    fn wants(&self, operation: &'static str, labels: &[(&'static str, String)]) -> bool;

    /// Takes note of the exchange, before the answer leaves.
    fn observe<'a>(&'a self, cx: &'a Context, exchange: &'a Exchange) -> Boxed<'a, ()>;
}
