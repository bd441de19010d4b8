//! Names, aliases and ARNs of access points.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>

use kernel::{Arn, Fault, Ids, Scope};

use crate::errors;

/// What all aliases end with.
pub const ALIAS_END: &str = "-s3alias";
/// How much of a name its alias keeps.
const ALIAS_FRONT: usize = 20;
/// The part that makes an alias one of its kind.
const ALIAS_UNIQUE: usize = 34;

/// A name by AWS's rules.
pub fn check(name: &str) -> Result<(), Fault> {
    let stands = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    if !(3..=50).contains(&name.len()) || !name.bytes().all(stands) {
        return Err(errors::invalid_uri(name));
    }
    let reserved = name.ends_with(ALIAS_END) || name.starts_with("xn--") || name.starts_with("sthree-");
    if name.contains('.') || name.starts_with('-') || name.ends_with('-') || reserved {
        return Err(errors::invalid_request("Your Amazon S3 AccessPoint name is invalid"));
    }
    Ok(())
}

/// A name that can be used as a bucket's.
pub fn alias(name: &str, ids: &Ids) -> String {
    let front = name.get(..ALIAS_FRONT).unwrap_or(name);
    format!("{front}-{}{ALIAS_END}", ids.base36(ALIAS_UNIQUE))
}

/// The ARN of an access point.
pub fn arn(scope: &Scope, name: &str) -> String {
    Arn::new("s3", scope, format!("accesspoint/{name}")).to_string()
}
