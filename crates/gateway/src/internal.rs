//! What the server answers about itself: health, resets.

use http::Method;
use kernel::service::Boxed;
use protocol::Response;

/// The server's own paths.
pub trait Internal: Send + Sync {
    /// The answer, if the path is one of the server's own.
    fn answer<'a>(&'a self, method: &'a Method, path: &'a str) -> Boxed<'a, Option<Response>>;
}
