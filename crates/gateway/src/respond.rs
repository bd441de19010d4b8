//! Answers as hyper sends them.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use kernel::edge::EdgeResponse;
use kernel::stream::Chunks;
use protocol::{Body, Response};

use crate::cors::Cross;

/// A body on its way out.
pub enum Outgoing {
    /// All of it, until it is sent.
    Whole(Option<Bytes>),
    /// Chunks.
    Streaming(Chunks, Option<u64>),
}

/// A stream that broke: the connection is cut, so that the client sees it.
#[derive(Debug)]
pub struct Broken(kernel::Fault);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the body broke off: {}", self.0)
    }
}

impl std::error::Error for Broken {}

impl From<Infallible> for Broken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(
                bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))),
            ),
            Self::Streaming(chunks, _) => chunks
                .as_mut()
                .poll_next(cx)
                .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data).map_err(Broken))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None)) || matches!(self, Self::Whole(Some(bytes)) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Streaming(_, Some(length)) => SizeHint::with_exact(*length),
            Self::Streaming(_, None) => SizeHint::new(),
        }
    }
}

/// Gives an answer its last headers.
pub fn finish(answer: Response, cross: Cross) -> http::Response<Outgoing> {
    let mut answer = answer.map(|body| match body {
        Body::Whole(bytes) => Outgoing::Whole(Some(bytes)),
        Body::Streaming(chunks, length) => Outgoing::Streaming(chunks, length),
    });
    cross.finish(answer.headers_mut());
    answer
}

/// An edge's answer.
pub fn edge(answer: EdgeResponse) -> Response {
    let length = answer.body.length();
    let mut response = Response::new(Body::Streaming(answer.body.take(), length));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}
