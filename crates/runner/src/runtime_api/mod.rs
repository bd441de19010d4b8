//! AWS's Lambda Runtime API: what a function's process asks of the service, on a port of its own. Extensions ask there too.

mod extensions;
mod serve;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::StreamPart;
use crate::extensions::Extensions;
use crate::telemetry::{Api, Category};

/// The largest answer: 6 MB and a little, as AWS counts.
pub(crate) const RESPONSE_LIMIT: usize = 6 * 1024 * 1024 + 100;

/// What the process has said.
#[derive(Debug)]
pub(crate) enum Event {
    /// It asks for work.
    Ready,
    /// It has an answer to the current event.
    Response(Bytes),
    /// Its answer was refused for its size.
    TooLarge,
    /// The handler has failed.
    Error { payload: Bytes, error_type: Option<String> },
    /// It could not start.
    InitError { payload: Bytes, error_type: Option<String> },
    /// An extension has subscribed to telemetry, unless it had before.
    Subscribed { api: Api, name: String, categories: Vec<Category>, is_new: bool },
}

/// An event on its way to the process.
pub(crate) struct Delivery {
    pub request_id: String,
    pub headers: HeaderMap,
    pub payload: Bytes,
    /// Where an answer that is streamed goes.
    pub stream: Option<mpsc::UnboundedSender<StreamPart>>,
}

/// One environment's end of the API.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    state: Arc<State>,
    deliveries: mpsc::Sender<Delivery>,
    server: JoinHandle<()>,
}

struct State {
    events: mpsc::UnboundedSender<Event>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    current: Mutex<Current>,
    extensions: Arc<Extensions>,
}

/// The event the process works on.
#[derive(Default)]
struct Current {
    request_id: String,
    taken: bool,
    answered: bool,
    stream: Option<mpsc::UnboundedSender<StreamPart>>,
}

impl RuntimeApi {
    /// Listens on a free port of the loopback interface.
    pub async fn listen(extensions: Arc<Extensions>) -> io::Result<(Self, mpsc::UnboundedReceiver<Event>)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, heard) = mpsc::unbounded_channel();
        let (deliveries, waiting) = mpsc::channel(1);
        let waiting = tokio::sync::Mutex::new(waiting);
        let state = Arc::new(State { events, waiting, current: Mutex::default(), extensions });
        let server = tokio::spawn(serve::serve(listener, state.clone()));
        Ok((Self { address, state, deliveries, server }, heard))
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands over an event; the process gets it at its next call.
    pub fn deliver(&self, delivery: Delivery) {
        *self.state.current() = Current {
            request_id: delivery.request_id.clone(),
            stream: delivery.stream.clone(),
            ..Current::default()
        };
        // There is room, for an environment has one event at a time.
        let _ = self.deliveries.try_send(delivery);
    }

    /// Nothing more is streamed: who reads the stream is told that it ends, also where the function never used it.
    pub fn close_stream(&self) {
        self.state.current().stream = None;
    }

    /// Whether the process has got the event it was given last.
    pub fn taken(&self) -> bool {
        self.state.current().taken
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn current(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
