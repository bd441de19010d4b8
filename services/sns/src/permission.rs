//! Policies of topics: the default one, and statements that `AddPermission` adds.

use api_sns::SnsError;
use kernel::{AccountId, Scope};
use serde_json::{Value, json};

use crate::topic::Topic;
use crate::{errors, names};

/// What a policy of a topic may allow.
const ACTIONS: [&str; 9] = [
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "Receive",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

/// The policy of a topic that was given none: its owner may do everything.
pub fn default(topic: &str, account: &str) -> String {
    let policy = json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"
            ],
            "Resource": topic,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account } },
        }],
    });
    policy.to_string()
}

/// Checks that a policy is a document with statements.
pub fn check(policy: &str) -> Result<(), SnsError> {
    let policy: Value = serde_json::from_str(policy).map_err(|_| errors::invalid("Policy Error: null"))?;
    if policy["Statement"].is_array() || policy["Statement"].is_object() {
        return Ok(());
    }
    Err(errors::invalid("Policy Error: null"))
}

/// Adds a statement that lets accounts do something.
pub fn add(
    topic: &mut Topic,
    scope: &Scope,
    name: &str,
    label: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<(), SnsError> {
    let (arn, mut policy) = current(topic, scope, name)?;
    let statements = policy["Statement"].as_array_mut().ok_or_else(|| errors::invalid("Policy"))?;
    if statements.iter().any(|statement| statement["Sid"] == label) {
        return Err(errors::invalid("Statement already exists"));
    }
    if actions.iter().any(|action| !ACTIONS.contains(&action.as_str())) {
        return Err(errors::invalid("Policy statement action out of service scope!"));
    }
    let principals: Vec<_> = accounts
        .iter()
        .map(|account| format!("arn:aws:iam::{}:root", AccountId::from(account.as_str())))
        .collect();
    let actions: Vec<_> = actions.iter().map(|action| format!("SNS:{action}")).collect();
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_all(principals) },
        "Action": one_or_all(actions),
        "Resource": arn,
    }));
    topic.attributes.insert("Policy".to_owned(), policy.to_string());
    Ok(())
}

/// Takes a statement away again, if it is there.
pub fn remove(topic: &mut Topic, scope: &Scope, name: &str, label: &str) -> Result<(), SnsError> {
    let (_, mut policy) = current(topic, scope, name)?;
    if let Some(statements) = policy["Statement"].as_array_mut() {
        statements.retain(|statement| statement["Sid"] != label);
    }
    topic.attributes.insert("Policy".to_owned(), policy.to_string());
    Ok(())
}

fn current(topic: &Topic, scope: &Scope, name: &str) -> Result<(String, Value), SnsError> {
    let arn = names::topic(scope, name);
    let text = topic.attributes.get("Policy").cloned();
    let text = text.unwrap_or_else(|| default(&arn, scope.account.as_str()));
    let mut policy: Value = serde_json::from_str(&text).map_err(|_| errors::invalid("Policy"))?;
    if policy["Statement"].is_object() {
        policy["Statement"] = Value::Array(vec![policy["Statement"].take()]);
    }
    Ok((arn, policy))
}

/// One value alone, several as a list.
fn one_or_all(mut values: Vec<String>) -> Value {
    if values.len() == 1 { values.pop().into() } else { values.into() }
}
