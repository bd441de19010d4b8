//! Requests made by hand, and answers taken apart.

use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kernel::schema::{OperationSchema, ProtocolKind, ServiceSchema};
use kernel::shape::{ReadError, Shape};
use kernel::{Bytes, Fault, Timestamp};
use protocol::{Body, Missing, RequestBody, Response, WireRequest};

pub const REQUEST_ID: &str = "c6e2b8f0-0000-4000-8000-000000000001";

/// A POST to `/` with that body.
pub fn post(body: impl Into<Bytes>) -> WireRequest {
    WireRequest {
        method: Method::POST,
        path: "/".into(),
        sent_path: "/".into(),
        query: String::new(),
        headers: HeaderMap::new(),
        labels: Vec::new(),
        body: RequestBody::Whole(body.into()),
    }
}

/// What a test says of a request besides its body.
pub trait With {
    fn query(self, query: &str) -> Self;
    fn header(self, name: &'static str, value: &str) -> Self;
    fn label(self, name: &'static str, value: &str) -> Self;
}

impl With for WireRequest {
    fn query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }
    fn header(mut self, name: &'static str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        self
    }
    fn label(mut self, name: &'static str, value: &str) -> Self {
        self.labels.push((name, value.to_owned()));
        self
    }
}

/// The typed input of a request and the required members it lacks.
pub fn try_decode<I: Shape + Default>(
    kind: ProtocolKind,
    operation: &'static OperationSchema,
    mut request: WireRequest,
) -> Result<(I, Vec<Missing>), ReadError> {
    let mut input = I::default();
    let missing = protocol::of(kind).decode(operation, &mut request, &mut input)?;
    Ok((input, missing))
}

/// The typed input of a request that lacks nothing.
pub fn decode<I: Shape + Default>(
    kind: ProtocolKind,
    operation: &'static OperationSchema,
    request: WireRequest,
) -> I {
    let (input, missing) = try_decode(kind, operation, request).unwrap();
    assert_eq!(missing, []);
    input
}

/// The paths of the required members that a request lacks.
pub fn missing<I: Shape + Default>(
    kind: ProtocolKind,
    operation: &'static OperationSchema,
    request: WireRequest,
) -> Vec<String> {
    let (_, missing) = try_decode::<I>(kind, operation, request).unwrap();
    missing.into_iter().map(|missing| missing.path).collect()
}

/// An answer in that protocol.
pub fn encode(
    kind: ProtocolKind,
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Shape,
) -> Response {
    protocol::of(kind).encode(service, operation, output, REQUEST_ID)
}

/// An error in that protocol.
pub fn fault(kind: ProtocolKind, service: &'static ServiceSchema, fault: impl Into<Fault>) -> Response {
    protocol::of(kind).encode_fault(service, &fault.into(), REQUEST_ID)
}

/// The bytes of an answer that is held whole.
pub fn bytes(response: &Response) -> &[u8] {
    match response.body() {
        Body::Whole(bytes) => bytes,
        Body::Streaming(..) => panic!("the body streams"),
    }
}

/// The text of an answer that is held whole.
pub fn text(response: &Response) -> &str {
    std::str::from_utf8(bytes(response)).unwrap()
}

/// A header of an answer; empty when there is none.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// All chunks of an answer that streams.
pub async fn streamed(response: Response) -> Vec<u8> {
    let Body::Streaming(mut chunks, _) = response.into_body() else { panic!("the body is whole") };
    let mut all = Vec::new();
    while let Some(chunk) = chunks.next().await {
        all.extend_from_slice(&chunk.unwrap());
    }
    all
}

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
