//! The policy of a form that browsers post: until when, and what its fields may be.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Fault, Timestamp};
use serde_json::Value;

/// The fields of a form, in order, by the names they were sent with.
pub type Fields = Vec<(String, String)>;

/// Fields that need no condition: the signature, and what it is of.
const FREE: [&str; 5] = ["awsaccesskeyid", "file", "policy", "signature", "x-amz-signature"];

/// A policy.
#[derive(Debug)]
pub struct Policy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

/// What a policy asks of a form.
#[derive(Debug)]
struct Condition {
    /// As errors print it.
    text: String,
    rule: Rule,
}

#[derive(Debug)]
enum Rule {
    Equals(String, String),
    StartsWith(String, String),
    Length(Option<RangeInclusive<u64>>),
}

/// The value of a field, whatever case its name is in.
pub fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

impl Policy {
    /// Reads a policy as forms carry it, in base64.
    ///
    /// # Errors
    /// `InvalidPolicyDocument`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let bytes = STANDARD.decode(text.split_whitespace().collect::<String>()).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        let policy: Value = serde_json::from_str(&unescaped(&text)).map_err(|_| invalid("Invalid JSON."))?;
        let expiration =
            policy["expiration"].as_str().ok_or_else(|| invalid("Policy missing expiration."))?;
        let moment = expiration.parse();
        let moment = moment.map_err(|_| invalid(&format!("Invalid 'expiration' value: '{expiration}'")))?;
        let conditions =
            policy["conditions"].as_array().ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions = conditions.iter().map(Condition::parse).collect::<Result<_, _>>()?;
        Ok(Self { expiration: moment, conditions })
    }

    /// Checks a form, whose `fields` have the bucket among them. Returns how long its file may be.
    ///
    /// # Errors
    /// `AccessDenied`, with what is wrong.
    pub fn check(&self, fields: &Fields, now: Timestamp) -> Result<Option<RangeInclusive<u64>>, Fault> {
        if self.expiration < now {
            return Err(denied("Policy expired."));
        }
        let broken = self.conditions.iter().find(|condition| !condition.rule.holds(fields));
        if let Some(condition) = broken {
            return Err(denied(&format!("Policy Condition failed: {}", condition.text)));
        }
        let extra: Vec<_> =
            fields.iter().map(|(name, _)| name.as_str()).filter(|name| !self.covers(name)).collect();
        if !extra.is_empty() {
            return Err(denied(&format!("Extra input fields: {}", extra.join(", "))));
        }
        Ok(self.conditions.iter().find_map(|condition| match &condition.rule {
            Rule::Length(range) => range.clone(),
            _ => None,
        }))
    }

    fn covers(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        FREE.contains(&name.as_str())
            || name.starts_with("x-ignore-")
            || self.conditions.iter().any(|condition| condition.rule.field() == Some(&name))
    }
}

impl Condition {
    fn parse(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::Object(pairs) => {
                let mut pairs = pairs.iter();
                let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
                    let message = "Simple-Conditions must have exactly one property specified.";
                    return Err(invalid(&format!("Invalid Simple-Condition: {message}")));
                };
                let value = value.as_str();
                let value =
                    value.ok_or_else(|| invalid("Invalid Simple-Condition: value must be a string."))?;
                Ok(Self::of("eq", &format!("${name}"), value))
            }
            Value::Array(items) => Self::parse_list(items),
            _ => Err(invalid("Invalid Condition: must be a list or an object.")),
        }
    }

    fn parse_list(items: &[Value]) -> Result<Self, Fault> {
        let [operation, first, second] = items else {
            return Err(invalid("Invalid Condition: wrong number of arguments."));
        };
        let operation = operation.as_str().unwrap_or_default().to_ascii_lowercase();
        match (operation.as_str(), first, second) {
            ("eq" | "starts-with", Value::String(name), Value::String(value)) => {
                Ok(Self::of(&operation, name, value))
            }
            ("content-length-range", least, most) => {
                let range = number(least).zip(number(most)).map(|(least, most)| least..=most);
                Ok(Self { text: printed(items), rule: Rule::Length(range) })
            }
            ("eq" | "starts-with", ..) => Err(invalid("Invalid Condition: arguments must be strings.")),
            _ => Err(invalid(&format!("Invalid Condition: unknown operation '{operation}'."))),
        }
    }

    fn of(operation: &str, name: &str, value: &str) -> Self {
        let text = printed(&[operation.into(), name.into(), value.into()]);
        // Names count in any case. One without its sign is of no field.
        let field = name.strip_prefix('$').map(str::to_ascii_lowercase).unwrap_or_default();
        let value = value.to_owned();
        let rule =
            if operation == "eq" { Rule::Equals(field, value) } else { Rule::StartsWith(field, value) };
        Self { text, rule }
    }
}

impl Rule {
    fn field(&self) -> Option<&String> {
        match self {
            Self::Equals(name, _) | Self::StartsWith(name, _) => Some(name),
            Self::Length(_) => None,
        }
    }

    fn holds(&self, fields: &Fields) -> bool {
        match self {
            Self::Equals(name, value) => field(fields, name) == Some(value),
            // Types with commas are lists, each of which must do.
            Self::StartsWith(name, start) if name == "content-type" => field(fields, name)
                .is_some_and(|value| value.split(',').all(|one| one.trim_start().starts_with(start))),
            Self::StartsWith(name, start) => {
                field(fields, name).is_some_and(|value| value.starts_with(start))
            }
            Self::Length(range) => range.is_some(),
        }
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Policies may escape what JSON does not: dollar signs, which would else start a name, and vertical tabs.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        match one {
            '\\' => match rest.next() {
                Some('$') => plain.push('$'),
                Some('v') => plain.push_str("\\u000b"),
                other => plain.extend([Some('\\'), other].into_iter().flatten()),
            },
            one => plain.push(one),
        }
    }
    plain
}

/// A list as AWS prints it: with a space after each comma.
fn printed(items: &[Value]) -> String {
    let items: Vec<_> = items.iter().map(Value::to_string).collect();
    format!("[{}]", items.join(", "))
}

fn invalid(reason: &str) -> Fault {
    Fault::client("InvalidPolicyDocument", format!("Invalid Policy: {reason}"))
}

fn denied(reason: &str) -> Fault {
    Fault::new("AccessDenied", 403, format!("Invalid according to Policy: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(conditions: &str, fields: &[(&str, &str)]) -> Result<Option<RangeInclusive<u64>>, String> {
        let policy = format!(r#"{{"expiration": "2026-01-01T00:00:00.000Z", "conditions": {conditions}}}"#);
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let now = "2025-12-31T23:59:59Z".parse().unwrap();
        let policy = Policy::parse(&STANDARD.encode(policy)).and_then(|policy| policy.check(&fields, now));
        policy.map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn conditions_are_for_names_in_any_case_and_values_in_theirs() {
        let fields = [("bucket", "b"), ("Key", "user/a"), ("Content-Type", "image/png, image/gif")];
        let conditions = r#"[{"bucket": "b"}, ["starts-with", "$key", "user/"], ["starts-with", "$CONTENT-type", "image/"]]"#;
        assert_eq!(check(conditions, &fields), Ok(None));
        let other = r#"[{"bucket": "B"}]"#;
        let message = r#"Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "B"]"#;
        assert_eq!(check(other, &fields).unwrap_err(), message);
        let unsigned = r#"[["eq", "bucket", "b"]]"#;
        assert!(check(unsigned, &fields).unwrap_err().ends_with(r#"failed: ["eq", "bucket", "b"]"#));
    }

    #[test]
    fn every_field_needs_a_condition() {
        let fields =
            [("bucket", "b"), ("x-ignore-me", ""), ("Policy", ""), ("X-Amz-Signature", ""), ("acl", "a")];
        let message = "Invalid according to Policy: Extra input fields: acl";
        assert_eq!(check(r#"[{"bucket": "b"}]"#, &fields).unwrap_err(), message);
        // A condition on a field that is not there fails, even one that takes anything.
        assert!(
            check(r#"[["starts-with", "$tagging", ""]]"#, &fields).unwrap_err().contains("Condition failed")
        );
    }

    #[test]
    fn dollar_signs_may_be_escaped() {
        let conditions = r#"[["starts-with", "$key", "\$a\\\v"]]"#;
        assert_eq!(check(conditions, &[("key", "$a\\\u{b}c")]), Ok(None));
    }

    #[test]
    fn lengths_may_be_text() {
        assert_eq!(check(r#"[["content-length-range", "5", 10]]"#, &[]), Ok(Some(5..=10)));
        let message = check(r#"[["content-length-range", "test", "10"]]"#, &[]).unwrap_err();
        assert!(message.ends_with(r#"Policy Condition failed: ["content-length-range", "test", "10"]"#));
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let two = check(r#"[{"bucket": "b", "key": "k"}]"#, &[]).unwrap_err();
        let message = "Simple-Conditions must have exactly one property specified.";
        assert_eq!(two, format!("Invalid Policy: Invalid Simple-Condition: {message}"));
        assert_eq!(Policy::parse("e30").unwrap_err().message(), "Invalid Policy: Invalid JSON.");
        assert_eq!(
            Policy::parse("e30=").unwrap_err().message(),
            "Invalid Policy: Policy missing expiration."
        );
    }
}
