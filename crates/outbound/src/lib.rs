//! HTTP requests to servers of users, such as the endpoints of SNS's subscriptions.
//!
//! The only place besides gateway and runner that opens sockets. Redirects are not followed, as AWS follows none.

mod names;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kernel::Clock;

use names::Names;

/// So much of an answer is read; the rest is of no interest to those who notify.
const MOST_ANSWER: usize = 1 << 20;

type Inner = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector<Names>>, Full<Bytes>>;

/// Sends requests. Clones share connections.
#[derive(Clone, Default)]
pub struct Client(Arc<OnceLock<Inner>>);

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or its beginning where it is very long.
    pub body: Bytes,
}

impl Client {
    /// Sends a request and waits for its whole answer, no longer than `patience`.
    ///
    /// # Errors
    /// A sentence: no connection, no trust in the certificate, no answer in time.
    pub async fn send(
        &self,
        clock: &Clock,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Answer, String> {
        let late = clock.now() + patience;
        tokio::select! {
            answer = self.exchange(request) => answer,
            () = clock.sleep_until(late) => Err(format!("no answer within {} s", patience.as_secs())),
        }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Answer, String> {
        // The system's certificates are read when the first request is sent, not when the emulator starts.
        let client = self.0.get_or_init(inner);
        let answer = client.request(request.map(Full::new)).await.map_err(|error| whole(&error))?;
        let (parts, body) = answer.into_parts();
        let body = match Limited::new(body, MOST_ANSWER).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => return Err(error.to_string()),
        };
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

fn inner() -> Inner {
    let mut http = HttpConnector::new_with_resolver(Names::default());
    http.enforce_http(false);
    let builder = HttpsConnectorBuilder::new();
    // A machine without certificates can still speak HTTP.
    let builder =
        builder.with_native_roots().unwrap_or_else(|_| HttpsConnectorBuilder::new().with_webpki_roots());
    let connector = builder.https_or_http().enable_http1().wrap_connector(http);
    hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .http1_title_case_headers(true)
        .build(connector)
}

/// An error with its causes.
fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use kernel::Clock;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn answers_come_whole_and_late_ones_not_at_all() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut first, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1000];
            let count = first.read(&mut buffer).await.unwrap();
            assert!(String::from_utf8_lossy(&buffer[..count]).starts_with("POST /hook HTTP/1.1\r\n"));
            first
                .write_all(b"HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 2\r\n\r\nhi")
                .await
                .unwrap();
            // The second never gets an answer.
            let second = listener.accept().await.unwrap();
            std::future::pending::<()>().await;
            drop(second);
        });
        let request = |name: &str| {
            Request::post(format!("http://{name}:{port}/hook"))
                .header("connection", "close")
                .body(Bytes::new())
                .unwrap()
        };
        let (client, clock) = (Client::default(), Clock::real());
        let answer = client
            .send(&clock, request("anything.localhost.localstack.cloud"), Duration::from_secs(30))
            .await
            .unwrap();
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::FOUND, &b"hi"[..]));
        let late = client.send(&clock, request("localhost"), Duration::from_millis(50)).await;
        assert_eq!(late.unwrap_err(), "no answer within 0 s");
        let refused = client
            .send(
                &clock,
                Request::get("http://127.0.0.1:1/").body(Bytes::new()).unwrap(),
                Duration::from_secs(30),
            )
            .await;
        assert!(refused.unwrap_err().contains("onnect"));
    }
}
