//! The attributes of topics: what may be set, and what is shown.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use api_sns::SnsError;
use kernel::{Map, Scope};
use serde_json::Value;

use crate::topic::Topic;
use crate::{delivery_policy, errors, limits, names, permission};

/// Attributes whose values are taken as they are.
const PLAIN: [&str; 2] = ["DisplayName", "KmsMasterKeyId"];
/// The protocols whose deliveries can be logged, as attributes name them.
const LOGGED: [&str; 5] = ["Application", "Firehose", "HTTP", "Lambda", "SQS"];

/// Checks and sets one attribute; an empty value takes it away where AWS lets it.
pub fn set(topic: &mut Topic, name: &str, value: &str, now: i64) -> Result<(), SnsError> {
    check(topic, name, value)?;
    if name == "ArchivePolicy" {
        let is_on = value != "{}" && !value.is_empty();
        topic.archive_begins = is_on.then(|| topic.archive_begins.unwrap_or(now));
        if !is_on {
            topic.attributes.remove(name);
            return Ok(());
        }
    }
    if value.is_empty() && name != "DisplayName" {
        topic.attributes.remove(name);
        return Ok(());
    }
    let value = match name {
        "ContentBasedDeduplication" => value.to_ascii_lowercase(),
        "DeliveryPolicy" => delivery_policy::of_topic(value)?,
        _ => value.to_owned(),
    };
    topic.attributes.insert(name.to_owned(), value);
    Ok(())
}

fn check(topic: &Topic, name: &str, value: &str) -> Result<(), SnsError> {
    let one_of = |values: &[&str]| {
        if values.contains(&value) { Ok(()) } else { Err(errors::invalid(name)) }
    };
    match name {
        "ArchivePolicy" if topic.is_fifo => archive(value),
        "ContentBasedDeduplication" if topic.is_fifo => {
            if matches!(value.to_ascii_lowercase().as_str(), "true" | "false") {
                Ok(())
            } else {
                Err(errors::because(name, format!("Invalid value [{value}]. Must be true or false.")))
            }
        }
        "DeliveryPolicy" => delivery_policy::of_topic(value).map(drop),
        "FifoThroughputScope" if topic.is_fifo => one_of(&["Topic", "MessageGroup"]),
        "Policy" => permission::check(value),
        "SignatureVersion" => one_of(&["1", "2"]),
        "TracingConfig" => one_of(&["Active", "PassThrough"]),
        name if PLAIN.contains(&name) => Ok(()),
        name => feedback(name, value),
    }
}

/// `SQSSuccessFeedbackRoleArn` and its like.
fn feedback(name: &str, value: &str) -> Result<(), SnsError> {
    let rest = LOGGED.iter().find_map(|protocol| name.strip_prefix(protocol));
    match rest {
        Some("SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn") => Ok(()),
        Some("SuccessFeedbackSampleRate") if value.parse::<u8>().is_ok_and(|rate| rate <= 100) => Ok(()),
        _ => Err(errors::invalid("AttributeName")),
    }
}

fn archive(value: &str) -> Result<(), SnsError> {
    let policy: Value = serde_json::from_str(value).map_err(|_| errors::not_json("ArchivePolicy"))?;
    let Some(policy) = policy.as_object() else { return Err(errors::not_json("ArchivePolicy")) };
    let Some(period) = policy.get("MessageRetentionPeriod") else {
        return if policy.is_empty() { Ok(()) } else { Err(errors::invalid("ArchivePolicy")) };
    };
    let days = period.as_i64().or_else(|| period.as_str()?.parse().ok());
    let (least, most) = limits::ARCHIVE_DAYS;
    if days.is_some_and(|days| (least..=most).contains(&days)) {
        return Ok(());
    }
    Err(errors::invalid(format!("ArchivePolicy: MessageRetentionPeriod must be between {least} and {most}")))
}

/// What `GetTopicAttributes` shows.
pub fn shown(scope: &Scope, name: &str, topic: &Topic) -> Map<String, String> {
    let arn = names::topic(scope, name);
    let mut shown: Map<String, String> = Map::new();
    let mut add = |name: &str, value: String| drop(shown.insert(name.to_owned(), value));
    add("TopicArn", arn.clone());
    add("Owner", scope.account.to_string());
    add("DisplayName", String::new());
    add("Policy", permission::default(&arn, scope.account.as_str()));
    add("EffectiveDeliveryPolicy", delivery_policy::effective(topic));
    add("SubscriptionsConfirmed", topic.confirmed.to_string());
    add("SubscriptionsDeleted", topic.deleted.to_string());
    add("SubscriptionsPending", topic.pending.to_string());
    if topic.is_fifo {
        add("FifoTopic", "true".to_owned());
        add("ContentBasedDeduplication", "false".to_owned());
    }
    if let Some(begins) = topic.archive_begins {
        add("BeginningArchiveTime", crate::envelope::time(begins));
    }
    topic.attributes.iter().for_each(|(name, value)| add(name, value.clone()));
    shown
}
