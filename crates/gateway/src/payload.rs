//! What S3 is told of a payload beside its bytes: its hash, its length, and headers that came another way.

use auth::sign;
use futures_util::StreamExt;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use kernel::{ByteStream, Fault};
use protocol::formats::header_text;
use protocol::{RequestBody, WireRequest};
use sha2::{Digest, Sha256};

/// What may stand in the place of a hash.
const NAMES: [&str; 7] = [
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-EVENTS",
];

/// What a request to S3 declares its payload to be.
///
/// # Errors
/// Nothing, or nothing that could be the hash of a payload.
pub fn declared(wire: &WireRequest) -> Result<String, Fault> {
    let Some(text) = wire.header("x-amz-content-sha256") else {
        let message = "Missing required header for this request: x-amz-content-sha256";
        return Err(Fault::client("InvalidRequest", message));
    };
    if is_hash(text) || NAMES.contains(&text) {
        return Ok(text.to_owned());
    }
    let message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                   STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
                   STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a \
                   valid sha256 value.";
    let fault = Fault::client("InvalidArgument", message);
    Err(fault.field("ArgumentName", "x-amz-content-sha256").field("ArgumentValue", text))
}

/// Checks that the payload has the declared hash: a body that is here at once, one that is coming at its end.
///
/// # Errors
/// `XAmzContentSHA256Mismatch`.
pub fn check(wire: &mut WireRequest, declared: &str) -> Result<(), Fault> {
    if !is_hash(declared) {
        return Ok(());
    }
    match &wire.body {
        RequestBody::Whole(body) => compare(declared, sign::hash(body)),
        RequestBody::Streaming(stream) => {
            wire.body = RequestBody::Streaming(hashed(stream, declared.to_owned()));
            Ok(())
        }
    }
}

fn hashed(stream: &ByteStream, declared: String) -> ByteStream {
    let trailers = stream.trailers().clone();
    let state = Some((stream.take(), Sha256::new(), declared));
    let chunks = futures_util::stream::unfold(state, |state| async move {
        let (mut chunks, mut hasher, declared) = state?;
        match chunks.next().await {
            Some(Ok(chunk)) => {
                hasher.update(&chunk);
                Some((Ok(chunk), Some((chunks, hasher, declared))))
            }
            Some(Err(fault)) => Some((Err(fault), None)),
            None => compare(&declared, sign::hex(&hasher.finalize())).err().map(|fault| (Err(fault), None)),
        }
    });
    ByteStream::new(Box::pin(chunks), stream.length()).with_trailers(trailers)
}

fn compare(declared: &str, computed: String) -> Result<(), Fault> {
    if declared.eq_ignore_ascii_case(&computed) {
        return Ok(());
    }
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    let fault = Fault::client("XAmzContentSHA256Mismatch", message);
    Err(fault.field("ClientComputedContentSHA256", declared).field("S3ComputedContentSHA256", computed))
}

/// Whether the text could be a hash.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Checks that S3 is told how long an object is.
///
/// # Errors
/// `MissingContentLength`.
pub fn length(wire: &WireRequest) -> Result<(), Fault> {
    let RequestBody::Streaming(stream) = &wire.body else { return Ok(()) };
    let is_chunked = wire.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    let has = |name| wire.headers.contains_key(name);
    let is_told = match is_chunked {
        true => wire.headers.contains_key("x-amz-decoded-content-length"),
        false => stream.length() != Some(0) || has(CONTENT_LENGTH) || has(TRANSFER_ENCODING),
    };
    let missing =
        || Fault::new("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    if is_told { Ok(()) } else { Err(missing()) }
}

/// The header for text that came as a parameter or a field, which can hold any character.
///
/// # Errors
/// The text cannot stand in a header.
pub fn header_value(name: &str, text: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    if name.starts_with("x-amz-meta-") {
        // What looks like an encoded word would be read as one.
        let is_word = text.contains("=?");
        let words = if is_word { header_text::words(text).into() } else { header_text::encode_words(text) };
        return HeaderValue::from_str(&words);
    }
    HeaderValue::from_bytes(&header_text::write(text))
}
