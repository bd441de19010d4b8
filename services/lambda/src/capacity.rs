//! Capacity providers, and what functions that belong to one (Lambda Managed Instances) have of their own.
//!
//! There are no instances here: networks, instance types, keys and telemetry of providers are kept and shown.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html>

use api_lambda::{
    CapacityProvider, CapacityProviderConfig, CapacityProviderScalingConfig, CapacityProviderScalingMode,
    FunctionScalingConfig, LambdaError, LambdaManagedInstancesCapacityProviderConfig,
};
use kernel::tags::Tags;
use kernel::{Arn, Fault, Scope};
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::function::{Configuration, FUNCTIONS, Function, LATEST, VERSIONS};
use crate::{errors, limits};

/// By name.
pub static PROVIDERS: Table<String, Provider> = Table::regional("lambda.capacity_providers");

/// A capacity provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provider {
    /// As callers see it.
    pub shown: Stored<CapacityProvider>,
    /// Its tags.
    pub tags: Tags,
}

/// What a function of a capacity provider is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Managed {
    /// The provider's ARN.
    pub provider: String,
    /// Events that one environment takes at once, if it was said.
    pub concurrency: Option<i32>,
    /// GiB of memory for each virtual processor.
    pub memory_per_cpu: f64,
}

/// How many environments a version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {
    /// At least.
    pub min: i32,
    /// At most.
    pub max: Option<i32>,
}

impl Default for Scaling {
    fn default() -> Self {
        Self { min: limits::MIN_ENVIRONMENTS, max: None }
    }
}

impl Scaling {
    /// What a caller asks for; what is not said is as it is without any settings.
    pub fn of(config: Option<&FunctionScalingConfig>) -> Result<Self, LambdaError> {
        let Some(config) = config else { return Ok(Self::default()) };
        let min = config.min_execution_environments.unwrap_or(limits::MIN_ENVIRONMENTS);
        let max = config.max_execution_environments;
        if min == 0 && max != Some(0) {
            return Err(errors::invalid(
                "MinExecutionEnvironments can be 0 only if MaxExecutionEnvironments is 0 too.",
            ));
        }
        if max.is_some_and(|max| max < min) {
            return Err(errors::invalid(
                "MinExecutionEnvironments must be less than or equal to MaxExecutionEnvironments.",
            ));
        }
        Ok(Self { min, max })
    }

    /// As callers see it.
    pub fn describe(self) -> FunctionScalingConfig {
        FunctionScalingConfig {
            min_execution_environments: Some(self.min),
            max_execution_environments: self.max,
        }
    }

    /// Whether nothing of the version is to run.
    pub fn is_off(self) -> bool {
        self.max == Some(0)
    }
}

impl Managed {
    /// What a caller says, over what was before.
    pub fn of(config: &CapacityProviderConfig, before: Option<&Self>) -> Self {
        let config = &config.lambda_managed_instances_capacity_provider_config;
        let concurrency = config.per_execution_environment_max_concurrency;
        let memory = config.execution_environment_memory_gi_b_per_v_cpu;
        Self {
            provider: config.capacity_provider_arn.clone(),
            concurrency: concurrency.or_else(|| before.and_then(|before| before.concurrency)),
            memory_per_cpu: memory
                .or_else(|| before.map(|before| before.memory_per_cpu))
                .unwrap_or(limits::MEMORY_PER_CPU),
        }
    }

    /// As callers see it.
    pub fn describe(&self, configuration: &Configuration) -> CapacityProviderConfig {
        CapacityProviderConfig {
            lambda_managed_instances_capacity_provider_config: LambdaManagedInstancesCapacityProviderConfig {
                capacity_provider_arn: self.provider.clone(),
                per_execution_environment_max_concurrency: Some(self.concurrency(configuration)),
                execution_environment_memory_gi_b_per_v_cpu: Some(self.memory_per_cpu),
            },
        }
    }

    /// Events that one environment takes at once.
    pub fn concurrency(&self, configuration: &Configuration) -> i32 {
        let per_cpu = match configuration.runtime.as_str() {
            runtime if runtime.starts_with("python") => 16,
            runtime if runtime.starts_with("nodejs") => 64,
            runtime if runtime.starts_with("java") || runtime.starts_with("dotnet") => 32,
            _ => 8,
        };
        let cpus = f64::from(configuration.memory) / 1024.0 / self.memory_per_cpu;
        #[expect(clippy::cast_possible_truncation, reason = "a machine's processors")]
        self.concurrency.unwrap_or_else(|| per_cpu * (cpus as i32).max(1))
    }
}

impl Function {
    /// How many environments it has.
    pub fn scaling(&self) -> Scaling {
        self.scaling.unwrap_or_default()
    }

    /// How many of its events may run at once, where that is limited: all that its environments take.
    pub fn managed_limit(&self) -> Option<usize> {
        let managed = self.configuration.managed.as_ref()?;
        let most = self.scaling().max?.saturating_mul(managed.concurrency(&self.configuration));
        usize::try_from(most).ok()
    }
}

/// Refuses what functions of capacity providers cannot have.
pub fn check(configuration: &Configuration) -> Result<(), LambdaError> {
    if configuration.managed.is_none() {
        return Ok(());
    }
    let runtime = configuration.runtime.as_str();
    if !is_supported(runtime) {
        return Err(errors::invalid(format!(
            "Lambda Managed Instances do not support the runtime {runtime}."
        )));
    }
    if configuration.memory < limits::MANAGED_MEMORY {
        let message = format!(
            "Lambda Managed Instance functions must have memory size greater than or equal to {}",
            limits::MANAGED_MEMORY
        );
        return Err(Fault::client("ValidationException", message).into());
    }
    if configuration.json_logs.is_none() {
        return Err(errors::not_managed("The log format Text"));
    }
    if configuration.snap_start {
        return Err(errors::not_managed("SnapStart"));
    }
    Ok(())
}

/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html>
fn is_supported(runtime: &str) -> bool {
    let at_least = |prefix: &str, least: u32| {
        let version = runtime.strip_prefix(prefix).map(|rest| rest.split(['.', '-']).next().unwrap_or(rest));
        version.and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= least)
    };
    // Container images have no runtime that anybody says.
    runtime.is_empty()
        || runtime == "provided.al2023"
        || at_least("python3.", 13)
        || at_least("nodejs", 22)
        || at_least("java", 21)
        || at_least("dotnet", 8)
}

/// Refuses a function whose provider is not there, or is for another instruction set.
pub fn require(tx: &ReadTx<'_>, scope: &Scope, configuration: &Configuration) -> Result<(), LambdaError> {
    let Some(managed) = &configuration.managed else { return Ok(()) };
    let name = provider_name(scope, &managed.provider).unwrap_or_default();
    let provider = tx.get(&PROVIDERS, name)?.ok_or_else(|| errors::no_such_provider(&managed.provider))?;
    let requirements = provider.shown.0.instance_requirements;
    let architectures = requirements.and_then(|requirements| requirements.architectures).unwrap_or_default();
    if !architectures.is_empty() && !architectures.contains(&configuration.architecture) {
        return Err(errors::invalid(format!(
            "The capacity provider {} has no instances for the architecture {}.",
            managed.provider, configuration.architecture
        )));
    }
    Ok(())
}

/// Refuses one more version than a provider takes.
pub fn require_room(tx: &ReadTx<'_>, configuration: &Configuration) -> Result<(), LambdaError> {
    let Some(managed) = &configuration.managed else { return Ok(()) };
    let published = users(tx, &managed.provider)?;
    if published.iter().filter(|(_, user)| user.version != LATEST).count() < limits::MANAGED_VERSIONS {
        return Ok(());
    }
    Err(LambdaError::function_versions_per_capacity_provider_limit_exceeded_exception(format!(
        "The maximum number of function versions per capacity provider ({}) has been reached.",
        limits::MANAGED_VERSIONS
    )))
}

/// The functions of a provider and their versions, with their names, in order.
pub fn users(tx: &ReadTx<'_>, provider: &str) -> Result<Vec<(String, Function)>, Fault> {
    let uses = |function: &Function| {
        function.configuration.managed.as_ref().is_some_and(|managed| managed.provider == provider)
    };
    let mut found = Vec::new();
    for row in tx.range(&FUNCTIONS, ..) {
        let (name, function) = row?;
        if uses(&function) {
            found.push((name, function));
        }
    }
    for row in tx.range(&VERSIONS, ..) {
        let ((name, _), version) = row?;
        if uses(&version) {
            found.push((name, version));
        }
    }
    // Stable: versions of a function stay in their order.
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

/// The name that a caller means, if it is one of that account and region.
pub fn provider_name<'a>(scope: &Scope, text: &'a str) -> Option<&'a str> {
    let Some(arn) = Arn::parse(text) else { return Some(text) };
    (arn.scope(scope) == *scope).then(|| text.rsplit(':').next().unwrap_or(text))
}

/// The ARN of a provider.
pub fn provider_arn(scope: &Scope, name: &str) -> String {
    Arn::new("lambda", scope, format!("capacity-provider:{name}")).to_string()
}

/// How a provider scales, with AWS's defaults.
pub fn provider_scaling(
    asked: Option<CapacityProviderScalingConfig>,
) -> Result<CapacityProviderScalingConfig, LambdaError> {
    let asked = asked.unwrap_or_default();
    let mode = asked.scaling_mode.unwrap_or(CapacityProviderScalingMode::Auto);
    if mode == CapacityProviderScalingMode::Auto && asked.scaling_policies.is_some() {
        return Err(errors::invalid(
            "A scaling policy can't be specified when the scalingMode is set to Auto",
        ));
    }
    if mode == CapacityProviderScalingMode::Manual && asked.scaling_policies.is_none() {
        return Err(errors::invalid(
            "A scaling policy must be specified when the scalingMode is set to Manual",
        ));
    }
    Ok(CapacityProviderScalingConfig {
        max_v_cpu_count: Some(asked.max_v_cpu_count.unwrap_or(limits::PROVIDER_CPUS)),
        scaling_mode: Some(mode),
        scaling_policies: asked.scaling_policies,
    })
}
