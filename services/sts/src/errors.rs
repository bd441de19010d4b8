//! The sentences AWS prints.

use api_sts::StsError;
use kernel::Fault;

/// A session longer than the role allows.
pub fn too_long() -> StsError {
    let message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    Fault::client("ValidationError", message).into()
}

/// A text that is no role's ARN.
pub fn not_an_arn(text: &str) -> StsError {
    Fault::client("ValidationError", format!("{text} is invalid")).into()
}

/// A role that is not there; AWS does not tell that from a role that must not be assumed.
pub fn not_authorised(caller: &str, role: &str) -> StsError {
    let message = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}");
    Fault::new("AccessDenied", 403, message).into()
}
