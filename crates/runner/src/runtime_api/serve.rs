//! The API's four calls over HTTP/1.1.

use std::convert::Infallible;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Event, RESPONSE_LIMIT, State, extensions};
use crate::StreamPart;

/// What is read and thrown away of an answer that is too large, so that the process can read ours.
const PATIENCE: usize = 256 * 1024 * 1024;

pub(super) type Answer = Response<Full<Bytes>>;

/// Serves until it is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(connection(stream, state.clone()))),
                Err(error) => tracing::debug!(%error, "a function's connection was not accepted"),
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let state = state.clone();
        async move { Ok::<_, Infallible>(route(&state, request).await) }
    });
    // A process that is killed breaks its connections; how it ended is told elsewhere.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn route(state: &State, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let Some(rest) = path.strip_prefix("/2018-06-01/runtime/") else {
        return extensions::route(state, &path, request).await;
    };
    let parts: Vec<_> = rest.split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(state).await,
        (&Method::POST, ["invocation", id, "response"]) => response(state, id, request).await,
        (&Method::POST, ["invocation", id, "error"]) => error(state, id, request).await,
        (&Method::POST, ["init", "error"]) => init_error(state, request).await,
        _ => not_found(),
    }
}

async fn next(state: &State) -> Answer {
    let _ = state.events.send(Event::Ready);
    let Some(delivery) = state.waiting.lock().await.recv().await else { return not_found() };
    state.current().taken = true;
    let mut answer = Response::new(Full::new(delivery.payload));
    *answer.headers_mut() = delivery.headers;
    answer
}

async fn response(state: &State, id: &str, request: Request<Incoming>) -> Answer {
    if is_streamed(request.headers()) {
        return streamed(state, id, request).await;
    }
    let body = body(request).await;
    if let Err(refusal) = claim(state, id) {
        return *refusal;
    }
    // Whoever waits for parts of an answer learns that none will come.
    state.current().stream = None;
    let Some(payload) = body else {
        let _ = state.events.send(Event::TooLarge);
        let sentence = format!("Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &sentence);
    };
    let _ = state.events.send(Event::Response(payload));
    accepted()
}

fn is_streamed(headers: &HeaderMap) -> bool {
    headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == "streaming")
}

/// Passes an answer on while it comes; without anybody who takes it so, it is gathered.
async fn streamed(state: &State, id: &str, request: Request<Incoming>) -> Answer {
    if let Err(refusal) = claim(state, id) {
        return *refusal;
    }
    let stream = state.current().stream.take();
    let content_type = request.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if let (Some(stream), Some(kind)) = (&stream, content_type) {
        let _ = stream.send(StreamPart::ContentType(kind.to_owned()));
    }
    let mut gathered = BytesMut::new();
    let mut failure = None;
    let mut body = request.into_body();
    while let Some(Ok(frame)) = body.frame().await {
        match frame.into_data() {
            Ok(data) => match &stream {
                Some(stream) => drop(stream.send(StreamPart::Data(data))),
                None if gathered.len() + data.len() <= RESPONSE_LIMIT => gathered.extend_from_slice(&data),
                None => {}
            },
            Err(frame) => failure = frame.trailers_ref().and_then(midway),
        }
    }
    let _ = state.events.send(failure.unwrap_or(Event::Response(gathered.freeze())));
    accepted()
}

/// A failure while an answer was streamed stands in its trailers.
fn midway(trailers: &HeaderMap) -> Option<Event> {
    let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let error_type = text("lambda-runtime-function-error-type")?;
    let body = text("lambda-runtime-function-error-body").unwrap_or_default();
    let payload = STANDARD.decode(body).unwrap_or_default().into();
    Some(Event::Error { payload, error_type: Some(error_type) })
}

async fn error(state: &State, id: &str, request: Request<Incoming>) -> Answer {
    let error_type = error_type(request.headers());
    let payload = body(request).await.unwrap_or_default();
    if let Err(refusal) = claim(state, id) {
        return *refusal;
    }
    state.current().stream = None;
    let _ = state.events.send(Event::Error { payload, error_type });
    accepted()
}

async fn init_error(state: &State, request: Request<Incoming>) -> Answer {
    let error_type = error_type(request.headers());
    let payload = body(request).await.unwrap_or_default();
    let _ = state.events.send(Event::InitError { payload, error_type });
    accepted()
}

/// Only the current event may be answered, and only once.
fn claim(state: &State, id: &str) -> Result<(), Box<Answer>> {
    let mut current = state.current();
    if !current.taken || current.request_id != id {
        return Err(Box::new(refused(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")));
    }
    if std::mem::replace(&mut current.answered, true) {
        let sentence = "Transition from Ready to Ready is not allowed.";
        return Err(Box::new(refused(StatusCode::FORBIDDEN, "InvalidStateTransition", sentence)));
    }
    Ok(())
}

/// The body, unless it is larger than AWS takes.
pub(super) async fn body(request: Request<Incoming>) -> Option<Bytes> {
    let mut body = request.into_body();
    let mut kept = BytesMut::new();
    let mut total = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        if total > PATIENCE {
            break;
        }
        if total <= RESPONSE_LIMIT {
            kept.extend_from_slice(&data);
        }
    }
    (total <= RESPONSE_LIMIT).then(|| kept.freeze())
}

fn error_type(headers: &HeaderMap) -> Option<String> {
    headers.get("lambda-runtime-function-error-type")?.to_str().ok().map(str::to_owned)
}

pub(super) fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}"))
}

pub(super) fn refused(status: StatusCode, error_type: &str, sentence: &str) -> Answer {
    let body = serde_json::json!({"errorMessage": sentence, "errorType": error_type});
    json(status, body.to_string().into())
}

pub(super) fn not_found() -> Answer {
    json(StatusCode::NOT_FOUND, Bytes::from_static(b"404 page not found"))
}

pub(super) fn json(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
