//! What a bucket blocks of public access.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use api_s3::PublicAccessBlockConfiguration;
use api_s3control::{GetPublicAccessBlock, GetPublicAccessBlockInput};
use kernel::{Context, Fault, Operation};
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

/// What a bucket's account blocks, and the bucket with it.
///
/// S3 Control knows the account's part; where it does not run, there is none.
pub async fn of_account(cx: &Context) -> Result<PublicAccessBlockConfiguration, Fault> {
    if cx.calls.service(GetPublicAccessBlock::SERVICE.name).is_none() {
        return Ok(PublicAccessBlockConfiguration::default());
    }
    let input = GetPublicAccessBlockInput { account_id: cx.scope.account.to_string() };
    match cx.call::<GetPublicAccessBlock>(input).await {
        Ok(output) => {
            let block = output.public_access_block_configuration.unwrap_or_default();
            Ok(PublicAccessBlockConfiguration {
                block_public_acls: block.block_public_acls,
                ignore_public_acls: block.ignore_public_acls,
                block_public_policy: block.block_public_policy,
                restrict_public_buckets: block.restrict_public_buckets,
            })
        }
        Err(fault) if fault.code() == "NoSuchPublicAccessBlockConfiguration" => {
            Ok(PublicAccessBlockConfiguration::default())
        }
        Err(fault) => Err(fault),
    }
}

/// What the bucket blocks; nothing where it was not asked to.
fn of(tx: &ReadTx<'_>, name: &str, bucket: &Bucket) -> Result<PublicAccessBlockConfiguration, Fault> {
    Ok(PUBLIC_ACCESS.of(tx, name, bucket)?.unwrap_or_default())
}

/// Refuses a public ACL where the bucket or its account blocks such.
pub fn check_acl(
    tx: &ReadTx<'_>,
    name: &str,
    bucket: &Bucket,
    account: &PublicAccessBlockConfiguration,
) -> Result<(), Fault> {
    let blocked = [account.block_public_acls, of(tx, name, bucket)?.block_public_acls];
    if blocked.contains(&Some(true)) { Err(errors::access_denied()) } else { Ok(()) }
}

/// Refuses a public policy where the bucket or its account blocks such.
pub fn check_policy(
    tx: &ReadTx<'_>,
    name: &str,
    bucket: &Bucket,
    account: &PublicAccessBlockConfiguration,
) -> Result<(), Fault> {
    let blocked = [account.block_public_policy, of(tx, name, bucket)?.block_public_policy];
    if blocked.contains(&Some(true)) { Err(errors::access_denied()) } else { Ok(()) }
}
