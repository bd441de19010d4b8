//! The policy that permissions make: one statement each, found by its label.

use api_sqs::SqsError;
use serde_json::{Map, Value, json};

use crate::{errors, limits};

/// The actions that permissions may name.
const ACTIONS: [&str; 18] = [
    "*",
    "AddPermission",
    "ChangeMessageVisibility",
    "CreateQueue",
    "DeleteMessage",
    "DeleteQueue",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListQueueTags",
    "ListQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "RemovePermission",
    "SendMessage",
    "SetQueueAttributes",
    "TagQueue",
    "UntagQueue",
];

/// Checks what a permission names.
pub fn check(label: &str, accounts: &[String], actions: &[String]) -> Result<(), SqsError> {
    if !limits::is_entry_id(label) {
        let reason = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.";
        return Err(errors::invalid_value(label, "Label", reason));
    }
    if accounts.is_empty() {
        return Err(errors::missing_parameter("PrincipalId"));
    }
    if actions.is_empty() {
        return Err(errors::missing_parameter("Actions"));
    }
    if actions.len() > limits::ACTIONS {
        let message =
            format!("{} Actions were found, maximum allowed is {}.", actions.len(), limits::ACTIONS);
        return Err(errors::over_limit(message));
    }
    let is_account = |id: &&String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(bad) = accounts.iter().find(|id| !is_account(id)) {
        return Err(errors::invalid_value(bad, "PrincipalId", "Unable to verify."));
    }
    if let Some(bad) = actions.iter().find(|action| !ACTIONS.contains(&action.as_str())) {
        let reason = "Please refer to the appropriate WSDL for a list of valid actions.";
        return Err(errors::invalid_value(&format!("SQS:{bad}"), "ActionName", reason));
    }
    Ok(())
}

/// The policy with one more statement.
pub fn add(
    policy: Option<&str>,
    arn: &str,
    label: &str,
    accounts: &[String],
    actions: &[String],
) -> Result<String, SqsError> {
    let mut policy = read(policy).unwrap_or_else(|| {
        let mut policy = Map::new();
        policy.insert("Version".to_owned(), json!("2008-10-17"));
        policy.insert("Id".to_owned(), json!(format!("{arn}/SQSDefaultPolicy")));
        policy
    });
    let mut statements = statements(&mut policy);
    if statements.iter().any(|statement| statement["Sid"] == label) {
        return Err(errors::invalid_value(label, "Label", "Already exists."));
    }
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    let root = |account: &String| json!(format!("arn:{partition}:iam::{account}:root"));
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_all(accounts.iter().map(root).collect()) },
        "Action": one_or_all(actions.iter().map(|action| json!(format!("SQS:{action}"))).collect()),
        "Resource": arn,
    }));
    policy.insert("Statement".to_owned(), Value::Array(statements));
    Ok(Value::Object(policy).to_string())
}

/// The policy without the statement of that label; nothing if it was the last.
pub fn remove(policy: Option<&str>, label: &str) -> Result<Option<String>, SqsError> {
    let unknown = || errors::invalid_value(label, "Label", "can't find label.");
    let mut policy = read(policy).ok_or_else(unknown)?;
    let mut statements = statements(&mut policy);
    let count = statements.len();
    statements.retain(|statement| statement["Sid"] != label);
    if statements.len() == count {
        return Err(unknown());
    }
    if statements.is_empty() {
        return Ok(None);
    }
    policy.insert("Statement".to_owned(), Value::Array(statements));
    Ok(Some(Value::Object(policy).to_string()))
}

fn read(policy: Option<&str>) -> Option<Map<String, Value>> {
    match serde_json::from_str(policy?).ok()? {
        Value::Object(policy) => Some(policy),
        _ => None,
    }
}

/// A policy's statements, of which a single one needs no list.
fn statements(policy: &mut Map<String, Value>) -> Vec<Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => Vec::new(),
    }
}

fn one_or_all(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}
