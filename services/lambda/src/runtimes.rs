//! `GET /_aws/lambda/runtimes`: the runtimes that this machine has, in LocalStack's form.

use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Bytes, Context};
use runner::Runner;

const PATH: &str = "/_aws/lambda/runtimes";

/// Answers what can be run.
pub struct Runtimes(pub Runner);

impl Edge for Runtimes {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path == PATH
    }

    fn serve<'a>(&'a self, _: &'a Context, _: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let runner = self.0.clone();
            // Looking for interpreters runs programs.
            let found = tokio::task::spawn_blocking(move || runner.runtimes()).await.unwrap_or_default();
            let names: Vec<_> = found.into_iter().map(|found| found.name).collect();
            let body = serde_json::json!({ "Runtimes": names }).to_string();
            let mut headers = HeaderMap::new();
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            EdgeResponse { status: StatusCode::OK, headers, body: ByteStream::from_bytes(Bytes::from(body)) }
        })
    }
}
