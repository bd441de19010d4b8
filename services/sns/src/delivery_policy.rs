//! Delivery policies: how often, and after which pauses, an endpoint on the network is tried again.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use std::time::Duration;

use api_sns::SnsError;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::errors;
use crate::topic::Topic;

/// What holds where nothing was set.
const CONTENT_TYPE: &str = "text/plain; charset=UTF-8";

/// The retries of an endpoint that is usually well.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Retries {
    min_delay_target: u32,
    max_delay_target: u32,
    num_retries: u32,
    num_max_delay_retries: u32,
    num_no_delay_retries: u32,
    num_min_delay_retries: u32,
    backoff_function: String,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            min_delay_target: 20,
            max_delay_target: 20,
            num_retries: 3,
            num_max_delay_retries: 0,
            num_no_delay_retries: 0,
            num_min_delay_retries: 0,
            backoff_function: "linear".to_owned(),
        }
    }
}

impl Retries {
    /// The pause after the `failures`th failure; nothing when there are no more retries.
    pub fn pause(&self, failures: u32) -> Option<Duration> {
        if failures > self.num_retries {
            return None;
        }
        let (least, most) = (f64::from(self.min_delay_target), f64::from(self.max_delay_target));
        let first = self.num_no_delay_retries + self.num_min_delay_retries;
        let growing = self.num_retries.saturating_sub(first + self.num_max_delay_retries);
        let seconds = if failures <= self.num_no_delay_retries {
            0.0
        } else if failures <= first {
            least
        } else if failures <= first + growing {
            let part = f64::from(failures - first) / f64::from(growing.max(1));
            least + (most - least) * self.grown(part)
        } else {
            most
        };
        Some(Duration::from_secs_f64(seconds.max(0.0)))
    }

    fn grown(&self, part: f64) -> f64 {
        match self.backoff_function.as_str() {
            "arithmetic" => part * part,
            "exponential" => (part.exp2() - 1.0).powi(2),
            "geometric" => part.powi(3),
            _ => part,
        }
    }
}

/// Whether AWS would take the numbers of a retry policy.
fn check(policy: &Value) -> Result<(), SnsError> {
    if policy.is_null() {
        return Ok(());
    }
    let retries: Retries = serde_json::from_value(policy.clone())
        .map_err(|_| errors::invalid("DeliveryPolicy: healthyRetryPolicy"))?;
    let refused = |what: &str| Err(errors::invalid(format!("DeliveryPolicy: healthyRetryPolicy.{what}")));
    if !(1..=3600).contains(&retries.min_delay_target) {
        return refused("minDelayTarget must be between 1 and 3600");
    }
    if retries.max_delay_target < retries.min_delay_target || retries.max_delay_target > 3600 {
        return refused("maxDelayTarget must be between minDelayTarget and 3600");
    }
    if retries.num_retries > 100 {
        return refused("numRetries must be between 0 and 100");
    }
    let parts = retries.num_max_delay_retries + retries.num_min_delay_retries + retries.num_no_delay_retries;
    if parts > retries.num_retries {
        return refused("numRetries must not be less than the numbers of its parts");
    }
    if !["arithmetic", "exponential", "geometric", "linear"].contains(&retries.backoff_function.as_str()) {
        return refused("backoffFunction");
    }
    Ok(())
}

fn parse(policy: &str) -> Result<Map<String, Value>, SnsError> {
    match serde_json::from_str(policy) {
        Ok(Value::Object(policy)) => Ok(policy),
        _ => Err(errors::not_json("DeliveryPolicy")),
    }
}

/// A topic's policy, as it is kept.
pub fn of_topic(policy: &str) -> Result<String, SnsError> {
    if policy.is_empty() {
        return Ok(String::new());
    }
    let mut parsed = parse(policy)?;
    let Some(http) = parsed.get_mut("http").and_then(Value::as_object_mut) else {
        return Err(errors::invalid("DeliveryPolicy"));
    };
    check(http.get("defaultHealthyRetryPolicy").unwrap_or(&Value::Null))?;
    http.entry("disableSubscriptionOverrides").or_insert(false.into());
    Ok(Value::Object(parsed).to_string())
}

/// A subscription's policy, as it is kept.
pub fn of_subscription(policy: &str) -> Result<String, SnsError> {
    let parsed = parse(policy)?;
    check(parsed.get("healthyRetryPolicy").unwrap_or(&Value::Null))?;
    Ok(filled(&parsed).to_string())
}

/// All members, absent ones as nothing.
fn filled(policy: &Map<String, Value>) -> Value {
    let get = |name: &str| policy.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "healthyRetryPolicy": get("healthyRetryPolicy"),
        "sicklyRetryPolicy": get("sicklyRetryPolicy"),
        "throttlePolicy": get("throttlePolicy"),
        "requestPolicy": get("requestPolicy"),
        "guaranteed": policy.get("guaranteed").cloned().unwrap_or(false.into()),
    })
}

fn retries(own: Option<&Value>) -> Value {
    let mut retries = json!({
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
    });
    for (name, value) in own.and_then(Value::as_object).into_iter().flatten() {
        retries[name] = value.clone();
    }
    retries
}

fn of(topic: &Topic) -> Value {
    topic
        .attributes
        .get("DeliveryPolicy")
        .and_then(|policy| serde_json::from_str(policy).ok())
        .unwrap_or_default()
}

/// A topic's policy with what holds where nothing was set.
pub fn effective(topic: &Topic) -> String {
    let own = &of(topic)["http"];
    let mut http = json!({
        "defaultHealthyRetryPolicy": retries(own.get("defaultHealthyRetryPolicy")),
        "disableSubscriptionOverrides": own.get("disableSubscriptionOverrides").cloned().unwrap_or(false.into()),
    });
    if let Some(throttle) = own.get("defaultThrottlePolicy") {
        http["defaultThrottlePolicy"] = throttle.clone();
    }
    let request = own.get("defaultRequestPolicy").cloned();
    http["defaultRequestPolicy"] = request.unwrap_or_else(|| json!({ "headerContentType": CONTENT_TYPE }));
    json!({ "http": http }).to_string()
}

/// What holds for a subscription: its own policy, then its topic's, then the defaults.
pub fn effective_of(topic: &Topic, own: Option<&str>) -> Value {
    let topic = &of(topic)["http"];
    let is_overridden = topic["disableSubscriptionOverrides"] != true;
    let own = own.filter(|_| is_overridden).and_then(|own| parse(own).ok()).unwrap_or_default();
    let mut policy = filled(&own);
    let or = |own: &Value, topic: &Value| if own.is_null() { topic.clone() } else { own.clone() };
    let healthy = or(&policy["healthyRetryPolicy"], &topic["defaultHealthyRetryPolicy"]);
    policy["healthyRetryPolicy"] = retries(Some(&healthy));
    policy["throttlePolicy"] = or(&policy["throttlePolicy"], &topic["defaultThrottlePolicy"]);
    let request = or(&policy["requestPolicy"], &topic["defaultRequestPolicy"]);
    policy["requestPolicy"] = or(&request, &json!({ "headerContentType": CONTENT_TYPE }));
    policy
}

/// The retries of an effective policy.
pub fn retries_of(effective: &Value) -> Retries {
    serde_json::from_value(effective["healthyRetryPolicy"].clone()).unwrap_or_default()
}

/// The content type of an effective policy.
pub fn content_type(effective: &Value) -> &str {
    effective["requestPolicy"]["headerContentType"].as_str().unwrap_or(CONTENT_TYPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_follow_the_policy() {
        let seconds = |retries: &Retries| -> Vec<u64> {
            (1..).map_while(|failures| retries.pause(failures)).map(|pause| pause.as_secs()).collect()
        };
        assert_eq!(seconds(&Retries::default()), [20, 20, 20]);
        let policy = json!({ "minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 8, "numNoDelayRetries": 2, "numMinDelayRetries": 2, "numMaxDelayRetries": 2 });
        assert_eq!(seconds(&serde_json::from_value(policy).unwrap()), [0, 0, 1, 1, 30, 60, 60, 60]);
        assert_eq!(seconds(&Retries { num_retries: 0, ..Retries::default() }), [0; 0]);
    }
}
