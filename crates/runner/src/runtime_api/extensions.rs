//! The calls of extensions: the Extensions API, the Telemetry API and the Logs API.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use serde::Deserialize;

use super::serve::{Answer, accepted, body, json, not_found, refused};
use super::{Event, State};
use crate::extensions::{self, Refusal};
use crate::telemetry::{Api, Refused, Subscription};

/// Those calls that are not the runtime's.
pub(super) async fn route(state: &State, path: &str, request: Request<Incoming>) -> Answer {
    let outcome = match (request.method(), path) {
        (&Method::POST, "/2020-01-01/extension/register") => register(state, request).await,
        (&Method::GET, "/2020-01-01/extension/event/next") => next(state, request.headers()).await,
        (&Method::POST, "/2020-01-01/extension/init/error") => {
            fail(state, request.headers(), extensions::State::InitError)
        }
        (&Method::POST, "/2020-01-01/extension/exit/error") => {
            fail(state, request.headers(), extensions::State::ExitError)
        }
        (&Method::PUT, "/2022-07-01/telemetry") => subscribe(state, Api::Telemetry, request).await,
        (&Method::PUT, "/2020-08-15/logs") => subscribe(state, Api::Logs, request).await,
        _ => return not_found(),
    };
    outcome.unwrap_or_else(|refusal| refused(StatusCode::FORBIDDEN, refusal.error_type, &refusal.message))
}

#[derive(Deserialize)]
struct Registration {
    #[serde(default)]
    events: Vec<String>,
}

async fn register(state: &State, request: Request<Incoming>) -> Result<Answer, Refusal> {
    let header = |name: &str| text(request.headers(), name).unwrap_or_default().to_owned();
    let (name, features) = (header("lambda-extension-name"), header("lambda-extension-accept-feature"));
    if name.is_empty() {
        return Err(Refusal::new("Extension.InvalidExtensionName", "Empty extension name"));
    }
    let wants_account = features.split(',').any(|feature| feature.trim() == "accountId");
    let body = body(request).await.unwrap_or_default();
    let registration: Registration = serde_json::from_slice(&body)
        .map_err(|error| Refusal::new("InvalidRequestFormat", error.to_string()))?;
    let (id, told) = state.extensions.register(&name, &registration.events, wants_account)?;
    Ok(with_id(json(StatusCode::OK, told.into()), &id))
}

async fn next(state: &State, headers: &HeaderMap) -> Result<Answer, Refusal> {
    let id = identifier(headers)?;
    let event = state.extensions.next(id).await?;
    let mut answer = with_id(json(StatusCode::OK, event), id);
    if let Ok(event_id) = HeaderValue::from_str(&state.extensions.new_id()) {
        answer.headers_mut().insert("lambda-extension-event-identifier", event_id);
    }
    Ok(answer)
}

fn fail(state: &State, headers: &HeaderMap, to: extensions::State) -> Result<Answer, Refusal> {
    let id = identifier(headers)?;
    let name = "Lambda-Extension-Function-Error-Type";
    let missing = || Refusal::new("Extension.MissingHeader", format!("{name} not found"));
    let error_type = text(headers, name).filter(|text| !text.is_empty()).ok_or_else(missing)?;
    state.extensions.fail(id, to, error_type)?;
    Ok(accepted())
}

async fn subscribe(state: &State, api: Api, request: Request<Incoming>) -> Result<Answer, Refusal> {
    let (validation, closed, closed_message) = match api {
        Api::Telemetry => (
            "ValidationError",
            "Telemetry.SubscriptionClosed",
            "Telemetry API subscription is closed already",
        ),
        Api::Logs => {
            ("Logs.ValidationError", "Logs.SubscriptionClosed", "Logs API subscription is closed already")
        }
    };
    let id = identifier(request.headers())?.to_owned();
    let unknown = || Refusal::new("Extension.UnknownExtensionIdentifier", format!("Unknown extension {id}"));
    let name = state.extensions.name(&id).ok_or_else(unknown)?;
    let body = body(request).await.unwrap_or_default();
    let subscription = match Subscription::parse(api, &body) {
        Ok(subscription) => subscription,
        Err(sentence) => return Ok(refused(StatusCode::BAD_REQUEST, validation, &sentence)),
    };
    let categories = subscription.categories.clone();
    match state.extensions.telemetry.subscribe(&name, subscription) {
        Ok(is_new) => {
            let _ = state.events.send(Event::Subscribed { api, name, categories, is_new });
            Ok(json(StatusCode::OK, Bytes::from_static(b"\"OK\"")))
        }
        Err(Refused::Closed) => Err(Refusal::new(closed, closed_message)),
        Err(Refused::OtherApi) => {
            let sentence = "the extension has subscribed by the other one of Logs API and Telemetry API";
            Ok(refused(StatusCode::BAD_REQUEST, validation, sentence))
        }
    }
}

/// The id that the extension got when it registered.
fn identifier(headers: &HeaderMap) -> Result<&str, Refusal> {
    let missing = "Missing Lambda-Extension-Identifier header";
    let missing = || Refusal::new("Extension.MissingExtensionIdentifier", missing);
    let id = text(headers, "lambda-extension-identifier").filter(|id| !id.is_empty()).ok_or_else(missing)?;
    let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let invalid =
        || Refusal::new("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier");
    is_uuid.then_some(id).ok_or_else(invalid)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn with_id(mut answer: Answer, id: &str) -> Answer {
    if let Ok(id) = HeaderValue::from_str(id) {
        answer.headers_mut().insert("lambda-extension-identifier", id);
    }
    answer
}
