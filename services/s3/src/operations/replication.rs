//! Copies in other buckets: `PutBucketReplication`, `GetBucketReplication`, `DeleteBucketReplication`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html>

use std::collections::HashSet;

use api_s3::{
    DeleteBucketReplication, DeleteBucketReplicationInput, DeleteBucketReplicationOutput,
    DeleteMarkerReplicationStatus, GetBucketReplication, GetBucketReplicationInput,
    GetBucketReplicationOutput, PutBucketReplication, PutBucketReplicationInput, PutBucketReplicationOutput,
    ReplicationConfiguration, ReplicationRule, S3Error,
};
use kernel::{Arn, Context, Fault, Handler};
use store::ReadTx;

use crate::bucket::{BUCKETS, Bucket, Versioning};
use crate::setting::REPLICATION;
use crate::{S3, errors, limits};

impl Handler<PutBucketReplication> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketReplicationInput,
    ) -> Result<PutBucketReplicationOutput, S3Error> {
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let mut asked = input.replication_configuration;
        for rule in asked.rules.iter_mut().filter(|rule| rule.id.as_ref().is_none_or(String::is_empty)) {
            rule.id = Some(cx.ids.base62(48));
        }
        self.set(cx, &REPLICATION, bucket, &asked, |tx, bucket| check(tx, bucket, &asked)).await?;
        Ok(PutBucketReplicationOutput {})
    }
}

impl Handler<GetBucketReplication> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketReplicationInput,
    ) -> Result<GetBucketReplicationOutput, S3Error> {
        let set = self.setting(cx, &REPLICATION, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let set = set.ok_or_else(|| errors::settings::no_replication(&input.bucket))?;
        Ok(GetBucketReplicationOutput { replication_configuration: Some(set) })
    }
}

impl Handler<DeleteBucketReplication> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBucketReplicationInput,
    ) -> Result<DeleteBucketReplicationOutput, S3Error> {
        self.unset(cx, &REPLICATION, &input.bucket, input.expected_bucket_owner.as_deref()).await?;
        Ok(DeleteBucketReplicationOutput {})
    }
}

fn check(tx: &ReadTx<'_>, bucket: &Bucket, asked: &ReplicationConfiguration) -> Result<(), Fault> {
    if asked.rules.is_empty() {
        return Err(errors::malformed_xml());
    }
    if bucket.versioning != Some(Versioning::Enabled) {
        let message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
        return Err(errors::invalid_request(message));
    }
    if asked.rules.len() > limits::LIFECYCLE_RULES {
        let message = "The number of replication rules must not exceed the allowed limit of 1000 rules.";
        return Err(errors::invalid_request(message));
    }
    let mut ids = HashSet::new();
    for rule in &asked.rules {
        check_rule(rule)?;
        check_destination(tx, rule)?;
        if !ids.insert(&rule.id) {
            return Err(Fault::client("InvalidArgument", "Rule Id must be unique"));
        }
    }
    Ok(())
}

fn check_rule(rule: &ReplicationRule) -> Result<(), Fault> {
    if rule.id.as_ref().is_some_and(|id| id.chars().count() > limits::RULE_ID_CHARS) {
        return Err(Fault::client("InvalidArgument", "ID length should not exceed allowed limit of 255"));
    }
    let Some(filter) = &rule.filter else {
        return if rule.prefix.is_some() { Ok(()) } else { Err(errors::malformed_xml()) };
    };
    let conditions = [filter.prefix.is_some(), filter.tag.is_some(), filter.and.is_some()];
    if rule.prefix.is_some() || conditions.iter().filter(|is_set| **is_set).count() > 1 {
        return Err(errors::malformed_xml());
    }
    let needed = |name: &str| {
        errors::invalid_request(format!(
            "{name} must be specified for this version of Cross Region Replication configuration schema. Please \
             refer to S3 Developer Guide for more information."
        ))
    };
    if rule.priority.is_none() {
        return Err(needed("Priority"));
    }
    let markers = rule.delete_marker_replication.as_ref().ok_or_else(|| needed("DeleteMarkerReplication"))?;
    let has_tags = filter.tag.is_some() || filter.and.as_ref().is_some_and(|and| and.tags.is_some());
    if markers.status == Some(DeleteMarkerReplicationStatus::Enabled) && has_tags {
        let message = "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 \
                       Developer Guide for more information.";
        return Err(errors::invalid_request(message));
    }
    Ok(())
}

fn check_destination(tx: &ReadTx<'_>, rule: &ReplicationRule) -> Result<(), Fault> {
    let arn = Arn::parse(&rule.destination.bucket).filter(|arn| arn.service == "s3");
    let arn = arn.ok_or_else(|| Fault::client("InvalidArgument", "Invalid bucket ARN."))?;
    match tx.get(&BUCKETS, arn.resource.as_str())? {
        Some(bucket) if bucket.versioning == Some(Versioning::Enabled) => Ok(()),
        _ => Err(errors::invalid_request("Destination bucket must have versioning enabled.")),
    }
}
