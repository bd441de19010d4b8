//! A function: its configuration, its code, its policy.

use api_lambda::{
    Architecture, DeadLetterConfig, EnvironmentResponse, EphemeralStorage, FunctionConfiguration,
    LambdaError, LastUpdateStatus, LastUpdateStatusReasonCode, LogFormat, LoggingConfig, PackageType,
    Runtime, SnapStartApplyOn, SnapStartOptimizationStatus, SnapStartResponse, State, StateReasonCode,
    TracingConfigResponse, TracingMode,
};
use kernel::{Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobId, ReadTx, Table};

use crate::errors;
use crate::names::{FunctionName, function_arn};
use crate::policy::Statement;

/// Functions by name.
pub static FUNCTIONS: Table<String, Function> = Table::regional("lambda.functions");

/// A function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Function {
    /// Its configuration.
    pub configuration: Configuration,
    /// Its code.
    pub code: Code,
    /// Changes with every change.
    pub revision: String,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Who may call it.
    pub policy: Vec<Statement>,
    /// Its tags.
    pub tags: Map<String, String>,
}

/// What callers configure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Configuration {
    /// The runtime, such as `python3.12`.
    pub runtime: Runtime,
    /// The handler, such as `app.handler`.
    pub handler: String,
    /// The ARN of its role.
    pub role: String,
    /// What it is for.
    pub description: String,
    /// Seconds an invocation may take.
    pub timeout: i32,
    /// Megabytes of memory.
    pub memory: i32,
    /// Megabytes of `/tmp`.
    pub ephemeral: i32,
    /// Variables, if any were given.
    pub environment: Option<Map<String, String>>,
    /// The instruction set it was made for.
    pub architecture: Architecture,
    /// Where failed asynchronous invocations go.
    pub dead_letter: Option<String>,
    /// The log group, if it is not Lambda's own.
    pub log_group: Option<String>,
}

/// A function's code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    /// The archive.
    pub blob: BlobId,
    /// The archive's SHA-256, in base64.
    pub sha256: String,
    /// The archive's bytes.
    pub size: u64,
}

/// What has just happened to a function: AWS says so in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is being created.
    Created,
    /// It is being updated.
    Updated,
    /// It is as it was.
    Settled,
}

impl Function {
    /// The function a caller names.
    pub fn get(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Self, LambdaError> {
        name.require_latest()?;
        tx.get(&FUNCTIONS, &name.name)?.ok_or_else(|| errors::no_such_function(&name.arn()))
    }

    /// Refuses if the caller has seen another revision.
    pub fn require_revision(&self, revision: Option<&str>) -> Result<(), LambdaError> {
        match revision {
            Some(revision) if revision != self.revision => Err(errors::other_revision()),
            _ => Ok(()),
        }
    }

    /// The log group.
    pub fn log_group(&self, name: &str) -> String {
        self.configuration.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{name}"))
    }

    /// The configuration as callers see it.
    pub fn describe(&self, name: &FunctionName, moment: Moment) -> FunctionConfiguration {
        let configuration = &self.configuration;
        let settled = FunctionConfiguration {
            function_name: Some(name.name.clone()),
            function_arn: Some(name.arn()),
            runtime: Some(configuration.runtime.clone()),
            role: Some(configuration.role.clone()),
            handler: Some(configuration.handler.clone()),
            code_size: i64::try_from(self.code.size).ok(),
            description: Some(configuration.description.clone()),
            timeout: Some(configuration.timeout),
            memory_size: Some(configuration.memory),
            last_modified: Some(self.modified.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()),
            code_sha256: Some(self.code.sha256.clone()),
            version: Some("$LATEST".to_owned()),
            dead_letter_config: configuration
                .dead_letter
                .clone()
                .map(|target| DeadLetterConfig { target_arn: Some(target) }),
            environment: configuration
                .environment
                .clone()
                .map(|variables| EnvironmentResponse { variables: Some(variables), error: None }),
            tracing_config: Some(TracingConfigResponse { mode: Some(TracingMode::PassThrough) }),
            revision_id: Some(self.revision.clone()),
            package_type: Some(PackageType::Zip),
            architectures: Some(vec![configuration.architecture.clone()]),
            ephemeral_storage: Some(EphemeralStorage { size: configuration.ephemeral }),
            snap_start: Some(SnapStartResponse {
                apply_on: Some(SnapStartApplyOn::None),
                optimization_status: Some(SnapStartOptimizationStatus::Off),
            }),
            logging_config: Some(LoggingConfig {
                log_format: Some(LogFormat::Text),
                log_group: Some(self.log_group(&name.name)),
                ..LoggingConfig::default()
            }),
            ..FunctionConfiguration::default()
        };
        with_state(settled, moment)
    }
}

/// AWS answers a change before it is done; the next look finds it done.
fn with_state(configuration: FunctionConfiguration, moment: Moment) -> FunctionConfiguration {
    let reason = Some("The function is being created.".to_owned());
    match moment {
        Moment::Created => FunctionConfiguration {
            state: Some(State::Pending),
            state_reason: reason,
            state_reason_code: Some(StateReasonCode::Creating),
            ..configuration
        },
        Moment::Updated => FunctionConfiguration {
            state: Some(State::Active),
            last_update_status: Some(LastUpdateStatus::InProgress),
            last_update_status_reason: reason,
            last_update_status_reason_code: Some(LastUpdateStatusReasonCode::from("Creating")),
            ..configuration
        },
        Moment::Settled => FunctionConfiguration {
            state: Some(State::Active),
            last_update_status: Some(LastUpdateStatus::Successful),
            ..configuration
        },
    }
}

impl FunctionName {
    /// The ARN without version or alias.
    pub fn plain_arn(&self) -> String {
        function_arn(&self.scope, &self.name)
    }
}
