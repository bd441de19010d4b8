//! Configurations as callers set them: checked, with AWS's defaults.

use api_lambda::{
    Architecture, CreateFunctionInput, DeadLetterConfig, DurableConfig, Environment, LambdaError, LogFormat,
    LoggingConfig, Runtime, SnapStart, SnapStartApplyOn, TracingConfig, TracingMode,
    UpdateFunctionConfigurationInput, VpcConfig,
};
use kernel::Map;

use crate::capacity::Managed;
use crate::function::{Configuration, Durability};
use crate::names::FunctionName;
use crate::{capacity, errors, image, limits, tenant};

/// The configuration of a new function.
pub fn of_new(input: &CreateFunctionInput) -> Result<Configuration, LambdaError> {
    let (runtime, handler) = image::runtime_and_handler(input)?;
    check_runtime(&runtime)?;
    refuse_unknown(&[
        ("file systems", input.file_system_configs.as_ref().is_some_and(|systems| !systems.is_empty())),
        ("KMS keys of functions", input.kms_key_arn.as_ref().is_some_and(|key| !key.is_empty())),
        ("VPCs of functions", in_vpc(input.vpc_config.as_ref())),
        ("accelerators of functions", input.accelerator_config.is_some()),
        ("KMS keys of durable functions", has_key(input.durable_config.as_ref())),
    ])?;
    let per_tenant = input.tenancy_config.is_some();
    if per_tenant {
        tenant::check_settings(input)?;
    }
    let architecture = input.architectures.as_ref().and_then(|list| list.first().cloned());
    let managed = input.capacity_provider_config.as_ref().map(|config| Managed::of(config, None));
    if managed.is_none() && input.publish_to.is_some() {
        return Err(errors::managed_only("PublishTo"));
    }
    let (memory, logs) = match managed {
        Some(_) => (limits::MANAGED_MEMORY, Some(("INFO".to_owned(), "INFO".to_owned()))),
        None => (limits::MEMORY, None),
    };
    let configuration = Configuration {
        runtime,
        handler,
        role: input.role.clone(),
        description: input.description.clone().unwrap_or_default(),
        timeout: input.timeout.unwrap_or(limits::TIMEOUT),
        memory: input.memory_size.unwrap_or(memory),
        ephemeral: input.ephemeral_storage.as_ref().map_or(limits::EPHEMERAL, |storage| storage.size),
        environment: environment(input.environment.as_ref())?,
        architecture: architecture.unwrap_or(Architecture::X8664),
        dead_letter: dead_letter(input.dead_letter_config.as_ref())?,
        log_group: log_group(input.logging_config.as_ref()),
        json_logs: json_logs(input.logging_config.as_ref(), logs),
        layers: Vec::new(),
        traced: traced(input.tracing_config.as_ref()),
        snap_start: snapped(input.snap_start.as_ref()),
        image: image::overrides(input.image_config.as_ref()),
        durable: input.durable_config.as_ref().map(durable).transpose()?,
        per_tenant,
        managed,
    };
    capacity::check(&configuration)?;
    Ok(configuration)
}

/// Changes what the request names.
pub fn update(
    configuration: &mut Configuration,
    input: &UpdateFunctionConfigurationInput,
) -> Result<(), LambdaError> {
    refuse_unknown(&[
        ("file systems", input.file_system_configs.as_ref().is_some_and(|systems| !systems.is_empty())),
        ("KMS keys of functions", input.kms_key_arn.as_ref().is_some_and(|key| !key.is_empty())),
        ("VPCs of functions", in_vpc(input.vpc_config.as_ref())),
        ("accelerators of functions", input.accelerator_config.is_some()),
        ("KMS keys of durable functions", has_key(input.durable_config.as_ref())),
    ])?;
    input.runtime.as_ref().map_or(Ok(()), check_runtime)?;
    let set =
        |place: &mut String, value: &Option<String>| value.iter().for_each(|value| place.clone_from(value));
    set(&mut configuration.role, &input.role);
    set(&mut configuration.handler, &input.handler);
    set(&mut configuration.description, &input.description);
    configuration.runtime = input.runtime.clone().unwrap_or_else(|| configuration.runtime.clone());
    configuration.timeout = input.timeout.unwrap_or(configuration.timeout);
    configuration.memory = input.memory_size.unwrap_or(configuration.memory);
    configuration.ephemeral =
        input.ephemeral_storage.as_ref().map_or(configuration.ephemeral, |storage| storage.size);
    if input.environment.is_some() {
        configuration.environment = environment(input.environment.as_ref())?;
    }
    if input.dead_letter_config.is_some() {
        configuration.dead_letter = dead_letter(input.dead_letter_config.as_ref())?;
    }
    if input.logging_config.is_some() {
        let config = input.logging_config.as_ref();
        configuration.log_group = log_group(config).or_else(|| configuration.log_group.take());
        configuration.json_logs = json_logs(config, configuration.json_logs.take());
    }
    if input.tracing_config.is_some() {
        configuration.traced = traced(input.tracing_config.as_ref());
    }
    if configuration.per_tenant && snapped(input.snap_start.as_ref()) {
        return Err(errors::not_for_tenants("SnapStart"));
    }
    if input.snap_start.is_some() {
        configuration.snap_start = snapped(input.snap_start.as_ref());
    }
    if input.image_config.is_some() {
        configuration.image = image::overrides(input.image_config.as_ref());
    }
    if let Some(config) = &input.capacity_provider_config {
        let before = configuration.managed.take();
        let before = before.ok_or_else(|| errors::managed_only("CapacityProviderConfig"))?;
        configuration.managed = Some(Managed::of(config, Some(&before)));
    }
    if let Some(config) = &input.durable_config {
        // A function is made durable when it is created or never.
        let before = configuration.durable.take().ok_or_else(errors::not_durable)?;
        configuration.durable = Some(Durability {
            timeout: config.execution_timeout.unwrap_or(before.timeout),
            retention: config.retention_period_in_days.unwrap_or(before.retention),
        });
    }
    capacity::check(configuration)
}

/// A function's name may be shorter than the ARN in which it can be given.
pub fn check_name(name: &FunctionName) -> Result<(), LambdaError> {
    if name.name.len() > limits::NAME {
        return Err(errors::invalid(format!(
            "1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: Member must have \
             length less than or equal to {}",
            name.name,
            limits::NAME
        )));
    }
    Ok(())
}

fn check_runtime(runtime: &Runtime) -> Result<(), LambdaError> {
    let runtime = runtime.as_str();
    if limits::DEPRECATED_RUNTIMES.contains(&runtime) {
        return Err(errors::deprecated_runtime(runtime));
    }
    Ok(())
}

/// Whether published versions are to start from a snapshot.
pub fn snapped(snap: Option<&SnapStart>) -> bool {
    snap.is_some_and(|snap| snap.apply_on == Some(SnapStartApplyOn::PublishedVersions))
}

fn refuse_unknown(asked: &[(&str, bool)]) -> Result<(), LambdaError> {
    match asked.iter().find(|(_, is_asked)| *is_asked) {
        Some((what, _)) => Err(errors::not_emulated(what)),
        None => Ok(()),
    }
}

fn in_vpc(config: Option<&VpcConfig>) -> bool {
    let lists = config.map(|config| [&config.subnet_ids, &config.security_group_ids]);
    lists.into_iter().flatten().flatten().any(|list| !list.is_empty())
}

fn traced(config: Option<&TracingConfig>) -> bool {
    config.is_some_and(|config| config.mode == Some(TracingMode::Active))
}

fn has_key(config: Option<&DurableConfig>) -> bool {
    config.and_then(|config| config.kms_key_arn.as_ref()).is_some_and(|key| !key.is_empty())
}

/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/durable-configuration.html>
fn durable(config: &DurableConfig) -> Result<Durability, LambdaError> {
    let timeout = config.execution_timeout.ok_or_else(errors::no_execution_timeout)?;
    let retention = config.retention_period_in_days.unwrap_or(limits::EXECUTION_RETENTION);
    Ok(Durability { timeout, retention })
}

fn environment(environment: Option<&Environment>) -> Result<Option<Map<String, String>>, LambdaError> {
    let Some(variables) = environment.and_then(|environment| environment.variables.clone()) else {
        return Ok(None);
    };
    let reserved: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|name| limits::RESERVED_VARIABLES.contains(name))
        .collect();
    if !reserved.is_empty() {
        return Err(errors::invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let text = serde_json::to_string(&variables).unwrap_or_default();
    if text.len() > limits::ENVIRONMENT {
        return Err(errors::invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {text}"
        )));
    }
    Ok(Some(variables))
}

fn dead_letter(config: Option<&DeadLetterConfig>) -> Result<Option<String>, LambdaError> {
    let target = config.and_then(|config| config.target_arn.clone()).filter(|target| !target.is_empty());
    match target.as_deref().and_then(|target| target.split(':').nth(2)) {
        None | Some("sns" | "sqs") => Ok(target),
        Some(_) => Err(errors::invalid("The provided target is not a valid SQS queue or SNS topic.")),
    }
}

fn log_group(config: Option<&LoggingConfig>) -> Option<String> {
    config.and_then(|config| config.log_group.clone()).filter(|group| !group.is_empty())
}

/// The levels of JSON logs, of the application and of the system. What is not said stays as it was.
fn json_logs(config: Option<&LoggingConfig>, before: Option<(String, String)>) -> Option<(String, String)> {
    let Some(config) = config else { return before };
    let is_json = match &config.log_format {
        Some(format) => *format == LogFormat::Json,
        None => before.is_some(),
    };
    let (application, system) = before.unwrap_or_else(|| ("INFO".to_owned(), "INFO".to_owned()));
    is_json.then(|| {
        let application = config.application_log_level.as_ref().map_or(application, ToString::to_string);
        (application, config.system_log_level.as_ref().map_or(system, ToString::to_string))
    })
}
