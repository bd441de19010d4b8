//! The sentences AWS prints.

use api_logs::LogsError;
use kernel::Fault;

/// No group of that name.
pub fn no_such_group() -> LogsError {
    LogsError::resource_not_found_exception("The specified log group does not exist.")
}

/// No stream of that name.
pub fn no_such_stream() -> LogsError {
    LogsError::resource_not_found_exception("The specified log stream does not exist.")
}

/// A group of that name is there.
pub fn group_exists() -> LogsError {
    LogsError::resource_already_exists_exception("The specified log group already exists")
}

/// A stream of that name is there.
pub fn stream_exists() -> LogsError {
    LogsError::resource_already_exists_exception("The specified log stream already exists")
}

/// A page token that is none.
pub fn invalid_token() -> LogsError {
    LogsError::invalid_parameter_exception("The specified nextToken is invalid.")
}

/// Both name and identifier.
pub fn two_identifiers() -> LogsError {
    LogsError::validation_exception("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
}

/// Neither name nor identifier.
pub fn no_identifier() -> LogsError {
    LogsError::invalid_parameter_exception("Either LogGroup name or LogGroup ARN must be specified.")
}

/// Two ways to choose streams at once.
pub fn two_choices() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Exactly one of logStreamNames or logStreamNamePrefix should be provided, but not both.",
    )
}

/// Ordering by time cannot go with a prefix.
pub fn prefix_by_time() -> LogsError {
    LogsError::invalid_parameter_exception("Cannot order by LastEventTime with a logStreamNamePrefix.")
}

/// Events out of order.
pub fn not_chronological() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Log events in a single PutLogEvents request must be in chronological order.",
    )
}

/// Events more than a day apart.
pub fn too_wide() -> LogsError {
    LogsError::invalid_parameter_exception(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    )
}

/// Too many bytes at once.
pub fn too_large(bytes: usize, most: usize) -> LogsError {
    LogsError::invalid_parameter_exception(format!("Upload too large: {bytes} bytes exceeds limit of {most}"))
}

/// A filter pattern that is none.
pub fn invalid_pattern() -> LogsError {
    LogsError::invalid_parameter_exception("Invalid filter pattern")
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> LogsError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}
