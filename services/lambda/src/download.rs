//! The URL from which `GetFunction` lets callers fetch the code.

use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Context, Scope};

use crate::Lambda;
use crate::function::FUNCTIONS;
use crate::names::FunctionName;

const PREFIX: &str = "/_aws/lambda/code/";

/// The URL of a function's code.
pub fn url(cx: &Context, name: &FunctionName, revision: &str) -> String {
    let FunctionName { scope, name, .. } = name;
    format!("http://{}{PREFIX}{}/{}/{name}/{revision}", cx.request.host, scope.account, scope.region)
}

impl Edge for Lambda {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path.starts_with(PREFIX)
    }

    fn serve<'a>(&'a self, _: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move { self.download(&request.path).await.unwrap_or_else(not_found) })
    }
}

impl Lambda {
    /// The archive; only under the revision that `GetFunction` told, which nobody can guess.
    async fn download(&self, path: &str) -> Option<EdgeResponse> {
        let parts: Vec<&str> = path.strip_prefix(PREFIX)?.split('/').collect();
        let [account, region, name, revision] = parts.as_slice() else { return None };
        let scope = Scope::new(account, region);
        let function = self.store.read(&scope, |tx| tx.get(&FUNCTIONS, *name)).ok()??;
        if function.revision != *revision {
            return None;
        }
        let body = self.store.blobs().read(&function.code.blob, None).await.ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
        Some(EdgeResponse { status: StatusCode::OK, headers, body })
    }
}

fn not_found() -> EdgeResponse {
    EdgeResponse { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: ByteStream::default() }
}
