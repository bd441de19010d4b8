//! Destinations: what other accounts' subscriptions may lead to.

use api_logs::Destination;
use kernel::{Arn, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Table;

/// Destinations by name.
pub static DESTINATIONS: Table<String, Row> = Table::regional("logs.destinations");

/// A destination.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// The ARN of what is behind it.
    pub target: String,
    /// Who writes there.
    pub role: String,
    /// Who may subscribe.
    pub policy: Option<String>,
}

/// The ARN of a destination.
pub fn arn(scope: &Scope, name: &str) -> String {
    Arn::new("logs", scope, format!("destination:{name}")).to_string()
}

impl Row {
    /// The destination as callers see it.
    pub fn describe(self, scope: &Scope, name: String) -> Destination {
        Destination {
            arn: Some(arn(scope, &name)),
            destination_name: Some(name),
            target_arn: Some(self.target),
            role_arn: Some(self.role),
            access_policy: self.policy,
            creation_time: Some(self.created),
        }
    }

    /// Whether an account may subscribe: the destination's own, or one that its policy names.
    pub fn lets_in(&self, account: &str, scope: &Scope) -> bool {
        if account == scope.account.as_str() {
            return true;
        }
        let policy: Value =
            self.policy.as_deref().and_then(|policy| serde_json::from_str(policy).ok()).unwrap_or_default();
        let statements = match policy.get("Statement") {
            Some(Value::Array(all)) => all.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let named = |statement: &Value, effect: &str| {
            let principal = statement.get("Principal").unwrap_or(&Value::Null);
            let principal = principal.get("AWS").unwrap_or(principal);
            let is_account = |text: &str| {
                text == "*" || text == account || Arn::parse(text).is_some_and(|arn| arn.account == account)
            };
            statement.get("Effect").and_then(Value::as_str) == Some(effect)
                && texts(statement.get("Action")).iter().any(|action| is_subscribing(action))
                && texts(Some(principal)).iter().any(|text| is_account(text))
        };
        statements.iter().any(|statement| named(statement, "Allow"))
            && !statements.iter().any(|statement| named(statement, "Deny"))
    }
}

fn is_subscribing(action: &str) -> bool {
    ["*", "logs:*", "logs:put*", "logs:putsubscriptionfilter"].contains(&action.to_ascii_lowercase().as_str())
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
