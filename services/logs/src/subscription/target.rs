//! Where subscriptions lead: functions, data streams, and destinations of other accounts.

use api_kinesis::{DescribeStreamSummary, DescribeStreamSummaryInput};
use api_lambda::{GetPolicy, GetPolicyInput};
use api_logs::LogsError;
use kernel::{Arn, Context};
use serde_json::Value;

use crate::Logs;
use crate::destination::DESTINATIONS;
use crate::errors;

/// What an ARN leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function.
    Function(String),
    /// A data stream of Kinesis.
    Stream(Arn),
}

/// Whether an ARN is that of a data stream or of a delivery stream.
fn is_stream(arn: &Arn) -> bool {
    matches!(arn.service.as_str(), "kinesis" | "firehose")
}

impl Logs {
    /// What an ARN leads to, in the end.
    pub fn target(&self, cx: &Context, destination: &str) -> Result<Target, LogsError> {
        let arn = Arn::parse(destination).ok_or_else(errors::invalid_destination_arn)?;
        match arn.service.as_str() {
            "lambda" => Ok(Target::Function(destination.to_owned())),
            "kinesis" => Ok(Target::Stream(arn)),
            "firehose" => Err(errors::not_emulated("Firehose, where the subscription leads")),
            "logs" => {
                let name =
                    arn.resource.strip_prefix("destination:").ok_or_else(errors::invalid_destination_arn)?;
                let scope = arn.scope(&cx.scope);
                let found = self.store.read(&scope, |tx| tx.get(&DESTINATIONS, name))?;
                let found = found.ok_or_else(errors::no_such_destination)?;
                if !found.lets_in(cx.scope.account.as_str(), &scope) {
                    return Err(errors::not_let_in(destination));
                }
                match Arn::parse(&found.target) {
                    Some(arn) if arn.service == "kinesis" => Ok(Target::Stream(arn)),
                    _ => Err(errors::not_emulated("destinations other than Kinesis")),
                }
            }
            _ => Err(errors::invalid_destination_arn()),
        }
    }
}

/// Refuses what AWS would not accept as a filter's destination, before the group is looked at.
pub fn check(cx: &Context, destination: &str, role: Option<&str>) -> Result<Arn, LogsError> {
    let arn = Arn::parse(destination).ok_or_else(errors::invalid_destination_arn)?;
    if arn.service == "lambda" && arn.account != cx.scope.account.as_str() {
        return Err(errors::cross_account_function());
    }
    if is_stream(&arn) && role.is_none() {
        return Err(errors::role_needed(&arn.service));
    }
    Ok(arn)
}

impl Target {
    /// Refuses a target that is not there.
    pub async fn verify(&self, cx: &Context) -> Result<(), LogsError> {
        match self {
            Self::Function(arn) => {
                let scope = Arn::parse(arn).map_or(cx.scope.clone(), |arn| arn.scope(&cx.scope));
                let input = GetPolicyInput { function_name: arn.clone(), qualifier: None };
                let answer = cx.in_scope(scope).call::<GetPolicy>(input).await;
                let policy = answer.map_err(|_| errors::cannot_invoke())?.policy.unwrap_or_default();
                if lets_logs_in(&policy) { Ok(()) } else { Err(errors::cannot_invoke()) }
            }
            Self::Stream(_) if cx.calls.service("kinesis").is_none() => {
                Err(errors::not_emulated("Kinesis, where the subscription leads"))
            }
            Self::Stream(arn) => {
                let input =
                    DescribeStreamSummaryInput { stream_arn: Some(arn.to_string()), ..Default::default() };
                let answer = cx.in_scope(arn.scope(&cx.scope)).call::<DescribeStreamSummary>(input).await;
                answer.map(drop).map_err(|_| errors::cannot_deliver("Kinesis stream"))
            }
        }
    }
}

/// Whether a function's policy lets CloudWatch Logs call it.
fn lets_logs_in(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
    statements.iter().any(|statement| {
        let principal = statement.get("Principal").unwrap_or(&Value::Null);
        let service = principal.get("Service").unwrap_or(principal);
        let is_logs = |text: &str| {
            text == "*"
                || (text.starts_with("logs.") && text.trim_end_matches(".cn").ends_with("amazonaws.com"))
        };
        match service {
            Value::String(text) => is_logs(text),
            Value::Array(all) => all.iter().filter_map(Value::as_str).any(is_logs),
            _ => false,
        }
    })
}
