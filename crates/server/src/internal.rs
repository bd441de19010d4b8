//! The server's own paths: health, reset.

use http::Method;
use kernel::Calls;
use kernel::service::Boxed;
use protocol::Response;
use protocol::message::response;
use serde_json::json;
use store::Store;

/// The version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Answers the server's own paths.
pub(crate) struct Pages {
    store: Store,
    calls: Calls,
    /// Whether anybody may forget everything: no request of ours is signed.
    is_open: bool,
}

impl Pages {
    pub(crate) fn new(store: Store, calls: Calls, is_open: bool) -> Self {
        Self { store, calls, is_open }
    }

    /// LocalStack's shape, which scripts wait for: every service with its state, and the version.
    fn health(&self) -> Response {
        let mut names: Vec<_> = self.calls.services().map(|service| service.schema.name).collect();
        names.sort_unstable();
        let services: serde_json::Map<_, _> =
            names.into_iter().map(|name| (name.to_owned(), json!("available"))).collect();
        json_response(200, &json!({ "services": services, "edition": "fogbank", "version": VERSION }))
    }

    async fn reset(&self) -> Response {
        if !self.is_open {
            return json_response(
                403,
                &json!({ "message": "resets are open to all, so they are closed with --auth signature" }),
            );
        }
        let reset = self.store.reset().await;
        // Only now, or they would learn anew what is about to go.
        self.calls.services().flat_map(|service| &service.forget).for_each(|forget| forget());
        match reset {
            Ok(()) => response(200, "", Vec::new()),
            Err(fault) => json_response(500, &json!({ "message": fault.message() })),
        }
    }
}

fn json_response(status: u16, body: &serde_json::Value) -> Response {
    response(status, "application/json", body.to_string().into_bytes())
}

impl gateway::Internal for Pages {
    fn answer<'a>(&'a self, method: &'a Method, path: &'a str) -> Boxed<'a, Option<Response>> {
        Box::pin(async move {
            match (method, path) {
                (&Method::GET | &Method::HEAD, "/_localstack/health" | "/_fogbank/health" | "/health") => {
                    Some(self.health())
                }
                (&Method::POST, "/_localstack/state/reset" | "/_fogbank/state/reset") => {
                    Some(self.reset().await)
                }
                (_, path) if path.starts_with("/_localstack/") || path.starts_with("/_fogbank/") => {
                    Some(json_response(404, &json!({ "message": format!("there is nothing at {path}") })))
                }
                _ => None,
            }
        })
    }
}
