//! The sentences AWS prints.

use api_sqs::SqsError;
use kernel::Fault;

/// Codes that AWS does not model end in `Exception` in the JSON protocol only.
fn invalid_parameter(message: impl Into<String>) -> SqsError {
    Fault::client("InvalidParameterValueException", message).query_code("InvalidParameterValue").into()
}

/// A value that a parameter cannot have, and why.
pub fn invalid_value(value: &str, name: &str, reason: &str) -> SqsError {
    invalid_parameter(format!("Value {value} for parameter {name} is invalid. Reason: {reason}"))
}

/// No queue of that name, or the URL names none.
pub fn no_such_queue() -> SqsError {
    SqsError::queue_does_not_exist("The specified queue does not exist.")
}

/// A URL that is none of a queue.
pub fn invalid_address(url: &str) -> SqsError {
    SqsError::invalid_address(format!("The address {url} is not valid for this endpoint."))
}

/// An operation that is not asked of a queue.
pub fn invalid_action(action: &str) -> Fault {
    Fault::client("InvalidAction", format!("The action {action} is not valid for this endpoint."))
}

/// A queue of that name with another attribute.
pub fn different_attribute(attribute: &str) -> SqsError {
    let message =
        format!("A queue already exists with the same name and a different value for attribute {attribute}");
    SqsError::queue_name_exists(message)
}

/// A name that a queue had until a moment ago.
pub fn deleted_recently() -> SqsError {
    SqsError::queue_deleted_recently(
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    )
}

/// A purge soon after another.
pub fn purged_recently(name: &str) -> SqsError {
    let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
    SqsError::purge_queue_in_progress(message)
}

/// A name with other characters, or none, or too many.
pub fn invalid_name() -> SqsError {
    invalid_parameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
}

/// A FIFO queue whose name does not say so.
pub fn fifo_name() -> SqsError {
    invalid_parameter(
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with \
         .fifo suffix and be 1 to 80 in length.",
    )
}

/// An attribute that queues do not have.
pub fn unknown_attribute(name: &str) -> SqsError {
    SqsError::invalid_attribute_name(format!("Unknown Attribute {name}."))
}

/// An attribute that only FIFO queues have.
pub fn fifo_attribute(name: &str) -> SqsError {
    SqsError::invalid_attribute_name(format!(
        "You can specify the {name} only when FifoQueue is set to true."
    ))
}

/// Two ways to encrypt at once.
pub fn two_encryptions() -> SqsError {
    SqsError::invalid_attribute_name(
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    )
}

/// A value that an attribute cannot have.
pub fn invalid_attribute(name: &str) -> SqsError {
    SqsError::invalid_attribute_value(format!("Invalid value for the parameter {name}."))
}

/// A value that an attribute cannot have, and why.
pub fn invalid_attribute_because(name: &str, reason: &str) -> SqsError {
    SqsError::invalid_attribute_value(format!("Invalid value for the parameter {name}. Reason: {reason}"))
}

/// A number out of its range.
pub fn out_of_range(name: &str, value: i64, (least, most): (i64, i64)) -> SqsError {
    invalid_value(&value.to_string(), name, &format!("Must be >= {least} and <= {most}, if provided."))
}

/// A parameter that the request must have.
pub fn missing_parameter(name: &str) -> SqsError {
    let message = format!("The request must contain the parameter {name}.");
    Fault::client("MissingRequiredParameterException", message).query_code("MissingParameter").into()
}

/// A parameter that an entry of a batch must have.
pub fn missing_in_batch(name: &str) -> SqsError {
    invalid_parameter(format!("The request must contain the parameter {name}."))
}

/// A parameter that queues of this type do not know.
pub fn wrong_queue_type(value: &str, name: &str) -> SqsError {
    invalid_value(value, name, "The request include parameter that is not valid for this queue type.")
}

/// An id of a message group or of a deduplication with other characters, or none, or too many.
pub fn invalid_message_id(value: &str, name: &str) -> SqsError {
    let reason =
        format!("{name} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    invalid_value(value, name, &reason)
}

/// A message of a FIFO queue that nothing tells from others.
pub fn no_deduplication() -> SqsError {
    invalid_parameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
}

/// A number of messages that no receive may ask for.
pub fn too_many_messages(value: i32) -> SqsError {
    invalid_value(&value.to_string(), "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
}

/// A queue with as many messages under way as can be.
pub fn too_many_in_flight() -> SqsError {
    SqsError::over_limit("The maximum number of in flight messages is reached.")
}

/// A body that is too long.
pub fn too_long(most: usize) -> SqsError {
    invalid_parameter(format!(
        "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
    ))
}

/// A body in a batch that is too long.
pub fn too_long_in_batch(most: usize) -> SqsError {
    invalid_parameter(format!(
        "One or more parameters cannot be validated. Reason: Message must be shorter than {most} bytes."
    ))
}

/// What AWS says of characters that XML 1.0 does not have.
pub const INVALID_CHARACTERS: &str = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to \
                                      #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";

/// Such characters in a body.
pub fn invalid_characters() -> SqsError {
    SqsError::invalid_message_contents(INVALID_CHARACTERS)
}

/// A receipt handle that we did not give out, or not for this queue.
pub fn invalid_handle(handle: &str) -> SqsError {
    SqsError::receipt_handle_is_invalid(format!(
        "The input receipt handle \"{handle}\" is not a valid receipt handle."
    ))
}

/// A receipt handle of a FIFO queue whose message came back meanwhile.
pub fn expired_handle(handle: &str) -> SqsError {
    invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.")
}

/// A receipt handle of a message that is gone.
pub fn not_available(handle: &str) -> SqsError {
    let reason = "Message does not exist or is not available for visibility timeout change.";
    invalid_value(handle, "ReceiptHandle", reason)
}

/// A message that would be hidden for more than twelve hours.
pub fn hidden_too_long(seconds: i64) -> SqsError {
    let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
    invalid_value(&seconds.to_string(), "VisibilityTimeout", reason)
}

/// A message attribute that is not as it must be.
pub fn bad_message_attribute(message: impl Into<String>) -> SqsError {
    invalid_parameter(message)
}

/// A batch without entries.
pub fn empty_batch(entry: &str) -> SqsError {
    SqsError::empty_batch_request(format!("There should be at least one {entry} in the request."))
}

/// A batch with too many entries.
pub fn too_many_entries(count: usize) -> SqsError {
    SqsError::too_many_entries_in_batch_request(format!(
        "Maximum number of entries per request are 10. You have sent {count}."
    ))
}

/// A batch entry's id with other characters, or none, or too many.
pub fn invalid_entry_id() -> SqsError {
    SqsError::invalid_batch_entry_id(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 \
         letters long.",
    )
}

/// An id of two entries.
pub fn repeated_entry_id(id: &str) -> SqsError {
    SqsError::batch_entry_ids_not_distinct(format!("Id {id} repeated."))
}

/// A batch that is too long.
pub fn batch_too_long(size: usize) -> SqsError {
    let most = crate::limits::MESSAGE;
    SqsError::batch_request_too_long(format!(
        "Batch requests cannot be longer than {most} bytes. You have sent {size} bytes."
    ))
}

/// A resource that a move task names.
pub fn no_such_resource(parameter: &str) -> SqsError {
    SqsError::resource_not_found_exception(format!(
        "The resource that you specified for the {parameter} parameter doesn't exist."
    ))
}

/// A move task that there is not.
pub fn no_such_task() -> SqsError {
    SqsError::resource_not_found_exception("Task does not exist.")
}

/// A move task that has ended.
pub fn task_has_ended() -> SqsError {
    SqsError::unsupported_operation("Only active tasks can be cancelled.")
}

/// A parameter of a move task.
pub fn bad_move(message: &str) -> SqsError {
    invalid_parameter(message)
}

/// More than a permission may allow.
pub fn over_limit(message: String) -> SqsError {
    SqsError::over_limit(message)
}

/// A page token that is none.
pub fn invalid_token() -> SqsError {
    invalid_parameter("Invalid or expired next token.")
}
