//! Bucket policies: what makes one valid, and what makes one public.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use kernel::Fault;
use serde_json::{Map, Value};

use crate::errors::settings::{malformed_policy, policy_too_large};
use crate::limits;

const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
const FIELDS: [&str; 3] = ["Version", "Id", "Statement"];
const STATEMENT_FIELDS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Conditions that make a policy for everybody a policy for somebody, if their values are fixed.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
const RESTRICTING: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// A policy that was read.
pub struct Policy(Vec<Map<String, Value>>);

impl Policy {
    /// The policy of that text, if it is a valid one for a bucket or an access point of that ARN.
    pub fn parse(text: &str, arn: &str) -> Result<Self, Fault> {
        if text.len() > limits::POLICY_BYTES {
            return Err(policy_too_large());
        }
        let document = match serde_json::from_str(text) {
            Ok(Value::Object(document)) if text.starts_with('{') => document,
            _ => return Err(malformed_policy("Policies must be valid JSON and the first byte must be '{'")),
        };
        let statements = statements(document)?;
        statements.iter().try_for_each(|statement| check(statement, arn))?;
        Ok(Self(statements))
    }

    /// Whether it lets everybody in.
    pub fn is_public(&self) -> bool {
        self.0.iter().any(is_public)
    }
}

fn statements(mut document: Map<String, Value>) -> Result<Vec<Map<String, Value>>, Fault> {
    if let Some(name) = document.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(malformed_policy(format!("Unknown field {name}")));
    }
    let is_version = |version: &Value| version.as_str().is_some_and(|text| VERSIONS.contains(&text));
    if document.get("Version").is_some_and(|version| !is_version(version)) {
        return Err(malformed_policy("The policy must contain a valid version string"));
    }
    let invalid = || malformed_policy("Invalid policy syntax.");
    let statements = match document.remove("Statement") {
        None => return Err(malformed_policy("Missing required field Statement")),
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
    };
    if statements.is_empty() {
        return Err(malformed_policy("Could not parse the policy: Statement is empty!"));
    }
    let objects = statements.into_iter().map(|statement| match statement {
        Value::Object(statement) => Ok(statement),
        _ => Err(invalid()),
    });
    objects.collect()
}

fn check(statement: &Map<String, Value>, arn: &str) -> Result<(), Fault> {
    if let Some(name) = statement.keys().find(|name| !STATEMENT_FIELDS.contains(&name.as_str())) {
        return Err(malformed_policy(format!("Unknown field {name}")));
    }
    match statement.get("Effect").and_then(Value::as_str) {
        None => return Err(malformed_policy("Missing required field Effect")),
        Some("Allow" | "Deny") => {}
        Some(effect) => return Err(malformed_policy(format!("Invalid effect: {effect}"))),
    }
    for (name, other) in [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")]
    {
        let value = statement.get(name).or_else(|| statement.get(other));
        let value = value.ok_or_else(|| malformed_policy(format!("Missing required field {name}")))?;
        if is_empty(value) {
            return Err(malformed_policy(format!("Missing required field {name} cannot be empty!")));
        }
    }
    check_principal(statement.get("Principal").or_else(|| statement.get("NotPrincipal")))?;
    check_actions(statement.get("Action").or_else(|| statement.get("NotAction")))?;
    check_resources(statement.get("Resource").or_else(|| statement.get("NotResource")), arn)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => true,
    }
}

/// One text or many, as policies write them.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    }
}

fn check_principal(principal: Option<&Value>) -> Result<(), Fault> {
    let invalid = || malformed_policy("Invalid principal in policy");
    match principal {
        Some(Value::String(text)) if text == "*" => Ok(()),
        Some(Value::Object(kinds)) => {
            let is_kind =
                |kind: &String| ["AWS", "Service", "Federated", "CanonicalUser"].contains(&kind.as_str());
            let accounts = texts(kinds.get("AWS"));
            let valid = kinds.keys().all(is_kind) && accounts.iter().all(|account| is_principal(account));
            if valid { Ok(()) } else { Err(invalid()) }
        }
        _ => Err(invalid()),
    }
}

fn is_principal(text: &str) -> bool {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = text.starts_with("AIDA") || text.starts_with("AROA");
    text == "*" || is_account || is_id || kernel::Arn::parse(text).is_some()
}

fn check_actions(actions: Option<&Value>) -> Result<(), Fault> {
    let is_action = |action: &&str| {
        let service = action.split(':').next().unwrap_or_default();
        *action == "*" || service.eq_ignore_ascii_case("s3") && action.len() > 3
    };
    if texts(actions).iter().all(is_action) {
        Ok(())
    } else {
        Err(malformed_policy("Policy has invalid action"))
    }
}

/// Only the bucket itself and what is in it.
fn check_resources(resources: Option<&Value>, arn: &str) -> Result<(), Fault> {
    let fits = |resource: &&str| {
        let (resource, arn) = (without_partition(resource), without_partition(arn));
        let bucket = resource.split('/').next().unwrap_or_default();
        resource == "*"
            || matches(bucket, arn)
            || matches(resource, arn)
            || resource.starts_with(&format!("{arn}/"))
    };
    if texts(resources).iter().all(fits) {
        Ok(())
    } else {
        Err(malformed_policy("Policy has invalid resource"))
    }
}

fn without_partition(arn: &str) -> &str {
    arn.strip_prefix("arn:").and_then(|rest| rest.split_once(':')).map_or(arn, |(_, rest)| rest)
}

/// Whether a pattern with `*` and `?` fits the text. After a mismatch only the last `*` takes a letter more, so a pattern
/// of many costs no more than pattern times text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some('*') => {
                last = Some((at, read));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[read] => (at, read) = (at + 1, read + 1),
            _ => {
                let Some((star, taken)) = last else { return false };
                last = Some((star, taken + 1));
                (at, read) = (star + 1, taken + 1);
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

fn is_public(statement: &Map<String, Value>) -> bool {
    let is_everybody = match statement.get("Principal") {
        Some(Value::String(text)) => text == "*",
        Some(Value::Object(kinds)) => texts(kinds.get("AWS")).contains(&"*"),
        _ => statement.contains_key("NotPrincipal"),
    };
    let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    allows && is_everybody && !is_restricted(statement.get("Condition"))
}

fn is_restricted(condition: Option<&Value>) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flatten();
    operators.filter(|(operator, _)| !operator.contains("Not")).any(|(_, keys)| {
        let mut keys = keys.as_object().into_iter().flatten();
        keys.any(|(key, value)| {
            let values = texts(Some(value));
            let is_fixed =
                |text: &&str| !text.contains(['*', '?', '$']) && *text != "0.0.0.0/0" && *text != "::/0";
            RESTRICTING.contains(&key.to_ascii_lowercase().as_str())
                && !values.is_empty()
                && values.iter().all(is_fixed)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(principal: &str, resource: &str, condition: &str) -> Result<Policy, Fault> {
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"{resource}","Condition":{condition}}}]}}"#
        );
        Policy::parse(&text, "arn:aws:s3:::b")
    }

    #[test]
    fn resources_must_be_the_buckets() {
        for resource in ["arn:aws:s3:::b/*", "arn:aws:s3:::b", "arn:aws:s3:::b/a?", "*", "arn:aws:s3:::*"] {
            assert!(policy("\"*\"", resource, "{}").is_ok(), "{resource}");
        }
        let message = policy("\"*\"", "arn:aws:s3:::c/*", "{}").err().unwrap();
        assert_eq!(message.message(), "Policy has invalid resource");
    }

    #[test]
    fn patterns_cost_little() {
        let stars = "*a".repeat(2000);
        assert!(!matches(&format!("arn:{stars}b"), &format!("arn:{}", "a".repeat(80))));
        for (pattern, fits) in [("*", true), ("a*c", true), ("a?c", true), ("a*b", false), ("abc?", false)] {
            assert_eq!(matches(pattern, "abc"), fits, "{pattern}");
        }
        assert!(matches("*é?*", "né!") && matches("**", "") && !matches("?", ""));
    }

    #[test]
    fn everybody_without_a_fixed_condition_is_public() {
        let is_public =
            |principal: &str, condition: &str| policy(principal, "*", condition).unwrap().is_public();
        assert!(is_public("\"*\"", "{}"));
        assert!(is_public(r#"{"AWS":["*"]}"#, r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#));
        assert!(!is_public("\"*\"", r#"{"StringEquals":{"aws:SourceVpc":"vpc-91237329"}}"#));
        assert!(!is_public(r#"{"AWS":"123456789012"}"#, "{}"));
    }
}
