//! Lifecycle: which rules hold for which objects, and when.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

pub mod worker;

use api_s3::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule, Tag};
use kernel::{Context, Fault, Map, Timestamp};

use crate::bucket::Bucket;
use crate::object::Object;
use crate::setting::LIFECYCLE;
use crate::version::Spot;
use crate::{S3, names};

const DAY: i64 = 86_400_000;
/// Smaller objects stay in their class, unless a rule speaks of sizes: moving them would cost more than it saves.
const LEAST_MOVED: u64 = 128 * 1024;

/// The first midnight, in UTC, that is later than so many days after an instant.
pub fn midnight_after(instant: i64, days: i64) -> i64 {
    ((instant + days * DAY).div_euclid(DAY) + 1) * DAY
}

/// When, and by which rule, an object expires, as the answer's header has it. Nothing is told to who names a version.
pub fn expiration(
    s3: &S3,
    cx: &Context,
    bucket: &Bucket,
    spot: Spot<'_>,
    object: &Object,
) -> Result<Option<String>, Fault> {
    if !LIFECYCLE.is_set(bucket) {
        return Ok(None);
    }
    let configuration = s3.store.read(&cx.scope, |tx| LIFECYCLE.of(tx, spot.bucket, bucket))?;
    let rules = configuration.map(|configuration| configuration.rules).unwrap_or_default();
    let due = active(&rules)
        .filter(|rule| applies(rule, spot.key, object))
        .filter_map(|rule| Some((expires(rule, object)?, rule.id.clone().unwrap_or_default())))
        .min_by_key(|(due, _)| *due);
    Ok(due.map(|(due, rule)| {
        let date = Timestamp::from_millisecond(due).unwrap_or(Timestamp::MAX);
        let rule = names::url_encoded(&rule);
        format!("expiry-date=\"{}\", rule-id=\"{rule}\"", date.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    }))
}

/// The rules that are in force.
fn active(rules: &[LifecycleRule]) -> impl Iterator<Item = &LifecycleRule> {
    rules.iter().filter(|rule| rule.status == ExpirationStatus::Enabled)
}

/// When a rule expires a current object.
fn expires(rule: &LifecycleRule, object: &Object) -> Option<i64> {
    let expiration = rule.expiration.as_ref()?;
    match (expiration.date, expiration.days) {
        (Some(date), _) => Some(date.as_millisecond()),
        (None, Some(days)) => Some(midnight_after(object.modified, i64::from(days))),
        (None, None) => None,
    }
}

/// Whether a rule's filter lets an object through.
fn applies(rule: &LifecycleRule, key: &str, object: &Object) -> bool {
    let tags = &object.about.tags;
    let starts = |prefix: &Option<String>| prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix));
    let above = |size: Option<i64>| size.is_none_or(|size| object.length() > size);
    let below = |size: Option<i64>| size.is_none_or(|size| object.length() < size);
    let Some(filter) = &rule.filter else { return starts(&rule.prefix) };
    let all = filter.and.as_ref().is_none_or(|all| {
        starts(&all.prefix)
            && above(all.object_size_greater_than)
            && below(all.object_size_less_than)
            && all.tags.iter().flatten().all(|tag| has(tags, tag))
    });
    starts(&filter.prefix)
        && starts(&rule.prefix)
        && filter.tag.as_ref().is_none_or(|tag| has(tags, tag))
        && above(filter.object_size_greater_than)
        && below(filter.object_size_less_than)
        && all
}

/// Whether a rule speaks of the sizes of objects.
pub fn speaks_of_sizes(rule: &LifecycleRule) -> bool {
    rule.filter.as_ref().is_some_and(|filter| {
        filter.object_size_greater_than.is_some()
            || filter.object_size_less_than.is_some()
            || filter.and.as_ref().is_some_and(|all| {
                all.object_size_greater_than.is_some() || all.object_size_less_than.is_some()
            })
    })
}

fn has(tags: &Map<String, String>, tag: &Tag) -> bool {
    tags.get(&tag.key) == Some(&tag.value)
}

/// The configuration with the rules in force alone.
fn in_force(configuration: BucketLifecycleConfiguration) -> Vec<LifecycleRule> {
    configuration.rules.into_iter().filter(|rule| rule.status == ExpirationStatus::Enabled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's page: made on the 15th at 10:30, three days, so on the 19th at midnight.
    #[test]
    fn days_end_at_the_next_midnight() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        assert_eq!(midnight_after(at("2014-01-15T10:30:00Z"), 3), at("2014-01-19T00:00:00Z"));
    }
}
