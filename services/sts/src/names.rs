//! The ARNs of those who act.

use kernel::{Arn, Scope};

/// The root user of an account.
pub fn root(scope: &Scope) -> String {
    Arn::global("iam", scope, "root").to_string()
}

/// A session of an assumed role.
pub fn assumed_role(scope: &Scope, role: &str, session: &str) -> String {
    Arn::global("sts", scope, format!("assumed-role/{role}/{session}")).to_string()
}

/// The name of a role, without its path, from the ARN's resource.
pub fn role_name(resource: &str) -> Option<&str> {
    resource.strip_prefix("role/")?.rsplit('/').next()
}
