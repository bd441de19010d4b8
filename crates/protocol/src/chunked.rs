//! `aws-chunked` request bodies: signed and unsigned chunks, with and without trailers.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use std::collections::VecDeque;

use bytes::{Buf, BytesMut};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue};
use kernel::stream::{ByteStream, Chunks, Trailers};
use kernel::{Bytes, Fault};

/// Checks the signatures of chunks as they pass.
pub trait ChunkVerifier: Send {
    /// More bytes of the present chunk.
    fn update(&mut self, data: &[u8]);
    /// The chunk is over; `signature` is what its header said.
    ///
    /// # Errors
    /// The signature does not match.
    fn end_chunk(&mut self, signature: &str) -> Result<(), Fault>;
    /// The trailers are over; `canonical` is their signed form.
    ///
    /// # Errors
    /// The signature does not match.
    fn end_trailers(&mut self, canonical: &str, signature: &str) -> Result<(), Fault>;
}

/// The longest line of a chunk header or trailer.
const MAX_LINE: usize = 16 * 1024;

/// The payload of an `aws-chunked` body. `length` is what `x-amz-decoded-content-length` says.
pub fn decode(
    body: &ByteStream,
    length: Option<u64>,
    verifier: Option<Box<dyn ChunkVerifier>>,
) -> ByteStream {
    let trailers = Trailers::default();
    let decoder = Decoder {
        input: body.take(),
        buffer: BytesMut::new(),
        state: State::Header,
        signature: String::new(),
        decoded: 0,
        expected: length,
        verifier,
        found: Vec::new(),
        ready: VecDeque::new(),
        trailers: trailers.clone(),
    };
    let chunks = stream::unfold(Some(decoder), |decoder| async move {
        let mut decoder = decoder?;
        match decoder.next().await {
            Ok(Some(chunk)) => Some((Ok(chunk), Some(decoder))),
            Ok(None) => None,
            Err(fault) => Some((Err(fault), None)),
        }
    });
    ByteStream::new(Box::pin(chunks), length).with_trailers(trailers)
}

enum State {
    Header,
    Data(u64),
    DataEnd,
    Trailers,
    End,
}

struct Decoder {
    input: Chunks,
    buffer: BytesMut,
    state: State,
    signature: String,
    decoded: u64,
    expected: Option<u64>,
    verifier: Option<Box<dyn ChunkVerifier>>,
    found: Vec<(String, String)>,
    ready: VecDeque<Bytes>,
    trailers: Trailers,
}

impl Decoder {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            while self.step()? {}
            if let Some(chunk) = self.ready.pop_front() {
                return Ok(Some(chunk));
            }
            if matches!(self.state, State::End) {
                return Ok(None);
            }
            let chunk = self.input.next().await.ok_or_else(incomplete)??;
            match self.state {
                // Most of a large body comes in pieces that are data from end to end, and need no copy.
                State::Data(left) if self.buffer.is_empty() && left >= chunk.len() as u64 => {
                    if let Some(verifier) = &mut self.verifier {
                        verifier.update(&chunk);
                    }
                    self.state = State::Data(left - chunk.len() as u64);
                    return Ok(Some(chunk));
                }
                _ => self.buffer.extend_from_slice(&chunk),
            }
        }
    }

    /// Consumes what the buffer allows; false when more bytes are needed.
    fn step(&mut self) -> Result<bool, Fault> {
        match self.state {
            State::Header => {
                let Some(line) = self.line()? else { return Ok(false) };
                self.header(&line)?;
                Ok(true)
            }
            State::Data(0) => {
                self.state = State::DataEnd;
                Ok(true)
            }
            State::Data(left) => Ok(self.data(left)),
            State::DataEnd => {
                let Some(line) = self.line()? else { return Ok(false) };
                if !line.is_empty() {
                    return Err(malformed());
                }
                self.end_chunk()?;
                self.state = State::Header;
                Ok(true)
            }
            State::Trailers => {
                let Some(line) = self.trailer_line()? else { return Ok(false) };
                self.trailer(&line)?;
                Ok(true)
            }
            State::End => Ok(false),
        }
    }

    fn header(&mut self, line: &str) -> Result<(), Fault> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let size = u64::from_str_radix(size.trim(), 16).map_err(|_| malformed())?;
        extension.strip_prefix("chunk-signature=").unwrap_or_default().clone_into(&mut self.signature);
        self.decoded += size;
        if self.expected.is_some_and(|expected| self.decoded > expected) {
            return Err(incomplete());
        }
        if size > 0 {
            self.state = State::Data(size);
            return Ok(());
        }
        self.end_chunk()?;
        self.state = State::Trailers;
        Ok(())
    }

    fn data(&mut self, left: u64) -> bool {
        if self.buffer.is_empty() {
            return false;
        }
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
        let chunk = self.buffer.split_to(take).freeze();
        if let Some(verifier) = &mut self.verifier {
            verifier.update(&chunk);
        }
        self.ready.push_back(chunk);
        self.state = State::Data(left - take as u64);
        true
    }

    fn end_chunk(&mut self) -> Result<(), Fault> {
        let signature = std::mem::take(&mut self.signature);
        self.verifier.as_mut().map_or(Ok(()), |verifier| verifier.end_chunk(&signature))
    }

    fn trailer(&mut self, line: &str) -> Result<(), Fault> {
        if let Some((name, value)) = line.split_once(':') {
            self.found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            return Ok(());
        }
        if !line.is_empty() {
            return Err(malformed());
        }
        if self.expected.is_some_and(|expected| self.decoded != expected) {
            return Err(incomplete());
        }
        let mut headers = HeaderMap::new();
        let mut signature = String::new();
        let mut canonical = String::new();
        for (name, value) in std::mem::take(&mut self.found) {
            if name == "x-amz-trailer-signature" {
                signature = value;
                continue;
            }
            canonical.push_str(&format!("{name}:{value}\n"));
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
                return Err(malformed());
            };
            headers.append(name, value);
        }
        if let Some(verifier) = self.verifier.as_mut().filter(|_| !headers.is_empty()) {
            verifier.end_trailers(&canonical, &signature)?;
        }
        let _ = self.trailers.set(headers);
        self.state = State::End;
        Ok(())
    }

    /// A line without its end, once it is there.
    fn line(&mut self) -> Result<Option<String>, Fault> {
        let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") else {
            return if self.buffer.len() > MAX_LINE { Err(malformed()) } else { Ok(None) };
        };
        let line = self.buffer.split_to(end);
        self.buffer.advance(2);
        String::from_utf8(line.to_vec()).map(Some).map_err(|_| malformed())
    }

    /// A trailer's line; some clients end the last trailers with a line feed alone, or with nothing.
    fn trailer_line(&mut self) -> Result<Option<String>, Fault> {
        self.line().map(|line| line.map(|line| line.trim_end_matches('\n').to_owned()))
    }
}

fn incomplete() -> Fault {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Fault::client("IncompleteBody", message)
}

fn malformed() -> Fault {
    Fault::client("InvalidRequest", "The chunked encoding of the request body is malformed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: &[u8], pieces: usize, length: Option<u64>) -> (Result<Bytes, Fault>, Trailers) {
        let pieces: Vec<Result<Bytes, Fault>> =
            body.chunks(pieces).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let stream = decode(&ByteStream::new(Box::pin(stream::iter(pieces)), None), length, None);
        let trailers = stream.trailers().clone();
        (stream.collect(1 << 20).await, trailers)
    }

    #[tokio::test]
    async fn chunks_are_joined_however_they_arrive() {
        let body = b"5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        for pieces in 1..body.len() {
            let (read, trailers) = read(body, pieces, Some(11)).await;
            assert_eq!(read.unwrap(), "hello world");
            assert_eq!(trailers.get().unwrap()["x-amz-checksum-crc32"], "AAAA");
        }
    }

    #[tokio::test]
    async fn a_body_that_ends_early_is_incomplete() {
        let body = b"5\r\nhello\r\n0\r\n\r\n";
        for end in 0..body.len() {
            let (read, _) = read(&body[..end], 3, Some(5)).await;
            assert_eq!(read.unwrap_err().code(), "IncompleteBody");
        }
        let (read, _) = read(body, 3, Some(6)).await;
        assert_eq!(read.unwrap_err().code(), "IncompleteBody");
    }

    #[tokio::test]
    async fn a_size_that_is_no_number_is_refused() {
        let (read, _) = read(b"xyz\r\nhello\r\n0\r\n\r\n", 4, None).await;
        assert_eq!(read.unwrap_err().code(), "InvalidRequest");
    }
}
