//! What comes of executions and operations.

use api_lambda::{ErrorObject, LambdaError};
use serde::{Deserialize, Serialize};

use crate::{errors, limits};

/// How an execution has ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// The result.
    pub result: Option<String>,
    /// What went wrong.
    pub error: Option<Problem>,
}

/// What went wrong, as `ErrorObject` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// For people.
    #[serde(rename = "ErrorMessage", skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// The kind.
    #[serde(rename = "ErrorType", skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// For machines.
    #[serde(rename = "ErrorData", skip_serializing_if = "Option::is_none", default)]
    pub data: Option<String>,
    /// Where.
    #[serde(rename = "StackTrace", skip_serializing_if = "Option::is_none", default)]
    pub trace: Option<Vec<String>>,
}

impl Problem {
    /// With a kind and a message.
    pub fn new(kind: &str, message: impl Into<String>) -> Self {
        Self { kind: Some(kind.to_owned()), message: Some(message.into()), ..Self::default() }
    }

    /// What a caller says, unless it is too long.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_StopDurableExecution.html>
    pub fn given(error: Option<ErrorObject>) -> Result<Option<Self>, LambdaError> {
        let most = limits::OPERATION_PAYLOAD;
        match error.map(Self::from) {
            Some(problem) if problem.len() > most => {
                Err(errors::refused(format!("Error object size must be less than {most} bytes.")))
            }
            problem => Ok(problem),
        }
    }

    /// Its bytes.
    pub fn len(&self) -> usize {
        let texts = [&self.message, &self.kind, &self.data].into_iter().flatten().map(String::len);
        texts.sum::<usize>() + self.trace.iter().flatten().map(String::len).sum::<usize>()
    }

    /// As callers see it.
    pub fn describe(&self) -> ErrorObject {
        ErrorObject {
            error_message: self.message.clone(),
            error_type: self.kind.clone(),
            error_data: self.data.clone(),
            stack_trace: self.trace.clone(),
        }
    }
}

impl From<ErrorObject> for Problem {
    fn from(error: ErrorObject) -> Self {
        Self {
            message: error.error_message,
            kind: error.error_type,
            data: error.error_data,
            trace: error.stack_trace,
        }
    }
}
