//! What a handler knows of the request besides its input.

use std::sync::Arc;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::ids::Ids;
use crate::schema::ProtocolKind;
use crate::scope::Scope;

/// One request's surroundings: whose it is, where, when, and the way to other services.
#[derive(Clone)]
pub struct Context {
    /// Account and region.
    pub scope: Scope,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The HTTP request behind the call.
    pub request: Arc<RequestInfo>,
    /// The one clock.
    pub clock: Clock,
    /// The one source of ids.
    pub ids: Ids,
    /// Typed calls to other services.
    pub calls: Calls,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The access key of the signature; empty for anonymous requests.
    pub access_key: String,
    /// The service that calls on somebody's behalf, such as `apigateway.amazonaws.com`.
    pub service: Option<&'static str>,
}

/// The HTTP request behind a call, as far as services may see it.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// The request id of the answer.
    pub id: String,
    /// The host the client used, with its port: URLs in answers keep it.
    pub host: String,
    /// The request's headers.
    pub headers: http::HeaderMap,
    /// The protocol spoken.
    pub protocol: Option<ProtocolKind>,
    /// The path, percent-encoded.
    pub path: String,
    /// The query string, without `?`.
    pub query: String,
    /// The address of the client.
    pub source: String,
    /// Whether it was a form that a browser posted, in which fields stood for headers.
    pub is_form: bool,
}

impl Context {
    /// The same surroundings in another account or region.
    pub fn in_scope(&self, scope: Scope) -> Self {
        Self { scope, ..self.clone() }
    }

    /// The same surroundings with a service as the caller.
    pub fn on_behalf_of(&self, service: &'static str) -> Self {
        let caller = Caller { access_key: self.caller.access_key.clone(), service: Some(service) };
        Self { caller: Arc::new(caller), ..self.clone() }
    }

    /// Calls another service's operation, as this request's caller.
    ///
    /// # Errors
    /// What the operation answers.
    pub async fn call<O: crate::Operation>(&self, input: O::Input) -> Result<O::Output, crate::Fault> {
        self.calls.call::<O>(self, input).await
    }
}
