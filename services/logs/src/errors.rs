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

/// A name longer than names may be.
pub fn name_too_long() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Invalid LogGroup or LogStream, both must have length less than or equal to 512.",
    )
}

/// Something that groups of this class do not have.
pub fn infrequent_access() -> LogsError {
    LogsError::invalid_operation_exception(
        "This operation is not supported for log groups of the INFREQUENT_ACCESS class.",
    )
}

/// A group that is not to be deleted.
pub fn is_protected() -> LogsError {
    LogsError::validation_exception(
        "Cannot delete log group because deletion protection is enabled. Disable deletion protection and try again.",
    )
}

/// One more than may be.
pub fn limit_exceeded() -> LogsError {
    LogsError::limit_exceeded_exception("Resource limit exceeded.")
}

/// No metric filter of that name.
pub fn no_such_metric_filter() -> LogsError {
    LogsError::resource_not_found_exception("The specified metric filter does not exist.")
}

/// No subscription filter of that name.
pub fn no_such_subscription_filter() -> LogsError {
    LogsError::resource_not_found_exception("The specified subscription filter does not exist.")
}

/// No destination of that name.
pub fn no_such_destination() -> LogsError {
    LogsError::resource_not_found_exception("The specified destination does not exist.")
}

/// Nothing of that ARN.
pub fn no_such_resource() -> LogsError {
    LogsError::resource_not_found_exception("The specified resource does not exist.")
}

/// A function of another account.
pub fn cross_account_function() -> LogsError {
    LogsError::access_denied_exception(
        "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross \
         account lambda triggers.",
    )
}

/// A function that is not there or may not be called.
pub fn cannot_invoke() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your \
         function.",
    )
}

/// A stream without a role that may write to it.
pub fn role_needed(vendor: &str) -> LogsError {
    LogsError::invalid_parameter_exception(format!(
        "destinationArn for vendor {vendor} cannot be used without roleArn"
    ))
}

/// A stream that cannot be written to.
pub fn cannot_deliver(target: &str) -> LogsError {
    LogsError::invalid_parameter_exception(format!(
        "Could not deliver test message to specified {target}. Check if the given {target} is in ACTIVE state."
    ))
}

/// An ARN that is none.
pub fn invalid_destination_arn() -> LogsError {
    LogsError::invalid_parameter_exception("destinationArn is not a valid ARN.")
}

/// No policy of that name.
pub fn no_such_policy(name: &str) -> LogsError {
    LogsError::resource_not_found_exception(format!("Policy with name [{name}] does not exist."))
}

/// A group without a data protection policy.
pub fn no_data_protection(group: &str) -> LogsError {
    LogsError::resource_not_found_exception(format!(
        "Data protection policy for log group {group} does not exist."
    ))
}

/// A group without a transformer.
pub fn no_transformer() -> LogsError {
    LogsError::resource_not_found_exception("The specified transformer does not exist.")
}

/// Policies of one type that are for the same groups.
pub fn overlapping_policies(name: &str) -> LogsError {
    LogsError::invalid_parameter_exception(format!(
        "The selection criteria overlap those of the policy {name}."
    ))
}

/// A policy that somebody else has changed meanwhile.
pub fn other_revision() -> LogsError {
    LogsError::operation_aborted_exception(
        "The expected revision ID does not match the policy's revision ID.",
    )
}

/// A policy that is not JSON.
pub fn invalid_policy() -> LogsError {
    LogsError::invalid_parameter_exception("Policy document is not valid JSON.")
}

/// Nothing of that kind and name in the account.
pub fn not_in_account(what: &str) -> LogsError {
    LogsError::resource_not_found_exception(format!("Requested {what} does not exist in this account."))
}

/// No task of that id.
pub fn no_such_task() -> LogsError {
    LogsError::resource_not_found_exception("The specified export task does not exist.")
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> LogsError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}

/// A number of days that AWS does not offer.
pub fn invalid_retention(days: i32) -> LogsError {
    LogsError::invalid_parameter_exception(format!(
        "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must \
         satisfy enum value set: {:?}",
        crate::limits::RETENTION_DAYS
    ))
}

/// A destination whose policy does not name the caller.
pub fn not_let_in(arn: &str) -> LogsError {
    LogsError::access_denied_exception(format!(
        "User is not authorized to perform: logs:PutSubscriptionFilter on resource: {arn}"
    ))
}

/// No saved query of that id.
pub fn no_such_query_definition() -> LogsError {
    LogsError::resource_not_found_exception("The specified query definition does not exist.")
}

/// No query of that id.
pub fn no_such_query(id: &str) -> LogsError {
    LogsError::resource_not_found_exception(format!("Query {id} does not exist."))
}

/// A query that is none.
pub fn malformed_query(reason: &str) -> LogsError {
    LogsError::malformed_query_exception(reason)
}

/// A group that a query names and that is not there.
pub fn no_group_for_query(group: &str, account: &str) -> LogsError {
    LogsError::resource_not_found_exception(format!(
        "Log group '{group}' does not exist for account ID '{account}'"
    ))
}

/// A bucket that an export names and that is not there.
pub fn no_such_bucket() -> LogsError {
    LogsError::invalid_parameter_exception(
        "The given bucket does not exist. Please make sure the bucket is valid.",
    )
}

/// An export that has ended.
pub fn already_finished() -> LogsError {
    LogsError::invalid_operation_exception(
        "The specified export task has already finished and cannot be cancelled.",
    )
}

/// More groups than may be followed at once.
pub fn too_many_groups() -> LogsError {
    LogsError::invalid_parameter_exception("At most 10 log groups can be specified.")
}

/// Streams are chosen of one group only.
pub fn streams_of_many_groups() -> LogsError {
    LogsError::invalid_parameter_exception(
        "logStreamNames and logStreamNamePrefixes can only be specified with one log group.",
    )
}

/// A name where an ARN is needed.
pub fn group_arn_needed(given: &str) -> LogsError {
    LogsError::invalid_parameter_exception(format!("Invalid log group ARN: {given}"))
}

/// A query without groups.
pub fn no_groups_for_query() -> LogsError {
    LogsError::invalid_parameter_exception("At least one log group must be specified.")
}

/// Groups named in two ways.
pub fn groups_named_twice() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Only one of logGroupName, logGroupNames or logGroupIdentifiers can be specified.",
    )
}

/// Groups named beside a query that tells them itself.
pub fn groups_named_and_selected() -> LogsError {
    LogsError::invalid_parameter_exception(
        "Log groups can be specified either in the request or by the SOURCE command of the query, but not by both.",
    )
}

/// More groups than a query may select.
pub fn too_many_selected() -> LogsError {
    LogsError::invalid_parameter_exception(
        "The query selects more than 10000 log groups. Use another selection of log groups.",
    )
}

/// More groups than one query may have.
pub fn too_many_query_groups() -> LogsError {
    LogsError::invalid_parameter_exception("At most 50 log groups can be specified in a query.")
}

/// A pointer that names no event.
pub fn invalid_pointer() -> LogsError {
    LogsError::invalid_parameter_exception("The specified logRecordPointer is invalid.")
}

/// A pointer to an event that is gone.
pub fn no_such_record() -> LogsError {
    LogsError::resource_not_found_exception("The specified log record does not exist.")
}
