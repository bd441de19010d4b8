//! What is seen of requests: ids, logs; metrics and usage will join here.

use kernel::{Context, Fault, Ids};

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
