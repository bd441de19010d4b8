//! What a bucket blocks of public access.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use api_s3::PublicAccessBlockConfiguration;
use kernel::Fault;
use store::ReadTx;

use crate::bucket::Bucket;
use crate::errors;
use crate::setting::PUBLIC_ACCESS;

/// What new buckets have since April 2023: everything is blocked.
pub fn all() -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: Some(true),
        ignore_public_acls: Some(true),
        block_public_policy: Some(true),
        restrict_public_buckets: Some(true),
    }
}

/// What the bucket blocks; nothing where it was not asked to.
pub fn of(tx: &ReadTx<'_>, name: &str, bucket: &Bucket) -> Result<PublicAccessBlockConfiguration, Fault> {
    Ok(PUBLIC_ACCESS.of(tx, name, bucket)?.unwrap_or_default())
}

/// Refuses an ACL that lets everybody in where the bucket blocks such.
pub fn check_acl(tx: &ReadTx<'_>, name: &str, bucket: &Bucket, is_public: bool) -> Result<(), Fault> {
    if is_public && of(tx, name, bucket)?.block_public_acls == Some(true) {
        return Err(errors::access_denied());
    }
    Ok(())
}

/// Refuses a policy that lets everybody in where the bucket blocks such.
pub fn check_policy(tx: &ReadTx<'_>, name: &str, bucket: &Bucket, is_public: bool) -> Result<(), Fault> {
    if is_public && of(tx, name, bucket)?.block_public_policy == Some(true) {
        return Err(errors::access_denied());
    }
    Ok(())
}
