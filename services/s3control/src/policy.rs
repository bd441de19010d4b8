//! Policies of access points, as far as they are read here.

use kernel::Fault;
use serde_json::Value;

use crate::errors::malformed_policy;

/// A policy with statements.
pub fn check(text: &str) -> Result<(), Fault> {
    match serde_json::from_str(text) {
        Ok(Value::Object(document)) if text.starts_with('{') => match document.get("Statement") {
            Some(Value::Array(statements)) if statements.is_empty() => {
                Err(malformed_policy("Could not parse the policy: Statement is empty!"))
            }
            Some(Value::Array(_) | Value::Object(_)) => Ok(()),
            Some(_) => Err(malformed_policy("Invalid policy syntax.")),
            None => Err(malformed_policy("Missing required field Statement")),
        },
        _ => Err(malformed_policy("Policies must be valid JSON and the first byte must be '{'")),
    }
}

/// Whether it lets everybody in, without any condition.
pub fn is_public(text: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return false };
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        statement => std::slice::from_ref(statement),
    };
    let is_everybody = |principal: &Value| match principal {
        Value::Object(kinds) => match kinds.get("AWS") {
            Some(Value::Array(accounts)) => accounts.iter().any(|account| account == "*"),
            Some(account) => account == "*",
            None => false,
        },
        principal => principal == "*",
    };
    let is_public = |statement: &Value| {
        statement["Effect"] == "Allow"
            && is_everybody(&statement["Principal"])
            && statement["Condition"].is_null()
    };
    statements.iter().any(is_public)
}
