//! How long a bucket locks new versions that do not say so themselves.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use api_s3::{DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled};
use kernel::Fault;
use store::ReadTx;

use crate::bucket::Bucket;
use crate::setting::OBJECT_LOCK;
use crate::{errors, limits};

/// The bucket's rule for new versions, if it has one: mode, and days or years.
pub fn default_retention(
    tx: &ReadTx<'_>,
    name: &str,
    bucket: &Bucket,
) -> Result<Option<DefaultRetention>, Fault> {
    if !bucket.object_lock {
        return Ok(None);
    }
    let set = OBJECT_LOCK.of(tx, name, bucket)?;
    Ok(set.and_then(|set| set.rule?.default_retention))
}

/// A configuration that S3 takes.
pub fn check(asked: &ObjectLockConfiguration) -> Result<(), Fault> {
    if asked.object_lock_enabled != Some(ObjectLockEnabled::Enabled) {
        return Err(errors::malformed_xml());
    }
    let Some(rule) = &asked.rule else { return Ok(()) };
    let retention = rule.default_retention.as_ref().ok_or_else(errors::malformed_xml)?;
    if retention.default_event_hold.is_some() {
        return Err(errors::not_emulated("event holds"));
    }
    if retention.mode.is_none() {
        return Err(errors::malformed_xml());
    }
    match (retention.days, retention.years) {
        (Some(days), None) => check_period(days, limits::RETENTION_DAYS),
        (None, Some(years)) => check_period(years, limits::RETENTION_YEARS),
        _ => Err(errors::malformed_xml()),
    }
}

fn check_period(asked: i32, most: i32) -> Result<(), Fault> {
    let invalid = |message: &str| Err(Fault::client("InvalidArgument", message));
    match asked {
        ..=0 => invalid("Default retention period must be a positive integer value."),
        _ if asked > most => invalid("Default retention period too large"),
        _ => Ok(()),
    }
}
