//! Bodies that are never held whole, and streams of events.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::{Stream, StreamExt, stream};

use crate::Bytes;
use crate::fault::Fault;
use crate::shape::Shape;

/// The chunks of a body, as they arrive.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>;

/// A streaming body. It is taken out once, by whoever consumes it.
#[derive(Default)]
pub struct ByteStream {
    length: Option<u64>,
    inner: Mutex<Option<Chunks>>,
    trailers: Trailers,
}

/// Headers that come after a body; empty until the body has been read.
pub type Trailers = Arc<OnceLock<http::HeaderMap>>;

impl ByteStream {
    /// A stream of these chunks; `length` is the number of bytes, where it is known beforehand.
    pub fn new(chunks: Chunks, length: Option<u64>) -> Self {
        Self { length, inner: Mutex::new(Some(chunks)), trailers: Trailers::default() }
    }

    /// A stream of one chunk.
    pub fn from_bytes(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self::new(Box::pin(stream::iter([Ok(bytes)])), Some(length))
    }

    /// The stream with trailers that whoever reads the wire fills in.
    pub fn with_trailers(mut self, trailers: Trailers) -> Self {
        self.trailers = trailers;
        self
    }

    /// The headers after the body; clone it before the chunks are taken, read it after the last.
    pub fn trailers(&self) -> &Trailers {
        &self.trailers
    }

    /// How many bytes will come, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Takes the chunks out; an empty stream when they were taken before.
    pub fn take(&self) -> Chunks {
        let taken = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        taken.unwrap_or_else(|| Box::pin(stream::empty()))
    }

    /// Reads the whole stream.
    ///
    /// # Errors
    /// `RequestTooLarge` beyond `limit` bytes; what the connection reports.
    pub async fn collect(&self, limit: usize) -> Result<Bytes, Fault> {
        let mut chunks = self.take();
        let mut whole = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            if whole.len() + chunk.len() > limit {
                return Err(Fault::new("RequestTooLarge", 413, "The request body is too large."));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteStream({:?} bytes)", self.length)
    }
}

impl From<Bytes> for ByteStream {
    fn from(bytes: Bytes) -> Self {
        Self::from_bytes(bytes)
    }
}

/// Events of one union type, taken out once by the protocol that sends them.
pub struct EventStream<T> {
    inner: Mutex<Option<Pin<Box<dyn Stream<Item = T> + Send>>>>,
}

/// The events of a stream, whatever their type.
pub type AnyEvents = Pin<Box<dyn Stream<Item = Box<dyn Shape>> + Send>>;

/// An event stream whose type is forgotten.
pub trait AnyEventStream {
    /// Takes the events out; an empty stream when they were taken before.
    fn take_any(&self) -> AnyEvents;
}

impl<T: Shape> EventStream<T> {
    /// A stream of these events.
    pub fn new(events: impl Stream<Item = T> + Send + 'static) -> Self {
        Self { inner: Mutex::new(Some(Box::pin(events))) }
    }

    /// Takes the events out; an empty stream when they were taken before.
    pub fn take(&self) -> Pin<Box<dyn Stream<Item = T> + Send>> {
        let taken = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        taken.unwrap_or_else(|| Box::pin(stream::empty()))
    }
}

impl<T: Shape> AnyEventStream for EventStream<T> {
    fn take_any(&self) -> AnyEvents {
        Box::pin(self.take().map(|event| Box::new(event) as Box<dyn Shape>))
    }
}

impl<T> Default for EventStream<T> {
    fn default() -> Self {
        Self { inner: Mutex::new(None) }
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventStream")
    }
}
