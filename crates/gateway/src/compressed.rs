//! Bodies that clients compress where the model lets them: signed as sent, read as they were before.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use kernel::shape::{ReadError, ReadErrorKind};
use protocol::{RequestBody, WireRequest};

use crate::route::Target;
use crate::serve::Stop;
use crate::{body, decode};

/// Puts the body that was compressed in the place of the one that was sent.
pub fn inflate(target: &Target, wire: &mut WireRequest, limit: usize) -> Result<(), Stop> {
    let RequestBody::Whole(sent) = &wire.body else { return Ok(()) };
    if !target.operation.compressible || !is_gzip(&wire.headers) {
        return Ok(());
    }
    let whole = gunzip(sent, limit).map_err(|_| {
        let error = ReadError::new(ReadErrorKind::Syntax, "The request body is not compressed with gzip.");
        Stop::Fault(target.clone(), decode::unreadable(target, &error))
    })?;
    if whole.len() > limit {
        return Err(Stop::Fault(target.clone(), body::too_large()));
    }
    wire.body = RequestBody::Whole(whole.into());
    Ok(())
}

/// A body in which the operation's name is looked for before it is known whether it may be compressed.
pub fn plain(headers: &HeaderMap, sent: Bytes, limit: usize) -> Bytes {
    if !is_gzip(headers) {
        return sent;
    }
    gunzip(&sent, limit).map_or(sent, Into::into)
}

/// Whether compressing is the last thing done to the body.
fn is_gzip(headers: &HeaderMap) -> bool {
    let last = headers.get_all(http::header::CONTENT_ENCODING).iter().next_back();
    let last = last.and_then(|encodings| encodings.to_str().ok()?.rsplit(',').next());
    last.is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("gzip"))
}

/// What was compressed; one byte more than the limit tells that it is larger.
fn gunzip(sent: &[u8], limit: usize) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    MultiGzDecoder::new(sent).take(limit as u64 + 1).read_to_end(&mut whole)?;
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn reading_ends_just_beyond_the_limit() {
        let sent = gzip(&[0; 1 << 20]);
        assert_eq!(gunzip(&sent, 1 << 20).unwrap().len(), 1 << 20);
        assert_eq!(gunzip(&sent, 1000).unwrap().len(), 1001);
        assert!(gunzip(b"plain", 1000).is_err());
        assert!(gunzip(&sent[..sent.len() / 2], 1 << 20).is_err());
    }

    #[test]
    fn only_the_last_encoding_counts() {
        for (encodings, expected) in
            [("gzip", true), ("aws-chunked, GZIP", true), ("gzip,br", false), ("", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::CONTENT_ENCODING, encodings.parse().unwrap());
            assert_eq!(is_gzip(&headers), expected, "{encodings}");
        }
    }
}
