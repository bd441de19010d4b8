//! The attributes of subscriptions: what may be set, and what is shown.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use std::collections::BTreeMap;

use api_sns::SnsError;
use kernel::{Map, Scope};

use crate::subscription::Subscription;
use crate::topic::Topic;
use crate::{archive, delivery_policy, filter, names, redrive};

/// Checks and sets one attribute.
///
/// `ends` are the names of the topic and of the endpoint. The reason why a value is refused stands behind `Invalid parameter: `; who subscribes puts more before it.
pub fn set(
    attributes: &mut BTreeMap<String, String>,
    name: &str,
    value: &str,
    (topic, endpoint): (&str, &str),
) -> Result<(), String> {
    let value = match name {
        "DeliveryPolicy" => delivery_policy::of_subscription(value).map_err(said)?,
        "FilterPolicy" if value.is_empty() || value == "{}" => {
            attributes.remove(name);
            return Ok(());
        }
        "FilterPolicy" => {
            let scope = attributes.get("FilterPolicyScope").map(String::as_str);
            filter::check(value, scope)?;
            attributes.entry("FilterPolicyScope".to_owned()).or_insert_with(|| filter::ATTRIBUTES.to_owned());
            value.to_owned()
        }
        "FilterPolicyScope" if [filter::ATTRIBUTES, filter::BODY].contains(&value) => value.to_owned(),
        "FilterPolicyScope" => {
            return Err(format!(
                "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
            ));
        }
        "RawMessageDelivery" => match value.to_ascii_lowercase().as_str() {
            value @ ("true" | "false") => value.to_owned(),
            _ => {
                return Err(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false."));
            }
        },
        "RedrivePolicy" if value.is_empty() || value == "{}" => {
            attributes.remove(name);
            return Ok(());
        }
        "RedrivePolicy" => {
            redrive::check(value, topic, endpoint)?;
            value.to_owned()
        }
        "ReplayPolicy" => {
            archive::check_replay(value, topic)?;
            value.to_owned()
        }
        "SubscriptionRoleArn" => value.to_owned(),
        _ => return Err("AttributeName".to_owned()),
    };
    attributes.insert(name.to_owned(), value);
    Ok(())
}

/// Sets the attributes that come with a new subscription; the filter after what it applies to.
pub fn set_all(given: &Map<String, String>, ends: (&str, &str)) -> Result<BTreeMap<String, String>, String> {
    let mut attributes = BTreeMap::new();
    let (filter, others): (Vec<_>, Vec<_>) = given.iter().partition(|(name, _)| *name == "FilterPolicy");
    for (name, value) in others.into_iter().chain(filter) {
        set(&mut attributes, name, value, ends)?;
    }
    Ok(attributes)
}

fn said(error: SnsError) -> String {
    let fault: kernel::Fault = error.into();
    fault.message().trim_start_matches("Invalid parameter: ").to_owned()
}

/// Whether attributes given again say something else than those there are.
pub fn differ(there: &BTreeMap<String, String>, given: &BTreeMap<String, String>) -> bool {
    let default = |name: &str| match name {
        "FilterPolicyScope" => Some(filter::ATTRIBUTES),
        "RawMessageDelivery" => Some("false"),
        _ => None,
    };
    given.iter().any(|(name, value)| {
        there.get(name).map(String::as_str).or_else(|| default(name)) != Some(value.as_str())
    })
}

/// What `GetSubscriptionAttributes` shows.
pub fn shown(scope: &Scope, name: &str, topic: &Topic, subscription: &Subscription) -> Map<String, String> {
    let mut shown: Map<String, String> = Map::new();
    let mut add = |name: &str, value: String| drop(shown.insert(name.to_owned(), value));
    let Subscription { id, owner, principal, protocol, endpoint, .. } = subscription;
    add("SubscriptionArn", names::subscription(scope, name, id));
    add("TopicArn", names::topic(scope, name));
    add("Owner", owner.to_string());
    add("Protocol", protocol.clone());
    add("Endpoint", endpoint.clone());
    add("SubscriptionPrincipal", principal.clone());
    add("ConfirmationWasAuthenticated", subscription.was_authenticated.to_string());
    add("PendingConfirmation", subscription.is_pending.to_string());
    add("RawMessageDelivery", "false".to_owned());
    let has_filter = subscription.attributes.contains_key("FilterPolicy");
    let own = subscription.attributes.get("DeliveryPolicy");
    if matches!(protocol.as_str(), "http" | "https")
        && (own.is_some() || topic.attributes.contains_key("DeliveryPolicy"))
    {
        add(
            "EffectiveDeliveryPolicy",
            delivery_policy::effective_of(topic, own.map(String::as_str)).to_string(),
        );
    }
    for (name, value) in &subscription.attributes {
        // What a filter applies to is told beside the filter.
        if name != "FilterPolicyScope" || has_filter {
            add(name, value.clone());
        }
    }
    shown
}
