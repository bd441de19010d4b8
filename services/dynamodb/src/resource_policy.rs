//! The policies of tables and streams.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>

use api_dynamodb::DynamodbError;
use kernel::{Arn, Context, Fault, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{ReadTx, Table as Rows, WriteTx};

use crate::stream::STREAMS;
use crate::table::TABLES;
use crate::{errors, limits};

/// Policies by what they are of: the ARN's last part.
static POLICIES: Rows<String, ResourcePolicy> = Rows::regional("dynamodb.resource-policies");

/// What callers expect where they expect no policy.
const NO_POLICY: &str = "NO_POLICY";

/// A policy and the id of its revision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// The document, as it was given.
    pub document: String,
    /// The id of this revision.
    pub revision: String,
}

/// A table or a stream that a policy is of.
pub struct Resource<'a> {
    arn: &'a str,
    /// Where it is.
    pub scope: Scope,
    path: String,
}

impl<'a> Resource<'a> {
    /// What an ARN is of: `table/NAME` or `table/NAME/stream/LABEL`.
    pub fn parse(cx: &Context, arn: &'a str) -> Result<Self, DynamodbError> {
        let parsed = Arn::parse(arn).filter(|parsed| parsed.resource.starts_with("table/"));
        let parsed = parsed.ok_or_else(|| {
            errors::validation(format!("Invalid ResourceArn: Invalid ResourceArn provided as input {arn}"))
        })?;
        Ok(Self { arn, scope: parsed.scope(&cx.scope), path: parsed.resource.clone() })
    }

    /// Refuses what is not there.
    pub fn check(&self, tx: &ReadTx<'_>) -> Result<(), DynamodbError> {
        let name = self.path.trim_start_matches("table/");
        let is_there = match name.split_once("/stream/") {
            Some((table, label)) => tx.contains(&STREAMS, &(table, label))?,
            None => tx.contains(&TABLES, name)?,
        };
        if is_there { Ok(()) } else { Err(errors::no_such_arn(self.arn)) }
    }

    /// Its policy.
    pub fn policy(&self, tx: &ReadTx<'_>) -> Result<Option<ResourcePolicy>, Fault> {
        tx.get(&POLICIES, &self.path)
    }

    /// Refuses a caller who expects another revision than there is.
    pub fn check_revision(
        &self,
        policy: Option<&ResourcePolicy>,
        expected: Option<&String>,
    ) -> Result<(), DynamodbError> {
        let matches = match (expected.map(String::as_str), policy) {
            (None, _) | (Some(NO_POLICY), None) => true,
            (Some(expected), Some(policy)) => expected == policy.revision,
            (Some(_), None) => false,
        };
        if matches { Ok(()) } else { Err(self.not_found()) }
    }

    /// Sets its policy.
    pub fn set(&self, tx: &mut WriteTx<'_>, policy: &ResourcePolicy) -> Result<(), Fault> {
        tx.put(&POLICIES, &self.path, policy)
    }

    /// Removes its policy.
    pub fn remove(&self, tx: &mut WriteTx<'_>) -> Result<(), Fault> {
        tx.delete(&POLICIES, &self.path).map(drop)
    }

    /// It has no such policy.
    pub fn not_found(&self) -> DynamodbError {
        DynamodbError::policy_not_found_exception(format!(
            "Resource-based policy not found for the provided ResourceArn: {}",
            self.arn
        ))
    }
}

/// Sets the policy that a new table comes with.
pub fn begin(tx: &mut WriteTx<'_>, table: &str, policy: &ResourcePolicy) -> Result<(), Fault> {
    tx.put(&POLICIES, &format!("table/{table}"), policy)
}

/// Lets the policies of a table and its streams go.
pub fn forget(tx: &mut WriteTx<'_>, table: &str) -> Result<(), Fault> {
    tx.delete(&POLICIES, &format!("table/{table}"))?;
    let streams = format!("table/{table}/stream/");
    let all = tx.range(&POLICIES, streams.clone()..).keys();
    let gone = all.take_while(|key| key.as_ref().map_or(true, |key| key.starts_with(&streams)));
    for key in gone.collect::<Result<Vec<String>, Fault>>()? {
        tx.delete(&POLICIES, &key)?;
    }
    Ok(())
}

/// Refuses documents that are no policies.
pub fn check(document: &str) -> Result<(), DynamodbError> {
    if document.len() > limits::POLICY {
        return Err(DynamodbError::limit_exceeded_exception(
            "Resource-based policy size exceeds the maximum allowed size of 20 KB",
        ));
    }
    let policy: Option<Value> = serde_json::from_str(document).ok();
    let statements = policy.as_ref().and_then(|policy| policy.as_object()?.get("Statement"));
    let is_whole = match statements {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(is_statement),
        Some(one) => is_statement(one),
        None => false,
    };
    if is_whole {
        return Ok(());
    }
    Err(errors::validation("Invalid policy document: Syntax errors in policy."))
}

/// Statements of policies of resources say whom they are for.
fn is_statement(statement: &Value) -> bool {
    let has = |names: [&str; 2]| names.iter().any(|name| statement.get(name).is_some());
    let effect = statement.get("Effect").and_then(Value::as_str);
    matches!(effect, Some("Allow" | "Deny"))
        && has(["Action", "NotAction"])
        && has(["Principal", "NotPrincipal"])
        && has(["Resource", "NotResource"])
}
