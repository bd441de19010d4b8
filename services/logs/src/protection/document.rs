//! Data protection policies as people write them: checked, and compiled.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDataProtectionPolicy.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL-custom-data-identifiers.html>

use api_logs::LogsError;
use serde_json::Value;

use super::identifiers::{self, Identifier};
use crate::errors;

/// Characters of a policy.
const LENGTH: usize = 30_720;
/// Identifiers of its own that a policy may have, and characters of a name and of an expression.
const CUSTOM: usize = 10;
const NAME: usize = 128;
const REGEX: usize = 200;

/// A policy.
#[derive(Debug)]
pub struct Policy {
    /// What is masked and told.
    pub identifiers: Vec<Identifier>,
    /// The log group that findings are told to.
    pub findings: Option<String>,
}

fn invalid(reason: impl std::fmt::Display) -> LogsError {
    LogsError::invalid_parameter_exception(format!("Invalid data protection policy: {reason}"))
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, LogsError> {
        if text.len() > LENGTH {
            return Err(errors::limit_exceeded());
        }
        let document: Value = serde_json::from_str(text).map_err(|_| errors::invalid_policy())?;
        let statements = document["Statement"].as_array().filter(|all| all.len() == 2);
        let statements = statements
            .ok_or_else(|| invalid("it needs two statements, one with Audit and one with Deidentify"))?;
        let with = |operation: &str| statements.iter().find(|one| one["Operation"].get(operation).is_some());
        let (Some(audit), Some(deidentify)) = (with("Audit"), with("Deidentify")) else {
            return Err(invalid("it needs an Audit and a Deidentify operation"));
        };
        if deidentify["Operation"]["Deidentify"]["MaskConfig"]
            .as_object()
            .is_none_or(|config| !config.is_empty())
        {
            return Err(invalid("MaskConfig must be an empty object"));
        }
        let names = |statement: &Value| -> Option<Vec<String>> {
            let all = statement["DataIdentifier"].as_array()?.iter();
            let mut names = all.map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
            names.sort();
            (!names.is_empty()).then_some(names)
        };
        let wanted = names(audit).ok_or_else(|| invalid("DataIdentifier must be a list of names"))?;
        if names(deidentify).as_ref() != Some(&wanted) {
            return Err(invalid("both statements must have the same DataIdentifier"));
        }
        let custom = custom(&document["Configuration"]["CustomDataIdentifier"])?;
        let identifiers = wanted.iter().map(|name| identifier(name, &custom)).collect::<Result<_, _>>()?;
        Ok(Self { identifiers, findings: findings(&audit["Operation"]["Audit"]["FindingsDestination"])? })
    }
}

/// Names and expressions of the policy's own identifiers.
fn custom(list: &Value) -> Result<Vec<(String, String)>, LogsError> {
    let Some(list) = list.as_array() else { return Ok(Vec::new()) };
    if list.len() > CUSTOM {
        return Err(invalid(format!("it has more than {CUSTOM} custom data identifiers")));
    }
    list.iter()
        .map(|one| {
            let (name, regex) =
                (one["Name"].as_str().unwrap_or_default(), one["Regex"].as_str().unwrap_or_default());
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if name.is_empty() || name.len() > NAME || !name.chars().all(is_name) {
                return Err(invalid(format!("{name:?} is no name of a custom data identifier")));
            }
            if regex.is_empty() || regex.len() > REGEX || identifiers::custom(name, regex).is_none() {
                return Err(invalid(format!("the regular expression of {name} is not valid")));
            }
            Ok((name.to_owned(), regex.to_owned()))
        })
        .collect()
}

fn identifier(name: &str, custom: &[(String, String)]) -> Result<Identifier, LogsError> {
    if let Some((name, regex)) = custom.iter().find(|(own, _)| own == name) {
        return identifiers::custom(name, regex).ok_or_else(|| invalid(name));
    }
    let managed = identifiers::managed_name(name)
        .ok_or_else(|| invalid(format!("{name} is neither a managed nor a custom data identifier")))?;
    identifiers::managed(managed)
        .ok_or_else(|| errors::not_emulated(&format!("the data identifier {managed}")))
}

fn findings(destination: &Value) -> Result<Option<String>, LogsError> {
    for other in ["S3", "Firehose"] {
        if destination.get(other).is_some() {
            return Err(errors::not_emulated(&format!("findings of data protection in {other}")));
        }
    }
    Ok(destination["CloudWatchLogs"]["LogGroup"].as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "arn:aws:dataprotection::aws:data-identifier/EmailAddress";

    fn policy(identifiers: &Value, audit: &Value) -> Value {
        serde_json::json!({
            "Name": "p", "Version": "2021-06-01",
            "Statement": [
                { "DataIdentifier": identifiers, "Operation": { "Audit": { "FindingsDestination": audit } } },
                { "DataIdentifier": identifiers, "Operation": { "Deidentify": { "MaskConfig": {} } } },
            ],
            "Configuration": { "CustomDataIdentifier": [{ "Name": "Employee", "Regex": "E-\\d{4}" }] },
        })
    }

    #[test]
    fn policies_are_checked() {
        let parse = |document: &Value| Policy::parse(&document.to_string());
        let audit = serde_json::json!({ "CloudWatchLogs": { "LogGroup": "/aws/vendedlogs/findings" } });
        let good = policy(&serde_json::json!([EMAIL, "Employee"]), &audit);
        let parsed = parse(&good).unwrap();
        assert_eq!(parsed.identifiers.len(), 2);
        assert_eq!(parsed.findings.as_deref(), Some("/aws/vendedlogs/findings"));
        let mut bad = vec![
            policy(&serde_json::json!([]), &audit),
            policy(&serde_json::json!(["Unknown"]), &audit),
            policy(&serde_json::json!(["arn:aws:dataprotection::aws:data-identifier/Name"]), &audit),
            serde_json::json!({}),
        ];
        let mut different = good.clone();
        different["Statement"][1]["DataIdentifier"] = serde_json::json!(["Employee"]);
        bad.push(different);
        let mut masked = good;
        masked["Statement"][1]["Operation"]["Deidentify"]["MaskConfig"] = serde_json::json!({ "x": 1 });
        bad.push(masked);
        for document in bad {
            assert!(parse(&document).is_err(), "{document}");
        }
    }
}
