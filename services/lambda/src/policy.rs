//! The resource policy of a function.

use api_lambda::AddPermissionInput;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
