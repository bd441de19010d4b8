//! Notification configurations that S3 takes: ARNs, events, filters.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>

use std::collections::HashSet;

use api_s3::{Event, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter};
use kernel::{Arn, Fault, Ids};

use crate::{errors, limits};

/// One configuration, whatever its destination.
pub struct Rule<'a> {
    /// Its id, which is made up where its owner gave none.
    pub id: &'a mut Option<String>,
    /// Where events go.
    pub arn: &'a str,
    /// The service of the destination.
    pub service: &'static str,
    /// The name AWS blames the destination by.
    argument: &'static str,
    events: &'a [Event],
    filter: &'a mut Option<NotificationConfigurationFilter>,
}

/// All configurations with a destination.
pub fn rules(asked: &mut NotificationConfiguration) -> Vec<Rule<'_>> {
    let mut rules = Vec::new();
    macro_rules! add {
        ($($list:ident, $arn:ident, $service:literal, $argument:literal;)*) => {$(
            rules.extend(asked.$list.iter_mut().flatten().map(|rule| Rule {
                id: &mut rule.id,
                arn: &rule.$arn,
                service: $service,
                argument: $argument,
                events: &rule.events,
                filter: &mut rule.filter,
            }));
        )*};
    }
    add! {
        queue_configurations, queue_arn, "sqs", "Queue";
        topic_configurations, topic_arn, "sns", "Topic";
        lambda_function_configurations, lambda_function_arn, "lambda", "CloudFunction";
    }
    rules
}

/// Checks them all, gives ids to those without, and writes filters as AWS does.
pub fn check(rules: &mut [Rule<'_>], region: &str, ids: &Ids) -> Result<(), Fault> {
    if rules.len() > limits::NOTIFICATIONS {
        return Err(errors::malformed_xml());
    }
    let mut known = HashSet::new();
    for rule in &mut *rules {
        check_rule(rule, region)?;
        let id = rule.id.get_or_insert_with(|| ids.base62(48));
        if !known.insert(id.clone()) {
            let message = "Same ID used for multiple configurations. IDs must be unique";
            return Err(Fault::client("InvalidArgument", message));
        }
    }
    let overlaps = |at: usize| rules[..at].iter().any(|other| overlap(other, &rules[at]));
    if (1..rules.len()).any(overlaps) {
        let message = "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the \
                       prefixes are overlapping for the same event type.";
        return Err(Fault::client("InvalidArgument", message));
    }
    Ok(())
}

fn check_rule(rule: &mut Rule<'_>, region: &str) -> Result<(), Fault> {
    let invalid = |message: &str| errors::invalid_argument(message, rule.argument, rule.arn);
    let arn = Arn::parse(rule.arn).ok_or_else(|| invalid("The ARN could not be parsed"))?;
    if arn.service != rule.service {
        return Err(invalid("The ARN is not well formed"));
    }
    if arn.region != region {
        let message =
            "The notification destination service region is not valid for the bucket location constraint";
        return Err(invalid(message));
    }
    if rule.events.is_empty() {
        return Err(errors::malformed_xml());
    }
    if let Some(Event::Unknown(event)) = rule.events.iter().find(|event| matches!(event, Event::Unknown(_))) {
        let message = "The event is not supported for notifications";
        return Err(errors::invalid_argument(message, "Event", event));
    }
    rule.filter.as_mut().map_or(Ok(()), check_filter)
}

/// A prefix, a suffix or both. AWS answers their names with a capital.
fn check_filter(filter: &mut NotificationConfigurationFilter) -> Result<(), Fault> {
    let mut known = HashSet::new();
    let key = filter.key.as_mut();
    for rule in key.and_then(|key| key.filter_rules.as_mut()).into_iter().flatten() {
        let (Some(name), Some(_)) = (&rule.name, &rule.value) else { return Err(errors::malformed_xml()) };
        let written = match name.as_str().to_ascii_lowercase().as_str() {
            "prefix" => "Prefix",
            "suffix" => "Suffix",
            _ => {
                let message = "filter rule name must be either prefix or suffix";
                return Err(errors::invalid_argument(message, "FilterRule.Name", name.as_str()));
            }
        };
        if !known.insert(written) {
            let name = written.to_ascii_lowercase();
            let message = format!("Cannot specify more than one {name} rule in a filter.");
            return Err(errors::invalid_argument(&message, "FilterRule.Name", &name));
        }
        rule.name = Some(FilterRuleName::Unknown(written.into()));
    }
    Ok(())
}

/// Whether an object's event could meet both.
fn overlap(one: &Rule<'_>, other: &Rule<'_>) -> bool {
    let shared = one.events.iter().any(|event| other.events.iter().any(|also| share(event, also)));
    let (prefixes, suffixes) =
        ((part(one, "Prefix"), part(other, "Prefix")), (part(one, "Suffix"), part(other, "Suffix")));
    shared
        && (prefixes.0.starts_with(prefixes.1) || prefixes.1.starts_with(prefixes.0))
        && (suffixes.0.ends_with(suffixes.1) || suffixes.1.ends_with(suffixes.0))
}

fn share(one: &Event, other: &Event) -> bool {
    let covers =
        |pattern: &str, event: &str| pattern.strip_suffix('*').is_some_and(|front| event.starts_with(front));
    let (one, other) = (one.as_str(), other.as_str());
    one == other || covers(one, other) || covers(other, one)
}

fn part<'a>(rule: &'a Rule<'_>, name: &str) -> &'a str {
    let rules = rule.filter.as_ref().and_then(|filter| filter.key.as_ref()?.filter_rules.as_ref());
    let is_it = |rule: &&api_s3::FilterRule| rule.name.as_ref().is_some_and(|other| other.as_str() == name);
    let found = rules.into_iter().flatten().find(is_it);
    found.and_then(|rule| rule.value.as_deref()).unwrap_or_default()
}
