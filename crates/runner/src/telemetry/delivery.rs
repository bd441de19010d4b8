//! Sends batches to where an extension listens.

use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kernel::Clock;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::subscription::Destination;

/// How long a listener may take for one batch.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to one destination.
pub(super) struct Sender {
    destination: Destination,
    http: Client<HttpConnector, Full<Bytes>>,
    tcp: Option<TcpStream>,
}

impl Sender {
    pub fn new(destination: Destination) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { destination, http, tcp: None }
    }

    /// Whether the batch has arrived.
    pub async fn send(&mut self, clock: &Clock, batch: &[Bytes]) -> bool {
        tokio::select! {
            is_sent = self.exchange(batch) => is_sent,
            () = clock.sleep(PATIENCE) => {
                self.tcp = None;
                false
            }
        }
    }

    async fn exchange(&mut self, batch: &[Bytes]) -> bool {
        match self.destination.clone() {
            Destination::Http { port, path, is_put } => self.request(port, &path, is_put, batch).await,
            Destination::Tcp { port } => self.write(port, batch).await,
        }
    }

    async fn request(&self, port: u16, path: &str, is_put: bool, batch: &[Bytes]) -> bool {
        let request = Request::builder()
            .method(if is_put { Method::PUT } else { Method::POST })
            .uri(format!("http://{}:{port}{path}", Ipv4Addr::LOCALHOST))
            .header(header::HOST, format!("sandbox.localdomain:{port}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(array(batch)));
        let Ok(request) = request else { return false };
        let Ok(answer) = self.http.request(request).await else { return false };
        let is_taken = answer.status().is_success();
        // Read to its end, so that the connection can be used again.
        let mut body = answer.into_body();
        while let Some(Ok(_)) = body.frame().await {}
        is_taken
    }

    async fn write(&mut self, port: u16, batch: &[Bytes]) -> bool {
        let Some(mut stream) = (match self.tcp.take() {
            Some(stream) => Some(stream),
            None => TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok(),
        }) else {
            return false;
        };
        let mut lines = BytesMut::new();
        for record in batch {
            lines.put_slice(record);
            lines.put_u8(b'\n');
        }
        let is_sent = stream.write_all(&lines).await.is_ok();
        self.tcp = is_sent.then_some(stream);
        is_sent
    }
}

fn array(batch: &[Bytes]) -> Bytes {
    let mut body = BytesMut::with_capacity(batch.iter().map(|record| record.len() + 1).sum::<usize>() + 1);
    for (number, record) in batch.iter().enumerate() {
        body.put_u8(if number == 0 { b'[' } else { b',' });
        body.put_slice(record);
    }
    body.put_u8(b']');
    body.freeze()
}
