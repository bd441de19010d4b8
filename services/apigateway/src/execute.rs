//! Deployed APIs: requests to a stage, by host or by path.

use std::sync::Arc;

use api_apigateway::{IntegrationType, Resource, Stage};
use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::context::RequestInfo;
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Bytes, Context, Fault, Scope};
use serde_json::json;

use crate::api::{APIS, Api, HOMES};
use crate::stage::{DEPLOYMENTS, STAGES};
use crate::{ApiGateway, deployed, limits, mock, proxy};

/// A request to a stage, taken apart.
pub struct Call {
    /// The API's id.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// The path below the stage, percent-encoded, with its slash.
    pub path: String,
    /// Whether the path carries API and stage, as only emulators have it.
    pub by_path: bool,
}

/// What a stage serves.
pub struct Deployed {
    /// Where the API lives.
    pub scope: Scope,
    /// The API.
    pub api: Api,
    /// The stage.
    pub stage: Stage,
    /// The resources as they were deployed.
    pub resources: Vec<Resource>,
}

impl Call {
    /// Reads `{id}.execute-api.…/{stage}/…` and the two forms of path.
    pub fn parse(head: EdgeHead<'_>) -> Option<Self> {
        if let Some((id, _)) = head.host.split_once(".execute-api.") {
            let (stage, path) = split(head.path.trim_start_matches('/'));
            return Some(Self {
                api: id.to_owned(),
                stage: stage.to_owned(),
                path: path.to_owned(),
                by_path: false,
            });
        }
        let (api, stage, path) = if let Some(rest) = head.path.strip_prefix("/_aws/execute-api/") {
            let (api, rest) = split(rest);
            let (stage, path) = split(rest.trim_start_matches('/'));
            (api, stage, path)
        } else {
            let (api, rest) = split(head.path.strip_prefix("/restapis/")?);
            let (stage, rest) = split(rest.trim_start_matches('/'));
            let path = rest
                .strip_prefix("/_user_request_")
                .filter(|path| path.is_empty() || path.starts_with('/'))?;
            (api, stage, path)
        };
        Some(Self { api: api.to_owned(), stage: stage.to_owned(), path: path.to_owned(), by_path: true })
    }
}

/// The part before the first slash, and the rest with it.
fn split(text: &str) -> (&str, &str) {
    text.find('/').map_or((text, ""), |at| text.split_at(at))
}

impl Edge for ApiGateway {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.host.contains(".execute-api.")
            || head.path.starts_with("/_aws/execute-api/")
            || head.path.starts_with("/restapis/") && Call::parse(head).is_some()
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let call = Call::parse(EdgeHead { host: &request.host, path: &request.path });
            let Some(call) = call else {
                return forbidden(cx, "MissingAuthenticationTokenException", MISSING_TOKEN);
            };
            match self.find(&call) {
                Ok(Some(deployed)) => self.execute(cx, call, deployed, request).await,
                Ok(None) => forbidden(cx, "ForbiddenException", "Forbidden"),
                Err(fault) => internal(cx, &fault),
            }
        })
    }
}

/// AWS's answer where no resource or method matches.
const MISSING_TOKEN: &str = "Missing Authentication Token";

impl ApiGateway {
    fn find(&self, call: &Call) -> Result<Option<Deployed>, Fault> {
        let Some(scope) = self.store.read(&Scope::default(), |tx| tx.get(&HOMES, &call.api))? else {
            return Ok(None);
        };
        self.store.read(&scope, |tx| {
            let (Some(api), Some(stage)) =
                (tx.get(&APIS, &call.api)?, tx.get(&STAGES, &(call.api.as_str(), call.stage.as_str()))?)
            else {
                return Ok(None);
            };
            let stage = stage.0;
            let deployment = stage.deployment_id.as_deref().unwrap_or_default();
            let Some(row) = tx.get(&DEPLOYMENTS, &(call.api.as_str(), deployment))? else { return Ok(None) };
            let resources = row.resources.into_iter().map(|resource| resource.0).collect();
            Ok(Some(Deployed { scope: scope.clone(), api, stage, resources }))
        })
    }

    async fn execute(
        &self,
        cx: &Context,
        call: Call,
        deployed: Deployed,
        request: EdgeRequest,
    ) -> EdgeResponse {
        let Ok(body) = request.body.collect(limits::PAYLOAD).await else {
            return message(
                cx,
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                "Request Too Long",
            );
        };
        let cx = execution(cx, &deployed, &request);
        let found = deployed::find(&deployed.resources, &call.path, request.method.as_str());
        let Some(found) = found else {
            return forbidden(&cx, "MissingAuthenticationTokenException", MISSING_TOKEN);
        };
        let Some(integration) = &found.method.method_integration else {
            return internal(&cx, &Fault::internal("the method has no integration"));
        };
        let mut answer = match integration.r#type {
            Some(IntegrationType::Mock) => {
                let content_type =
                    header(&request.headers, "content-type").unwrap_or("application/json").to_owned();
                mock::answer(integration, &content_type)
                    .unwrap_or_else(|| internal(&cx, &Fault::internal("no response fits the mock's status")))
            }
            _ => proxy::answer(&cx, &call, &deployed, &found, &request, body).await,
        };
        identify(&mut answer.headers, &cx);
        answer
    }
}

/// The surroundings of an execution: the API's own account and region, the gateway as the caller.
fn execution(cx: &Context, deployed: &Deployed, request: &EdgeRequest) -> Context {
    let info = RequestInfo {
        id: cx.ids.uuid(),
        headers: request.headers.clone(),
        host: request.host.clone(),
        ..RequestInfo::default()
    };
    let cx = cx.in_scope(deployed.scope.clone()).on_behalf_of("apigateway.amazonaws.com");
    Context { request: Arc::new(info), ..cx }
}

fn forbidden(cx: &Context, kind: &'static str, text: &str) -> EdgeResponse {
    message(cx, StatusCode::FORBIDDEN, kind, text)
}

/// An internal server error: the reason goes to our log, not to the client.
pub fn internal(cx: &Context, fault: &Fault) -> EdgeResponse {
    tracing::warn!(%fault, "an API could not be served");
    message(cx, StatusCode::INTERNAL_SERVER_ERROR, "InternalServerErrorException", "Internal server error")
}

/// One of the gateway's own answers.
pub fn message(cx: &Context, status: StatusCode, kind: &'static str, text: &str) -> EdgeResponse {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-amzn-errortype", HeaderValue::from_static(kind));
    identify(&mut headers, cx);
    let body = json!({ "message": text }).to_string();
    EdgeResponse { status, headers, body: ByteStream::from_bytes(Bytes::from(body)) }
}

fn identify(headers: &mut HeaderMap, cx: &Context) {
    if let Ok(id) = HeaderValue::from_str(&cx.request.id) {
        headers.entry("x-amzn-requestid").or_insert(id);
    }
}

/// A header's text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_addresses_mean_the_same() {
        for (host, path) in [
            ("abc.execute-api.localhost.localstack.cloud", "/prod/items/1"),
            ("localhost", "/restapis/abc/prod/_user_request_/items/1"),
            ("localhost", "/_aws/execute-api/abc/prod/items/1"),
        ] {
            let call = Call::parse(EdgeHead { host, path }).unwrap();
            assert_eq!(
                (call.api.as_str(), call.stage.as_str(), call.path.as_str()),
                ("abc", "prod", "/items/1"),
                "{path}"
            );
        }
        assert!(Call::parse(EdgeHead { host: "localhost", path: "/restapis/abc/stages/prod" }).is_none());
    }
}
