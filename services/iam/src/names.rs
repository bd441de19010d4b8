//! ARNs, paths and unique ids.

use kernel::{Arn, Context, Scope};

/// The ARN of something with a path: `arn:aws:iam::account:role/path/name`.
pub fn arn(scope: &Scope, kind: &str, path: &str, name: &str) -> String {
    Arn::global("iam", scope, format!("{kind}{path}{name}")).to_string()
}

/// A unique id, such as `AROA…` of a role.
pub fn unique_id(cx: &Context, prefix: &str) -> String {
    format!("{prefix}{}", cx.ids.base32_upper(17))
}

/// Whether the ARN is of a policy that AWS manages, which every account has.
pub fn is_managed_by_aws(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        arn.service == "iam" && arn.account == "aws" && arn.resource.starts_with("policy/")
    })
}

/// The policy's name at the end of its ARN.
pub fn policy_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
