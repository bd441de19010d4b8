//! What is seen of requests: ids, logs; metrics and usage will join here.

use std::sync::Arc;

use http::Method;
use kernel::exchange::{Exchange, Observer};
use kernel::{Context, Fault, Ids};
use protocol::{Body, Response};

use crate::body::Received;
use crate::route::Target;

/// The id of the answer, in the form of the service family.
pub fn request_id(ids: &Ids, received: &Received) -> String {
    let _ = received;
    ids.uuid()
}

/// A request was answered.
pub fn answered(target: &Target, cx: &Context) {
    tracing::debug!(
        service = target.service.schema.name,
        operation = target.operation.name,
        id = cx.request.id,
        "answered"
    );
}

/// A request was refused.
pub fn fault(target: &Target, fault: &Fault) {
    let (service, operation) = (target.service.schema.name, target.operation.name);
    if fault.status() >= 500 && fault.status() != 501 {
        tracing::error!(service, operation, %fault, "failed");
    } else {
        tracing::debug!(service, operation, code = fault.code(), message = fault.message(), "refused");
    }
}

/// A request of which its service keeps account.
pub struct Watched {
    observer: Arc<dyn Observer>,
    cx: Context,
    operation: &'static str,
    labels: protocol::Labels,
    method: Method,
    began: i64,
}

impl Watched {
    /// The request, if its service wants to know of it.
    pub fn of(target: &Target, method: &Method, cx: &Context, began: i64) -> Option<Self> {
        let observer = target.service.observer.as_ref()?;
        let (operation, labels) = (target.operation.name, &target.labels);
        observer.wants(operation, labels).then(|| Self {
            observer: observer.clone(),
            cx: cx.clone(),
            operation,
            labels: labels.clone(),
            method: method.clone(),
            began,
        })
    }

    /// What the service is told: how the request was answered.
    pub fn answered(&self, answer: &Response, error: Option<String>) -> Exchange {
        let sent = match answer.body() {
            Body::Whole(bytes) => Some(bytes.len() as u64),
            Body::Streaming(_, length) => *length,
        };
        Exchange {
            operation: self.operation,
            labels: self.labels.clone(),
            method: self.method.clone(),
            began: self.began,
            status: answer.status(),
            headers: answer.headers().clone(),
            error,
            sent,
        }
    }

    /// Tells the service.
    pub async fn tell(&self, exchange: &Exchange) {
        self.observer.observe(&self.cx, exchange).await;
    }
}
