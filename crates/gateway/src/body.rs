//! Requests as they come from hyper, and their bodies: read whole, or handed on as they arrive.

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::{BodyExt, BodyStream};
use hyper::body::{Body as _, Incoming};
use kernel::Fault;
use kernel::edge::EdgeRequest;
use kernel::schema::{Kind, Location, ProtocolKind};
use kernel::stream::ByteStream;
use protocol::{RequestBody, WireRequest};

use crate::address::{Address, without_port};
use crate::route::Target;
use crate::serve::Stop;

/// A request as it came.
pub struct Received {
    /// Method, URI, version and headers.
    pub parts: http::request::Parts,
    /// The host the client used, with its port.
    pub host: String,
    /// The client's address.
    pub source: String,
    body: Stage,
}

/// How far the body has been read.
enum Stage {
    Incoming(Incoming),
    Whole(Bytes),
    Taken,
}

/// Takes a request in.
pub fn receive(request: http::Request<Incoming>, source: &str) -> Received {
    let (parts, body) = request.into_parts();
    let header = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
    let host =
        header.or_else(|| parts.uri.authority().map(|authority| authority.as_str())).unwrap_or("localhost");
    let host = host.to_owned();
    Received { parts, host, source: source.to_owned(), body: Stage::Incoming(body) }
}

impl Received {
    /// The path, percent-encoded.
    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The query string, without `?`.
    pub fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// Whether there is nothing in the body, as far as its head tells.
    pub fn is_empty(&self) -> bool {
        matches!(&self.body, Stage::Incoming(body) if body.size_hint().exact() == Some(0))
    }

    /// The whole body, which stays there for whoever reads it next.
    ///
    /// # Errors
    /// `RequestEntityTooLarge` beyond `limit`; a broken connection.
    pub async fn whole(&mut self, limit: usize) -> Result<Bytes, Fault> {
        let bytes = match std::mem::replace(&mut self.body, Stage::Taken) {
            Stage::Incoming(body) => read(body, limit).await?,
            Stage::Whole(bytes) => bytes,
            Stage::Taken => Bytes::new(),
        };
        self.body = Stage::Whole(bytes.clone());
        Ok(bytes)
    }

    /// The body as it arrives.
    pub fn stream(&mut self) -> ByteStream {
        match std::mem::replace(&mut self.body, Stage::Taken) {
            Stage::Incoming(body) => stream(body),
            Stage::Whole(bytes) => ByteStream::from_bytes(bytes),
            Stage::Taken => ByteStream::default(),
        }
    }

    /// The request as an edge sees it.
    pub fn take_edge_request(&mut self) -> EdgeRequest {
        EdgeRequest {
            method: self.parts.method.clone(),
            host: without_port(&self.host).to_ascii_lowercase(),
            path: self.path().to_owned(),
            query: self.query().to_owned(),
            body: self.stream(),
            headers: std::mem::take(&mut self.parts.headers),
            source: self.source.clone(),
        }
    }
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, Fault> {
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut whole = Vec::new();
    let mut body = std::pin::pin!(body);
    let mut first: Option<Bytes> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| aborted())?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + first.as_ref().map_or(0, Bytes::len) + data.len() > limit {
            return Err(too_large());
        }
        // Most bodies come in one piece, which then needs no copy.
        match first.take() {
            None if whole.is_empty() => first = Some(data),
            None => whole.extend_from_slice(&data),
            Some(piece) => {
                whole.extend_from_slice(&piece);
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.into()))
}

/// A body beyond the limit.
pub fn too_large() -> Fault {
    Fault::new("RequestEntityTooLarge", 413, "The request body is too large.")
}

fn aborted() -> Fault {
    Fault::new(
        "RequestTimeout",
        400,
        "Your socket connection to the server was not read from or written to within the timeout period.",
    )
}

fn stream(body: Incoming) -> ByteStream {
    let length = body.size_hint().exact();
    let chunks = BodyStream::new(body).filter_map(|frame| async {
        match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(_) => Some(Err(aborted())),
        }
    });
    ByteStream::new(Box::pin(chunks), length)
}

/// The request as the protocol sees it.
pub async fn wire(
    mut received: Received,
    address: &Address,
    target: &Target,
    limit: usize,
) -> Result<WireRequest, Stop> {
    let body = if streams(target) {
        RequestBody::Streaming(received.stream())
    } else {
        let whole = received.whole(limit).await;
        RequestBody::Whole(whole.map_err(|fault| Stop::Fault(target.clone(), fault))?)
    };
    let body = unchunk(body, &received, limit).await.map_err(|fault| Stop::Fault(target.clone(), fault))?;
    let query = received.query().to_owned();
    let path = target.path(received.path(), address);
    let sent_path = received.path().to_owned();
    Ok(WireRequest {
        method: received.parts.method,
        path,
        sent_path,
        query,
        headers: received.parts.headers,
        labels: target.labels.clone(),
        body,
    })
}

/// Whether the operation reads its body as a stream.
fn streams(target: &Target) -> bool {
    let is_rest = matches!(target.protocol, ProtocolKind::RestJson | ProtocolKind::RestXml);
    let is_stream = |member: &kernel::schema::Member| {
        member.target.kind == Kind::Stream && matches!(member.location, Location::Payload | Location::Body)
    };
    is_rest && target.operation.input.members.iter().any(is_stream)
}

/// Bodies in chunks that need no signature check lose their framing here; signed ones in `authorise`.
async fn unchunk(body: RequestBody, received: &Received, limit: usize) -> Result<RequestBody, Fault> {
    let is_chunked =
        received.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    match body {
        RequestBody::Whole(bytes) if is_chunked => {
            let stream =
                protocol::chunked::decode(&ByteStream::from_bytes(bytes), decoded_length(received), None);
            Ok(RequestBody::Whole(stream.collect(limit).await?))
        }
        body => Ok(body),
    }
}

/// What the client says of the payload's length before chunking.
pub fn decoded_length(received: &Received) -> Option<u64> {
    received.header("x-amz-decoded-content-length")?.parse().ok()
}
