//! The sentences AWS prints.

use api_sqs::SqsError;
use kernel::Fault;

/// Codes that AWS does not model end in `Exception` in the JSON protocol only.
fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::client("InvalidParameterValueException", message).query_code("InvalidParameterValue")
}

/// No queue of that name, or the URL names none.
pub fn no_such_queue() -> SqsError {
    SqsError::queue_does_not_exist("The specified queue does not exist.")
}

/// A URL that is none of a queue.
pub fn invalid_address(url: &str) -> SqsError {
    SqsError::invalid_address(format!("The address {url} is not valid for this endpoint."))
}

/// A queue of that name with another attribute.
pub fn different_attribute(attribute: &str) -> SqsError {
    let message =
        format!("A queue already exists with the same name and a different value for attribute {attribute}");
    SqsError::queue_name_exists(message)
}

/// A name with other characters, or none, or too many.
pub fn invalid_name() -> SqsError {
    let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    invalid_parameter(message).into()
}

/// An attribute that queues do not have.
pub fn unknown_attribute(name: &str) -> SqsError {
    SqsError::invalid_attribute_name(format!("Unknown Attribute {name}."))
}

/// A value that an attribute cannot have.
pub fn invalid_attribute(name: &str) -> SqsError {
    SqsError::invalid_attribute_value(format!("Invalid value for the parameter {name}."))
}

/// A number out of its range.
pub fn out_of_range(name: &str, value: i64, range: (i64, i64)) -> SqsError {
    let (least, most) = range;
    let message = format!(
        "Value {value} for parameter {name} is invalid. Reason: Must be >= {least} and <= {most}, if provided."
    );
    invalid_parameter(message).into()
}

/// A parameter that the request must have.
pub fn missing_parameter(name: &str) -> SqsError {
    Fault::client(
        "MissingRequiredParameterException",
        format!("The request must contain the parameter {name}."),
    )
    .query_code("MissingParameter")
    .into()
}

/// A number of messages that no receive may ask for.
pub fn too_many_messages(value: i32) -> SqsError {
    let message = format!(
        "Value {value} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
    );
    invalid_parameter(message).into()
}

/// A body that is too long.
pub fn too_long(most: usize) -> SqsError {
    let message =
        format!("One or more parameters are invalid. Reason: Message must be shorter than {most} bytes.");
    invalid_parameter(message).into()
}

/// What AWS says of characters that XML 1.0 does not have.
pub const INVALID_CHARACTERS: &str = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to \
                                      #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";

/// Such characters in a body.
pub fn invalid_characters() -> SqsError {
    SqsError::invalid_message_contents(INVALID_CHARACTERS)
}

/// A receipt handle that we did not give out.
pub fn invalid_handle(handle: &str) -> SqsError {
    SqsError::receipt_handle_is_invalid(format!(
        "The input receipt handle \"{handle}\" is not a valid receipt handle."
    ))
}

/// A receipt handle of another queue.
pub fn foreign_handle(handle: &str) -> SqsError {
    let message = format!(
        "Value {handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    );
    invalid_parameter(message).into()
}

/// A message attribute that is not as it must be.
pub fn bad_message_attribute(message: String) -> SqsError {
    invalid_parameter(message).into()
}

/// A FIFO queue whose name does not say so.
pub fn fifo_name() -> SqsError {
    let message = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
                   with .fifo suffix and be 1 to 80 in length.";
    invalid_parameter(message).into()
}

/// A page token that is none.
pub fn invalid_token() -> SqsError {
    invalid_parameter("Invalid or expired next token.").into()
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> SqsError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}
