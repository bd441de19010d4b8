//! Functions as callers see them.

use api_lambda::{
    DeadLetterConfig, DurableConfig, EnvironmentResponse, EphemeralStorage, FunctionConfiguration,
    LastUpdateStatus, LastUpdateStatusReasonCode, Layer, LogFormat, LoggingConfig, PackageType,
    RuntimeVersionConfig, SnapStartApplyOn, SnapStartOptimizationStatus, SnapStartResponse, State,
    StateReasonCode, TenancyConfig, TenantIsolationMode, TracingConfigResponse, TracingMode,
};
use kernel::{Arn, Scope, Timestamp};
use sha2::{Digest, Sha256};

use crate::function::{Configuration, Function, LATEST, Moment};
use crate::image;
use crate::names::FunctionName;

impl Function {
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
            last_modified: Some(moment_text(self.modified)),
            code_sha256: Some(self.code.sha256.clone()),
            version: Some(self.version.clone()),
            dead_letter_config: configuration
                .dead_letter
                .clone()
                .map(|target| DeadLetterConfig { target_arn: Some(target) }),
            environment: configuration
                .environment
                .clone()
                .map(|variables| EnvironmentResponse { variables: Some(variables), error: None }),
            tracing_config: Some(TracingConfigResponse { mode: Some(tracing(configuration.traced)) }),
            revision_id: Some(self.revision.clone()),
            layers: layers(configuration),
            package_type: Some(PackageType::Zip),
            architectures: Some(vec![configuration.architecture.clone()]),
            ephemeral_storage: Some(EphemeralStorage { size: configuration.ephemeral }),
            snap_start: Some(self.snap_start()),
            runtime_version_config: Some(RuntimeVersionConfig {
                runtime_version_arn: Some(self.runtime_version(&name.scope)),
                error: None,
            }),
            logging_config: Some(self.logging(&name.name)),
            tenancy_config: configuration
                .per_tenant
                .then_some(TenancyConfig { tenant_isolation_mode: TenantIsolationMode::PerTenant }),
            capacity_provider_config: configuration
                .managed
                .as_ref()
                .map(|managed| managed.describe(configuration)),
            durable_config: configuration.durable.as_ref().map(|durable| DurableConfig {
                kms_key_arn: None,
                retention_period_in_days: Some(durable.retention),
                execution_timeout: Some(durable.timeout),
            }),
            ..FunctionConfiguration::default()
        };
        let settled = match self.code.image {
            Some(_) => image::described(settled, self),
            None => settled,
        };
        self.with_managed_state(with_state(settled, moment), moment)
    }

    /// What is worked on is never invoked where only published versions run; a version may have been switched off.
    fn with_managed_state(&self, described: FunctionConfiguration, moment: Moment) -> FunctionConfiguration {
        let state = match (&self.configuration.managed, self.version.as_str()) {
            (Some(_), LATEST) if moment != Moment::Created => State::ActiveNonInvocable,
            (Some(_), version) if version != LATEST && self.scaling().is_off() => State::Deactivated,
            _ => return described,
        };
        FunctionConfiguration { state: Some(state), state_reason: None, state_reason_code: None, ..described }
    }

    /// The configuration as lists show it: they say nothing of states.
    pub fn list(&self, name: &FunctionName) -> FunctionConfiguration {
        let described = self.describe(name, Moment::Settled);
        FunctionConfiguration {
            state: None,
            last_update_status: None,
            runtime_version_config: None,
            ..described
        }
    }

    /// The ARN of the runtime's version. AWS's change with every patch; ours is the same for a runtime's name.
    pub fn runtime_version(&self, scope: &Scope) -> String {
        if let Some((_, Some(chosen))) = &self.runtime_updates {
            return chosen.clone();
        }
        let digest = Sha256::digest(self.configuration.runtime.as_str());
        let digest = base16ct::lower::encode_string(&digest);
        Arn { account: String::new(), ..Arn::new("lambda", scope, format!("runtime:{digest}")) }.to_string()
    }

    fn snap_start(&self) -> SnapStartResponse {
        let is_on = self.configuration.snap_start;
        SnapStartResponse {
            apply_on: Some(if is_on { SnapStartApplyOn::PublishedVersions } else { SnapStartApplyOn::None }),
            optimization_status: Some(if is_on && self.version != LATEST {
                SnapStartOptimizationStatus::On
            } else {
                SnapStartOptimizationStatus::Off
            }),
        }
    }

    fn logging(&self, name: &str) -> LoggingConfig {
        let levels = self.configuration.json_logs.as_ref();
        LoggingConfig {
            log_format: Some(if levels.is_some() { LogFormat::Json } else { LogFormat::Text }),
            application_log_level: levels.map(|(application, _)| application.as_str().into()),
            system_log_level: levels.map(|(_, system)| system.as_str().into()),
            log_group: Some(self.log_group(name)),
        }
    }
}

/// A moment as Lambda writes it.
pub fn moment_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

fn tracing(is_active: bool) -> TracingMode {
    if is_active { TracingMode::Active } else { TracingMode::PassThrough }
}

fn layers(configuration: &Configuration) -> Option<Vec<Layer>> {
    let describe = |layer: &crate::function::LayerUse| Layer {
        arn: Some(layer.arn.clone()),
        code_size: i64::try_from(layer.size).ok(),
        ..Layer::default()
    };
    (!configuration.layers.is_empty()).then(|| configuration.layers.iter().map(describe).collect())
}

/// AWS answers a change before it is done; the next look finds it done.
fn with_state(configuration: FunctionConfiguration, moment: Moment) -> FunctionConfiguration {
    let reason = Some("The function is being created.".to_owned());
    match moment {
        Moment::Created | Moment::Starting => FunctionConfiguration {
            state: Some(State::Pending),
            state_reason: reason,
            state_reason_code: Some(StateReasonCode::Creating),
            ..configuration
        },
        Moment::Broken => FunctionConfiguration {
            state: Some(State::Failed),
            state_reason: Some("The function's execution environments could not be initialized.".to_owned()),
            state_reason_code: Some(StateReasonCode::from("FunctionError.RuntimeInitError")),
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
