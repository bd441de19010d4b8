//! What a service itself says to pages of other sites, beside the gateway's rule for all services.

use http::{HeaderMap, Method};

use crate::fault::Fault;

/// The part of a request that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct CrossOriginHead<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, percent-encoded, with the bucket that the host named.
    pub path: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// Whether the gateway's rule lets the page's origin in. It does not know requests without an origin.
    pub trusted: bool,
}

/// What the service says.
#[derive(Debug)]
pub enum Ruling {
    /// Nothing: the gateway's rule holds.
    Silent,
    /// A preflight is answered, and any other request may be: with these headers, which let the page read the answer.
    Allow(HeaderMap),
    /// The request is answered, but the page may not read it.
    Unread,
    /// A preflight is refused.
    Refuse(Fault),
}

/// A service with rules of its own.
pub trait CrossOrigin: Send + Sync {
    /// What the service says to a request that names an origin, or to one with the method `OPTIONS`, of which no
    /// service has operations.
    ///
    /// # Errors
    /// The store fails.
    fn ruling(&self, head: CrossOriginHead<'_>) -> Result<Ruling, Fault>;
}
