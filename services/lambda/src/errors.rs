//! The sentences AWS prints.

use api_lambda::{
    InvalidParameterValueException, InvalidRequestContentException, LambdaError, PreconditionFailedException,
    ResourceConflictException, ResourceNotFoundException, TooManyRequestsException,
};
use kernel::Fault;

/// AWS marks every error that is the caller's.
fn user() -> Option<String> {
    Some("User".to_owned())
}

/// No function of that ARN.
pub fn no_such_function(arn: &str) -> LambdaError {
    not_found(format!("Function not found: {arn}"))
}

/// No policy, or no statement of that id.
pub fn no_policy() -> LambdaError {
    not_found("The resource you requested does not exist.".to_owned())
}

fn not_found(message: String) -> LambdaError {
    LambdaError::ResourceNotFoundException(Box::new(ResourceNotFoundException {
        message: Some(message),
        r#type: user(),
    }))
}

/// A function of that name is there.
pub fn function_exists(name: &str) -> LambdaError {
    conflict(format!("Function already exist: {name}"))
}

/// A statement of that id is there.
pub fn statement_exists(id: &str) -> LambdaError {
    conflict(format!(
        "The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing \
         statement."
    ))
}

fn conflict(message: String) -> LambdaError {
    LambdaError::ResourceConflictException(Box::new(ResourceConflictException {
        message: Some(message),
        r#type: user(),
    }))
}

/// A parameter that cannot have that value.
pub fn invalid(message: impl Into<String>) -> LambdaError {
    let message = Some(message.into());
    LambdaError::InvalidParameterValueException(Box::new(InvalidParameterValueException {
        message,
        r#type: user(),
    }))
}

/// The function changed since the caller looked.
pub fn other_revision() -> LambdaError {
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API \
                   to retrieve the latest Revision Id";
    let error = PreconditionFailedException { message: Some(message.to_owned()), r#type: user() };
    LambdaError::PreconditionFailedException(Box::new(error))
}

/// A payload that is no JSON.
pub fn not_json(reason: &str) -> LambdaError {
    let message =
        format!("Could not parse request body into json: Could not parse payload into json: {reason}");
    let error = InvalidRequestContentException { message: Some(message), r#type: user() };
    LambdaError::InvalidRequestContentException(Box::new(error))
}

/// A payload that is too long.
pub fn payload_too_large(bytes: usize, most: usize) -> LambdaError {
    let message = format!(
        "{bytes} byte payload is too large for the RequestResponse invocation type (limit {most} bytes)"
    );
    Fault::new("RequestTooLargeException", 413, message).field("Type", "User").into()
}

/// All environments are busy.
pub fn too_many_requests() -> LambdaError {
    let error = TooManyRequestsException {
        message: Some("Rate Exceeded.".to_owned()),
        r#type: user(),
        ..TooManyRequestsException::default()
    };
    LambdaError::TooManyRequestsException(Box::new(error))
}

/// The machine cannot run this function.
pub fn cannot_run(message: String) -> LambdaError {
    Fault::new("InvalidRuntimeException", 502, message).field("Type", "Service").into()
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> LambdaError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}

/// A mapping of the same source and function.
pub fn mapping_exists(source: &crate::mapping::Source, arn: &str, function: &str, id: &str) -> LambdaError {
    use crate::mapping::Source;
    let what = match source {
        Source::Queue(_) => format!(
            "An event source mapping with SQS arn (\" {arn} \") and function (\" {function} \") already exists."
        ),
        Source::Stream(_) => format!(
            "The event source arn (\" {arn} \") and function (\" {function} \") provided mapping already exists."
        ),
    };
    conflict(format!("{what} Please update or delete the existing mapping with UUID {id}"))
}
