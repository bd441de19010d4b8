//! The resource policy of a function.

use api_lambda::{AddPermissionInput, LambdaError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::errors;

/// One statement, as JSON text: its members keep AWS's order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// The statement's id.
    pub id: String,
    /// The statement.
    pub text: String,
}

impl Statement {
    /// The statement that a permission means.
    pub fn of(input: &AddPermissionInput, arn: &str) -> Self {
        let mut statement = json!({
            "Sid": input.statement_id,
            "Effect": "Allow",
            "Principal": principal(&input.principal),
            "Action": input.action,
            "Resource": arn,
        });
        if let Some(condition) = condition(input) {
            statement["Condition"] = condition;
        }
        Self { id: input.statement_id.clone(), text: statement.to_string() }
    }
}

/// The statements of a whole policy for that ARN.
pub fn parse(policy: &str, arn: &str) -> Result<Vec<Statement>, LambdaError> {
    let malformed = |what: &str| errors::invalid(format!("The provided policy is not valid: {what}."));
    let policy: Value = serde_json::from_str(policy).map_err(|_| malformed("it is no JSON"))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(malformed("it has no statements")),
    };
    let mut parsed: Vec<Statement> = Vec::new();
    for statement in &statements {
        check(statement, arn).map_err(malformed)?;
        if is_public(statement) {
            return Err(errors::public_policy());
        }
        let id = statement["Sid"].as_str().unwrap_or_default().to_owned();
        if !id.is_empty() && parsed.iter().any(|known| known.id == id) {
            return Err(malformed("its statements must have ids of their own"));
        }
        parsed.push(Statement { id, text: statement.to_string() });
    }
    if parsed.is_empty() { Err(malformed("it has no statements")) } else { Ok(parsed) }
}

/// What every statement has; resources are the one that has the policy.
fn check(statement: &Value, arn: &str) -> Result<(), &'static str> {
    if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
        return Err("an effect is Allow or Deny");
    }
    if !matches!(statement["Principal"], Value::String(_) | Value::Object(_)) {
        return Err("a statement has no principal");
    }
    let actions = texts(&statement["Action"]);
    if actions.is_empty() || !actions.iter().all(|action| *action == "*" || action.starts_with("lambda:")) {
        return Err("actions are Lambda's");
    }
    let resources = texts(&statement["Resource"]);
    if resources.is_empty() || !resources.iter().all(|resource| *resource == arn) {
        return Err("a statement's resource must be the one that has the policy");
    }
    Ok(())
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether it lets everybody in, whoever they are and wherever they come from.
fn is_public(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    let is_anybody = *principal == "*" || texts(&principal["AWS"]).contains(&"*");
    let has_condition = statement["Condition"].as_object().is_some_and(|members| !members.is_empty());
    statement["Effect"] == "Allow" && is_anybody && !has_condition
}

/// Whether somebody can be called that. Services end in Amazon's domains.
pub fn is_principal(text: &str) -> bool {
    let is_service = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".internal"];
    text.starts_with("arn:") || !text.contains('.') || is_service.iter().any(|end| text.ends_with(end))
}

/// A service, an account, or an ARN.
pub fn principal(text: &str) -> Value {
    if text == "*" {
        json!("*")
    } else if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        json!({ "AWS": format!("arn:aws:iam::{text}:root") })
    } else if text.starts_with("arn:") {
        json!({ "AWS": text })
    } else {
        json!({ "Service": text })
    }
}

fn condition(input: &AddPermissionInput) -> Option<Value> {
    let mut condition = json!({});
    if let Some(auth) = &input.function_url_auth_type {
        condition["StringEquals"]["lambda:FunctionUrlAuthType"] = json!(auth.as_str());
    }
    if let Some(organisation) = &input.principal_org_id {
        condition["StringEquals"]["aws:PrincipalOrgID"] = json!(organisation);
    }
    if let Some(account) = &input.source_account {
        condition["StringEquals"]["AWS:SourceAccount"] = json!(account);
    }
    if let Some(token) = &input.event_source_token {
        condition["StringEquals"]["lambda:EventSourceToken"] = json!(token);
    }
    if let Some(arn) = &input.source_arn {
        condition["ArnLike"]["AWS:SourceArn"] = json!(arn);
    }
    if let Some(is_via_url) = input.invoked_via_function_url {
        condition["Bool"]["lambda:InvokedViaFunctionUrl"] = json!(is_via_url.to_string());
    }
    condition.as_object().is_some_and(|members| !members.is_empty()).then_some(condition)
}

/// The whole policy.
pub fn document(statements: &[Statement]) -> String {
    let statements: Vec<Value> =
        statements.iter().filter_map(|statement| serde_json::from_str(&statement.text).ok()).collect();
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}
