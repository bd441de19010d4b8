//! `DELETE /_aws/dynamodb/expired`: removes expired items now, for tests that do not wait for the worker.
//!
//! LocalStack has the same path.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{ByteStream, Context};

use crate::Dynamodb;

/// The path that removes expired items.
pub struct ExpiredItems(pub Arc<Dynamodb>);

impl Edge for ExpiredItems {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path == "/_aws/dynamodb/expired"
    }

    fn is_private(&self, _: EdgeHead<'_>) -> bool {
        true
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            if request.method != Method::DELETE {
                return answer(StatusCode::METHOD_NOT_ALLOWED, "{}".to_owned());
            }
            match self.0.expire(cx).await {
                Ok((gone, _)) => answer(StatusCode::OK, format!("{{\"ExpiredItems\": {gone}}}")),
                Err(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, "{}".to_owned()),
            }
        })
    }
}

fn answer(status: StatusCode, body: String) -> EdgeResponse {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    EdgeResponse { status, headers, body: ByteStream::from_bytes(body.into()) }
}
