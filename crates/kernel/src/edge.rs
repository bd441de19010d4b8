//! HTTP that a service serves beside its operations: deployed APIs, function URLs, websites.

use http::{HeaderMap, Method, StatusCode};

use crate::context::Context;
use crate::service::Boxed;
use crate::stream::ByteStream;

/// The part of a request that tells where it goes.
#[derive(Clone, Copy, Debug)]
pub struct EdgeHead<'a> {
    /// The host without its port, in lower case.
    pub host: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
}

/// An HTTP request for an edge.
#[derive(Debug)]
pub struct EdgeRequest {
    /// The method.
    pub method: Method,
    /// The host without its port, in lower case.
    pub host: String,
    /// The path, percent-encoded.
    pub path: String,
    /// The query string without `?`.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: ByteStream,
    /// The address of the client.
    pub source: String,
}

/// What an edge answers.
#[derive(Debug)]
pub struct EdgeResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: ByteStream,
}

/// Serves HTTP beside the operations.
pub trait Edge: Send + Sync {
    /// Whether the request is for this edge. Called for every request: it must be quick.
    fn claims(&self, head: EdgeHead<'_>) -> bool;

    /// Whether the request is for those alone who may see everything. Such requests are not signed, so they are refused
    /// where signatures are asked for.
    fn is_private(&self, head: EdgeHead<'_>) -> bool {
        let _ = head;
        false
    }

    /// Serves the request.
    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse>;
}
