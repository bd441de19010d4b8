//! The sentences AWS prints.

use api_sns::SnsError;
use kernel::Fault;

/// A parameter that is not as it must be; `what` follows `Invalid parameter: `.
pub fn invalid(what: impl std::fmt::Display) -> SnsError {
    SnsError::invalid_parameter_exception(format!("Invalid parameter: {what}"))
}

/// A parameter that is not as it must be, with the reason.
pub fn because(parameter: &str, reason: impl std::fmt::Display) -> SnsError {
    invalid(format!("{parameter} Reason: {reason}"))
}

/// A sentence of its own.
pub fn parameter(message: impl Into<String>) -> SnsError {
    SnsError::invalid_parameter_exception(message)
}

/// A message attribute that is not as it must be.
pub fn value(message: impl Into<String>) -> SnsError {
    SnsError::invalid_parameter_value_exception(message)
}

/// No topic of that name.
pub fn no_topic() -> SnsError {
    SnsError::not_found_exception("Topic does not exist")
}

/// No such subscription.
pub fn no_subscription() -> SnsError {
    SnsError::not_found_exception("Subscription does not exist")
}

/// No such application.
pub fn no_application() -> SnsError {
    SnsError::not_found_exception("PlatformApplication does not exist")
}

/// No such endpoint of an application.
pub fn no_endpoint() -> SnsError {
    SnsError::not_found_exception("Endpoint does not exist")
}

/// A resource to tag that is none.
pub fn no_resource() -> SnsError {
    SnsError::resource_not_found_exception("Resource does not exist")
}

/// An ARN with too few parts.
pub fn short_arn(parameter: &str, parts: usize) -> SnsError {
    because(parameter, format!("An ARN must have at least 6 elements, not {parts}"))
}

/// A member that is missing, as AWS's framework words it.
pub fn missing(member: &str) -> SnsError {
    let message = format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    );
    Fault::client("ValidationError", message).into()
}

/// JSON that is none.
pub fn not_json(what: &str) -> SnsError {
    invalid(format!("{what}: failed to parse JSON."))
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> SnsError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}

/// A phone number that is none.
pub fn invalid_sms(number: &str) -> SnsError {
    parameter(format!("Invalid SMS endpoint: {number}"))
}
