//! The URL from which `GetFunction` lets callers fetch the code.

use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Context, Scope};
use store::BlobId;

use crate::Lambda;
use crate::function::Function;
use crate::layer::{LAYER_VERSIONS, LayerName};
use crate::names::FunctionName;

const PREFIX: &str = "/_aws/lambda/code/";
const LAYERS: &str = "/_aws/lambda/layers/";

/// The URL of a function's code; of code that is run where it is written, its folder.
pub fn url(cx: &Context, name: &FunctionName, function: &Function) -> String {
    if let Some(folder) = &function.code.folder {
        return format!("file://{folder}");
    }
    let FunctionName { scope, name, .. } = name;
    let (host, version, revision) = (&cx.request.host, &function.version, &function.revision);
    format!("http://{host}{PREFIX}{}/{}/{name}/{version}/{revision}", scope.account, scope.region)
}

/// The URL of a layer's archive.
pub fn layer_url(cx: &Context, layer: &LayerName, version: u64, blob: &BlobId) -> String {
    let LayerName { scope, name, .. } = layer;
    format!("http://{}{LAYERS}{}/{}/{name}/{version}/{blob}", cx.request.host, scope.account, scope.region)
}

impl Edge for Lambda {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path.starts_with(PREFIX) || head.path.starts_with(LAYERS)
    }

    fn serve<'a>(&'a self, _: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move { self.download(&request.path).await.unwrap_or_else(not_found) })
    }
}

impl Lambda {
    /// The archive; only under the last part that an operation told, which nobody can guess.
    async fn download(&self, path: &str) -> Option<EdgeResponse> {
        let blob = match path.strip_prefix(LAYERS) {
            Some(rest) => self.layer_blob(rest)?,
            None => self.code_blob(path.strip_prefix(PREFIX)?)?,
        };
        let body = self.store.blobs().read(&blob, None).await.ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
        Some(EdgeResponse { status: StatusCode::OK, headers, body })
    }

    fn code_blob(&self, path: &str) -> Option<BlobId> {
        let parts: Vec<&str> = path.split('/').collect();
        let [account, region, name, version, revision] = parts.as_slice() else { return None };
        let scope = Scope::new(account, region);
        let version = version.replace("%24", "$");
        let name = FunctionName { scope, name: (*name).to_owned(), qualifier: Some(version) };
        let function = self.store.read(&name.scope, |tx| Function::find(tx, &name)).ok()??;
        (function.revision == *revision).then_some(function.code.blob)?
    }

    fn layer_blob(&self, path: &str) -> Option<BlobId> {
        let parts: Vec<&str> = path.split('/').collect();
        let [account, region, name, version, blob] = parts.as_slice() else { return None };
        let scope = Scope::new(account, region);
        let key = (*name, version.parse::<u64>().ok()?);
        let layer = self.store.read(&scope, |tx| tx.get(&LAYER_VERSIONS, &key)).ok()??;
        (layer.blob.to_string() == *blob).then_some(layer.blob)
    }
}

fn not_found() -> EdgeResponse {
    EdgeResponse { status: StatusCode::NOT_FOUND, headers: HeaderMap::new(), body: ByteStream::default() }
}
