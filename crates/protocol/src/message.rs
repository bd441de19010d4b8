//! Requests as protocols see them, and responses as they leave.

use http::{HeaderMap, HeaderValue, Method};
use kernel::stream::{ByteStream, Chunks};
use kernel::{ByteStream as Stream, Bytes};

/// A request after addressing: the path is the service's own, whatever host or prefix it came by.
#[derive(Debug)]
pub struct WireRequest {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The path as it was sent and signed.
    pub sent_path: String,
    /// The query string, without `?`, still percent-encoded.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The labels that the route took out of the path, decoded.
    pub labels: Labels,
    /// The body.
    pub body: RequestBody,
}

/// Path labels by name.
pub type Labels = Vec<(&'static str, String)>;

/// The body of a request.
#[derive(Debug)]
pub enum RequestBody {
    /// All of it.
    Whole(Bytes),
    /// To be read by the operation.
    Streaming(Stream),
}

impl RequestBody {
    /// The bytes; empty for streaming bodies.
    pub fn whole(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Streaming(_) => &[],
        }
    }

    /// Takes the body out as a stream.
    pub fn take_stream(&mut self) -> ByteStream {
        match std::mem::replace(self, Self::Whole(Bytes::new())) {
            Self::Whole(bytes) => ByteStream::from_bytes(bytes),
            Self::Streaming(stream) => stream,
        }
    }

    /// Takes the bytes out; empty for streaming bodies.
    pub fn take_bytes(&mut self) -> Bytes {
        match self {
            Self::Whole(bytes) => std::mem::take(bytes),
            Self::Streaming(_) => Bytes::new(),
        }
    }
}

impl WireRequest {
    /// The parameters of the query string, decoded, in order.
    pub fn parameters(&self) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_bytes())
    }

    /// A header's text; nothing when it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A response on its way out.
pub type Response = http::Response<Body>;

/// The body of a response.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// Chunks, with their length where it is known.
    Streaming(Chunks, Option<u64>),
}

impl Body {
    /// An empty body.
    pub fn empty() -> Self {
        Self::Whole(Bytes::new())
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Body({:?})", String::from_utf8_lossy(bytes)),
            Self::Streaming(_, length) => write!(f, "Body(streaming {length:?})"),
        }
    }
}

/// A response with that status, content type and body.
pub fn response(status: u16, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = http::Response::new(Body::Whole(body.into()));
    *response.status_mut() = status_code(status);
    if !content_type.is_empty() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// A status code; 500 for numbers that are none.
pub fn status_code(status: u16) -> http::StatusCode {
    http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
}

/// Sets a header unless the value cannot stand in one.
pub fn set_header(headers: &mut HeaderMap, name: &str, value: &str) {
    set_header_bytes(headers, name, value.as_bytes());
}

/// Sets a header unless the value cannot stand in one.
pub fn set_header_bytes(headers: &mut HeaderMap, name: &str, value: &[u8]) {
    if let (Ok(name), Ok(value)) =
        (http::HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
    {
        headers.insert(name, value);
    }
}
