//! Serves function URLs: `<id>.lambda-url.<region>.<any suffix>`.

use std::sync::Arc;

use api_lambda::{FunctionUrlAuthType, InvokeMode, LambdaError};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Bytes, Context, Scope};
use runner::Outcome;
use serde_json::json;

use super::event::{self, Answer};
use super::{Rules, Target, URL_TARGETS, URLS, Url, stream};
use crate::run::Request;
use crate::{Lambda, alias, limits};

/// Serves function URLs.
pub struct FunctionUrls(pub Arc<Lambda>);

impl Edge for FunctionUrls {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.host.split('.').nth(1) == Some("lambda-url")
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let id = request.host.split('.').next().unwrap_or_default().to_owned();
            let Some((target, url)) = self.find(&id) else {
                return denied(None);
            };
            let origin =
                request.headers.get("origin").and_then(|origin| origin.to_str().ok()).map(str::to_owned);
            let allowed = allowed(url.cors.as_ref(), origin.as_deref());
            let is_preflight = request.method == Method::OPTIONS
                && request.headers.contains_key("access-control-request-method");
            let mut response = if is_preflight && url.cors.is_some() {
                plain(StatusCode::OK, HeaderMap::new(), Bytes::new())
            } else if url.auth == FunctionUrlAuthType::AwsIam && !is_signed(&request) {
                denied(Some(FORBIDDEN))
            } else {
                self.call(cx, &target, &url, request).await
            };
            response.headers.extend(allowed);
            response
        })
    }
}

impl FunctionUrls {
    fn find(&self, id: &str) -> Option<(Target, Url)> {
        let store = &self.0.store;
        let target = store.read(&Scope::default(), |tx| tx.get(&URL_TARGETS, id)).ok()??;
        let scope = Scope::new(&target.account, &target.region);
        let key = (target.function.as_str(), target.qualifier.as_str());
        let url = store.read(&scope, |tx| tx.get(&URLS, &key)).ok()??;
        Some((target, url))
    }

    async fn call(&self, cx: &Context, target: &Target, url: &Url, request: EdgeRequest) -> EdgeResponse {
        let Ok(body) = request.body.collect(limits::PAYLOAD).await else {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let request_id = cx.ids.uuid();
        let payload = event::of_request(cx, &url.id, &request_id, &request, &body).to_string();
        let name = target.name();
        let cx = cx.in_scope(name.scope.clone());
        let drawn = self.0.store.read(&name.scope, |tx| alias::target(&cx, tx, &name));
        let Ok((_, function)) = drawn else { return denied(Some(FORBIDDEN)) };
        let asked = Request::of(payload.into());
        let mut response = if url.mode == Some(InvokeMode::ResponseStream) {
            match self.0.stream(&cx, &name, function, &request_id, asked).await {
                Ok(streamed) => stream::answer(streamed).await,
                Err(error) => of_error(&error),
            }
        } else {
            of_outcome(self.0.run(&cx, &name, function, &request_id, asked).await)
        };
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers.insert("x-amzn-requestid", id);
        }
        response
    }
}

/// The answer for a function that has ended.
pub fn of_outcome(ran: Result<Outcome, LambdaError>) -> EdgeResponse {
    match ran {
        Ok(outcome) if outcome.function_error.is_none() => match event::of_payload(&outcome.payload) {
            Some(Answer { status, headers, body }) => plain(status, headers, body),
            None => failed(),
        },
        Ok(_) => failed(),
        Err(error) => of_error(&error),
    }
}

fn of_error(error: &LambdaError) -> EdgeResponse {
    match error {
        LambdaError::TooManyRequestsException(_) => refused(StatusCode::TOO_MANY_REQUESTS, "Rate Exceeded."),
        _ => failed(),
    }
}

/// Signatures are told by their presence: whose they are, the policies of IAM will say.
fn is_signed(request: &EdgeRequest) -> bool {
    let header = request.headers.get("authorization").and_then(|value| value.to_str().ok());
    header.is_some_and(|header| header.starts_with("AWS4-")) || request.query.contains("X-Amz-Signature=")
}

/// The headers that let a page of that site read the answer.
fn allowed(rules: Option<&Rules>, origin: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let (Some(rules), Some(origin)) = (rules, origin) else { return headers };
    let origins = rules.origins.clone().unwrap_or_default();
    if !origins.iter().any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin)) {
        return headers;
    }
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("access-control-allow-origin", origin.to_owned());
    set("vary", "Origin".to_owned());
    if rules.credentials == Some(true) {
        set("access-control-allow-credentials", "true".to_owned());
    }
    for (name, list) in [
        ("access-control-allow-headers", &rules.headers),
        ("access-control-allow-methods", &rules.methods),
        ("access-control-expose-headers", &rules.expose),
    ] {
        if let Some(list) = list {
            set(name, list.join(","));
        }
    }
    if let Some(seconds) = rules.max_age {
        set("access-control-max-age", seconds.to_string());
    }
    headers
}

const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                         https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// An unknown URL is refused as one that the caller may not use.
fn denied(message: Option<&str>) -> EdgeResponse {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-amzn-errortype", HeaderValue::from_static("AccessDeniedException"));
    plain(StatusCode::FORBIDDEN, headers, json!({ "Message": message }).to_string().into())
}

/// What a function has done wrong is not told.
fn failed() -> EdgeResponse {
    plain(StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::from_static(b"Internal Server Error"))
}

fn plain(status: StatusCode, headers: HeaderMap, body: Bytes) -> EdgeResponse {
    EdgeResponse { status, headers, body: ByteStream::from_bytes(body) }
}

fn refused(status: StatusCode, message: &str) -> EdgeResponse {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    plain(status, headers, json!({ "Message": message }).to_string().into())
}
