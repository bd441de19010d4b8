//! Answers of function URLs that come while the function runs.

use futures_util::stream;
use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::edge::EdgeResponse;
use kernel::{ByteStream, Bytes, Fault};
use runner::StreamPart;
use tokio::sync::mpsc::UnboundedReceiver;

use super::event::{self, Answer};
use super::serve::of_outcome;
use crate::run::Streamed;

/// Functions that say so begin with a status and headers as JSON, and eight zero bytes behind them.
const WITH_PRELUDE: &str = "application/vnd.awslambda.http-integration-response";
const SEPARATOR: [u8; 8] = [0; 8];

/// The answer of a function; it begins with the function's first byte.
pub async fn answer(streamed: Streamed) -> EdgeResponse {
    let Streamed { mut parts, outcome } = streamed;
    let kind = match parts.recv().await {
        Some(StreamPart::ContentType(kind)) => kind,
        Some(StreamPart::Data(data)) => {
            return begun(StatusCode::OK, HeaderMap::new(), data, parts);
        }
        None => return of_outcome(Streamed::end(outcome).await),
    };
    if kind != WITH_PRELUDE {
        let mut headers = HeaderMap::new();
        if let Ok(kind) = HeaderValue::from_str(&kind) {
            headers.insert(http::header::CONTENT_TYPE, kind);
        }
        return begun(StatusCode::OK, headers, Bytes::new(), parts);
    }
    let mut read = Vec::new();
    while let Some(part) = parts.recv().await {
        let StreamPart::Data(data) = part else { continue };
        read.extend_from_slice(&data);
        let Some(end) = read.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) else {
            continue;
        };
        let Some(Answer { status, headers, .. }) = event::of_prelude(&read[..end]) else { break };
        let rest = Bytes::copy_from_slice(&read[end + SEPARATOR.len()..]);
        return begun(status, headers, rest, parts);
    }
    of_outcome(Err(Fault::internal("a streamed answer without a beginning").into()))
}

fn begun(
    status: StatusCode,
    headers: HeaderMap,
    first: Bytes,
    parts: UnboundedReceiver<StreamPart>,
) -> EdgeResponse {
    let chunks = stream::unfold((Some(first), parts), |(first, mut parts)| async move {
        if let Some(first) = first.filter(|first| !first.is_empty()) {
            return Some((Ok(first), (None, parts)));
        }
        loop {
            match parts.recv().await? {
                StreamPart::Data(data) => return Some((Ok(data), (None, parts))),
                StreamPart::ContentType(_) => {}
            }
        }
    });
    EdgeResponse { status, headers, body: ByteStream::new(Box::pin(chunks), None) }
}
