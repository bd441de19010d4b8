//! Lifecycle rules that S3 takes.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use std::collections::HashSet;

use api_s3::{
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, NoncurrentVersionTransition, Tag, Transition,
    TransitionStorageClass,
};
use kernel::{Fault, Timestamp};

use crate::{errors, lifecycle, limits};

/// Rules that a bucket may have together.
pub fn check(rules: &[LifecycleRule]) -> Result<(), Fault> {
    if rules.is_empty() || rules.len() > limits::LIFECYCLE_RULES {
        return Err(errors::malformed_xml());
    }
    let mut ids = HashSet::new();
    for rule in rules {
        check_rule(rule)?;
        if !rule.id.as_ref().is_none_or(|id| ids.insert(id)) {
            let message = "Rule ID must be unique. Found same ID for more than one rule";
            return Err(Fault::client("InvalidArgument", message));
        }
    }
    Ok(())
}

fn check_rule(rule: &LifecycleRule) -> Result<(), Fault> {
    if rule.id.as_ref().is_some_and(|id| id.chars().count() > limits::RULE_ID_CHARS) {
        let message = "ID length should not exceed allowed limit of 255";
        return Err(Fault::client("InvalidArgument", message));
    }
    if rule.filter.is_some() == rule.prefix.is_some() {
        return Err(errors::malformed_xml());
    }
    rule.filter.as_ref().map_or(Ok(()), check_filter)?;
    check_actions(rule)?;
    rule.expiration.as_ref().map_or(Ok(()), check_expiration)?;
    check_transitions(rule)?;
    check_noncurrent(rule)?;
    check_against_filter(rule)
}

fn check_filter(filter: &LifecycleRuleFilter) -> Result<(), Fault> {
    let conditions = [
        filter.prefix.is_some(),
        filter.tag.is_some(),
        filter.object_size_greater_than.is_some(),
        filter.object_size_less_than.is_some(),
        filter.and.is_some(),
    ];
    if conditions.iter().filter(|is_set| **is_set).count() > 1 {
        return Err(errors::malformed_xml());
    }
    let Some(and) = &filter.and else { return Ok(()) };
    let mut keys = HashSet::new();
    if !tags(filter).iter().all(|tag| keys.insert(&tag.key)) {
        return Err(errors::invalid_request("Duplicate Tag Keys are not allowed."));
    }
    match (and.object_size_greater_than, and.object_size_less_than) {
        (Some(greater), Some(less)) if less <= greater => Err(errors::invalid_request(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.",
        )),
        _ => Ok(()),
    }
}

/// The tags that a filter asks for.
fn tags(filter: &LifecycleRuleFilter) -> Vec<&Tag> {
    let and = filter.and.iter().flat_map(|and| and.tags.iter().flatten());
    filter.tag.iter().chain(and).collect()
}

fn check_actions(rule: &LifecycleRule) -> Result<(), Fault> {
    let transitions = rule.transitions.as_ref().is_some_and(|transitions| !transitions.is_empty());
    let older = rule.noncurrent_version_transitions.as_ref();
    let has_action = rule.expiration.is_some()
        || transitions
        || older.is_some_and(|transitions| !transitions.is_empty())
        || rule.noncurrent_version_expiration.is_some()
        || rule.abort_incomplete_multipart_upload.is_some();
    if has_action {
        return Ok(());
    }
    Err(errors::invalid_request("At least one action needs to be specified in a rule"))
}

fn check_expiration(expiration: &LifecycleExpiration) -> Result<(), Fault> {
    match (expiration.date, expiration.days, expiration.expired_object_delete_marker) {
        (Some(date), None, None) => check_midnight(date),
        (None, Some(days), None) if days <= 0 => {
            Err(invalid("'Days' for Expiration action must be a positive integer"))
        }
        (None, Some(_), None) | (None, None, Some(_)) => Ok(()),
        _ => Err(errors::malformed_xml()),
    }
}

fn check_midnight(date: Timestamp) -> Result<(), Fault> {
    if date.as_millisecond().rem_euclid(86_400_000) == 0 {
        return Ok(());
    }
    let value = format!("{}.{:03}Z", date.strftime("%Y-%m-%dT%H:%M:%S"), date.subsec_millisecond());
    Err(errors::invalid_argument("'Date' must be at midnight GMT", "Date", &value))
}

fn check_transitions(rule: &LifecycleRule) -> Result<(), Fault> {
    let mut classes = HashSet::new();
    for transition in rule.transitions.iter().flatten() {
        check_transition(rule, transition)?;
        if !classes.insert(transition.storage_class.as_ref()) {
            return Err(errors::invalid_request(format!(
                "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '{}'",
                printed(rule)
            )));
        }
    }
    Ok(())
}

fn check_transition(rule: &LifecycleRule, transition: &Transition) -> Result<(), Fault> {
    let class = transition.storage_class.as_ref().ok_or_else(errors::malformed_xml)?;
    let expiration = rule.expiration.as_ref();
    let mixed = || {
        errors::invalid_request(format!(
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '{}'",
            printed(rule)
        ))
    };
    match (transition.date, transition.days) {
        (Some(_), None) if expiration.is_some_and(|expiration| expiration.days.is_some()) => Err(mixed()),
        (Some(date), None) => check_midnight(date),
        (None, Some(_)) if expiration.is_some_and(|expiration| expiration.date.is_some()) => Err(mixed()),
        (None, Some(days)) => {
            check_days(days, class, "Transition")?;
            match expiration.and_then(|expiration| expiration.days) {
                Some(end) if end <= days => Err(invalid(&format!(
                    "'Days' in the Expiration action for filter '{}' must be greater than 'Days' in the Transition \
                     action",
                    printed(rule)
                ))),
                _ => Ok(()),
            }
        }
        _ => Err(errors::malformed_xml()),
    }
}

fn check_days(days: i32, class: &TransitionStorageClass, action: &str) -> Result<(), Fault> {
    let least = match class {
        TransitionStorageClass::StandardIa | TransitionStorageClass::OnezoneIa if action == "Transition" => {
            30
        }
        _ => 0,
    };
    if days >= least {
        return Ok(());
    }
    Err(invalid(&format!(
        "'Days' in {action} action must be greater than or equal to {least} for storageClass '{class}'"
    )))
}

fn check_noncurrent(rule: &LifecycleRule) -> Result<(), Fault> {
    if let Some(expiration) = &rule.noncurrent_version_expiration {
        match (expiration.noncurrent_days, expiration.newer_noncurrent_versions) {
            (None, None) => return Err(errors::malformed_xml()),
            (Some(..=0), _) => {
                let message =
                    "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer";
                return Err(invalid(message));
            }
            _ => {}
        }
    }
    let check = |transition: &NoncurrentVersionTransition| match (
        &transition.storage_class,
        transition.noncurrent_days,
    ) {
        (Some(class), Some(days)) => check_days(days, class, "NoncurrentVersionTransition"),
        _ => Err(errors::malformed_xml()),
    };
    rule.noncurrent_version_transitions.iter().flatten().try_for_each(check)
}

/// Uploads have no tags and no size yet, delete markers never.
fn check_against_filter(rule: &LifecycleRule) -> Result<(), Fault> {
    let abort = rule.abort_incomplete_multipart_upload.as_ref();
    if abort.is_some_and(|abort| abort.days_after_initiation.is_none()) {
        return Err(errors::malformed_xml());
    }
    if abort.and_then(|abort| abort.days_after_initiation).is_some_and(|days| days <= 0) {
        let message =
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer";
        return Err(invalid(message));
    }
    let Some(filter) = &rule.filter else { return Ok(()) };
    let has_tags = !tags(filter).is_empty();
    if abort.is_some() && has_tags {
        let message = "AbortIncompleteMultipartUpload cannot be specified with Tags.";
        return Err(errors::invalid_request(message));
    }
    if abort.is_some() && lifecycle::speaks_of_sizes(rule) {
        let message = "AbortIncompleteMultipartUpload cannot be specified with Object Size.";
        return Err(errors::invalid_request(message));
    }
    let markers = rule.expiration.as_ref().and_then(|expiration| expiration.expired_object_delete_marker);
    if markers == Some(true) && has_tags {
        return Err(errors::invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags."));
    }
    Ok(())
}

fn invalid(message: &str) -> Fault {
    Fault::client("InvalidArgument", message)
}

/// A filter as AWS prints it.
fn printed(rule: &LifecycleRule) -> String {
    let filter = rule.filter.as_ref();
    let prefix = rule.prefix.as_ref().or_else(|| {
        let filter = filter?;
        filter.prefix.as_ref().or_else(|| filter.and.as_ref()?.prefix.as_ref())
    });
    let mut text = format!("(prefix={}", prefix.map_or("", String::as_str));
    for tag in filter.map(tags).unwrap_or_default() {
        text.push_str(&format!(" and tag(key={}, value={})", tag.key, tag.value));
    }
    text + ")"
}
