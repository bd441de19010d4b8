//! ARNs of groups and streams, and names in either form.

use api_logs::LogsError;
use kernel::{Arn, Scope};

use crate::errors;

/// The ARN of a group, without the `:*` that stands for its streams.
pub fn group_arn(scope: &Scope, group: &str) -> String {
    Arn::new("logs", scope, format!("log-group:{group}")).to_string()
}

/// The ARN of a stream.
pub fn stream_arn(scope: &Scope, group: &str, stream: &str) -> String {
    format!("{}:log-stream:{stream}", group_arn(scope, group))
}

/// The group's name, given by name or by identifier, which may be an ARN.
pub fn group(name: Option<String>, identifier: Option<String>) -> Result<String, LogsError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => Ok(from_identifier(&identifier)),
        (Some(_), Some(_)) => Err(errors::two_identifiers()),
        (None, None) => Err(errors::no_identifier()),
    }
}

/// The name in an identifier: a name, or an ARN with or without `:*`.
pub fn from_identifier(identifier: &str) -> String {
    let resource = Arn::parse(identifier).map(|arn| arn.resource);
    let name =
        resource.as_deref().and_then(|resource| resource.strip_prefix("log-group:")).unwrap_or(identifier);
    name.trim_end_matches(":*").to_owned()
}
