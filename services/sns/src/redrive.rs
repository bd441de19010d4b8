//! Redrive policies: where messages go that cannot be delivered.

use kernel::{Arn, Context, Fault};
use serde_json::Value;

use crate::subscription::Subscription;

/// Checks a policy; the sentence follows `Invalid parameter: `.
pub fn check(policy: &str, topic: &str, endpoint: &str) -> Result<(), String> {
    let policy: Value =
        serde_json::from_str(policy).map_err(|_| "RedrivePolicy: failed to parse JSON.".to_owned())?;
    let target = policy["deadLetterTargetArn"].as_str().unwrap_or_default();
    let Some(arn) = Arn::parse(target).filter(|arn| arn.service == "sqs") else {
        return Err("RedrivePolicy: deadLetterTargetArn is an invalid arn".to_owned());
    };
    let is_ordered = topic.ends_with(".fifo") && endpoint.ends_with(".fifo");
    if is_ordered && !arn.resource.ends_with(".fifo") {
        return Err(
            "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.".to_owned()
        );
    }
    Ok(())
}

/// The queue for a subscription's dead letters.
pub fn queue(subscription: &Subscription) -> Option<String> {
    let policy: Value = serde_json::from_str(subscription.attributes.get("RedrivePolicy")?).ok()?;
    policy["deadLetterTargetArn"].as_str().map(str::to_owned)
}

/// Whether a failure is the receiver's fault for good: it is not tried again.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>
pub fn is_final(fault: &Fault) -> bool {
    fault.status() < 500 && fault.status() != 429 || fault.status() == 501
}

/// The pause after the `failures`th failure of a receiver within AWS: three at once, two after a second, ten growing,
/// then every 20 seconds for 23 days.
pub fn pause(cx: &Context, failures: u32) -> Option<kernel::Timestamp> {
    let seconds = match failures {
        0..=3 => 0,
        4 | 5 => 1,
        6..=15 => u64::from(failures - 5) * 2,
        16..=100_015 => 20,
        _ => return None,
    };
    Some(cx.clock.now() + std::time::Duration::from_secs(seconds))
}
