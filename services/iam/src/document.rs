//! Policy documents: checked for form, and written as IAM answers them.

use api_iam::IamError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::errors;

/// What RFC 3986 leaves as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The document as IAM answers it: percent-encoded.
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Refuses what is no policy of an identity or a resource.
pub fn check(text: &str, kind: Kind) -> Result<(), IamError> {
    let document: Value = serde_json::from_str(text).map_err(|_| errors::invalid_json())?;
    let Some(members) = document.as_object() else {
        return Err(errors::malformed("Syntax errors in policy."));
    };
    if members.keys().any(|key| !["Version", "Id", "Statement"].contains(&key.as_str())) {
        return Err(errors::malformed("Syntax errors in policy."));
    }
    let version = members.get("Version").map_or("2008-10-17", |version| version.as_str().unwrap_or_default());
    if !["2008-10-17", "2012-10-17"].contains(&version) {
        return Err(errors::malformed("The policy failed legacy parsing"));
    }
    let statements = match members.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => return Err(errors::malformed("Syntax errors in policy.")),
    };
    statements.into_iter().try_for_each(|statement| check_statement(statement, kind))
}

/// Whose policy it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who may assume a role: has principals, no resources.
    Trust,
    /// What an identity may do: has resources, no principals.
    Identity,
}

fn check_statement(statement: &Value, kind: Kind) -> Result<(), IamError> {
    let has = |names: [&str; 2]| names.iter().any(|name| !statement[*name].is_null());
    if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
        return Err(errors::malformed("Syntax errors in policy."));
    }
    if !has(["Action", "NotAction"]) {
        return Err(errors::malformed("Policy statement must contain actions."));
    }
    match kind {
        Kind::Trust if !has(["Principal", "NotPrincipal"]) => {
            Err(errors::malformed("Missing required field Principal"))
        }
        Kind::Trust if has(["Resource", "NotResource"]) => {
            Err(errors::malformed("Has prohibited field Resource"))
        }
        Kind::Identity if has(["Principal", "NotPrincipal"]) => {
            Err(errors::malformed("Policy document should not specify a principal."))
        }
        Kind::Identity if !has(["Resource", "NotResource"]) => {
            Err(errors::malformed("Policy statement must contain resources."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_checked_for_form() {
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}}"#;
        assert!(check(trust, Kind::Trust).is_ok());
        assert!(check(trust, Kind::Identity).is_err());
        let identity = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        assert!(check(identity, Kind::Identity).is_ok());
        for text in ["", "[]", "{}", r#"{"Version":"2020-01-01","Statement":[]}"#, r#"{"Statement":[{}]}"#] {
            assert!(check(text, Kind::Identity).is_err(), "{text}");
        }
    }

    #[test]
    fn answers_are_percent_encoded() {
        assert_eq!(encoded("{\"a\": 1}"), "%7B%22a%22%3A%201%7D");
    }
}
