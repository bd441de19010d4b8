//! The operations, a file each, or one for a noun.

mod alias;
mod capacity_provider;
mod checkpoint_durable_execution;
mod code_signing_config;
mod create_function;
mod delete_function;
mod durable_execution;
mod durable_execution_callback;
mod durable_execution_pause;
mod durable_execution_state;
mod event_invoke_config;
mod event_source_mappings;
mod function_code_signing;
mod function_concurrency;
mod function_policy;
mod function_scaling_config;
mod function_url_config;
mod get_function;
mod invoke;
mod invoke_async;
mod invoke_with_response_stream;
mod layer_policy;
mod layer_version;
mod list_durable_executions_by_function;
mod list_function_versions_by_capacity_provider;
mod list_functions;
mod provisioned_concurrency;
mod publish_version;
mod resource_policy;
mod runtime_management;
mod tags;
mod update_function;

use api_lambda::{
    AddLayerVersionPermission, AddPermission, CheckpointDurableExecution, CreateAlias,
    CreateCapacityProvider, CreateCodeSigningConfig, CreateEventSourceMapping, CreateFunction,
    CreateFunctionUrlConfig, DeleteAlias, DeleteCapacityProvider, DeleteCodeSigningConfig,
    DeleteDurableExecution, DeleteEventSourceMapping, DeleteFunction, DeleteFunctionCodeSigningConfig,
    DeleteFunctionConcurrency, DeleteFunctionEventInvokeConfig, DeleteFunctionUrlConfig, DeleteLayerVersion,
    DeleteProvisionedConcurrencyConfig, DeleteResourcePolicy, GetAccountSettings, GetAlias,
    GetCapacityProvider, GetCodeSigningConfig, GetDurableExecution, GetDurableExecutionHistory,
    GetDurableExecutionState, GetEventSourceMapping, GetFunction, GetFunctionCodeSigningConfig,
    GetFunctionConcurrency, GetFunctionConfiguration, GetFunctionEventInvokeConfig,
    GetFunctionRecursionConfig, GetFunctionScalingConfig, GetFunctionUrlConfig, GetLayerVersion,
    GetLayerVersionByArn, GetLayerVersionPolicy, GetPolicy, GetProvisionedConcurrencyConfig,
    GetResourcePolicy, GetRuntimeManagementConfig, Invoke, InvokeAsync, InvokeWithResponseStream,
    ListAliases, ListCapacityProviders, ListCodeSigningConfigs, ListDurableExecutionsByFunction,
    ListEventSourceMappings, ListFunctionEventInvokeConfigs, ListFunctionUrlConfigs,
    ListFunctionVersionsByCapacityProvider, ListFunctions, ListFunctionsByCodeSigningConfig,
    ListLayerVersions, ListLayers, ListProvisionedConcurrencyConfigs, ListTags, ListVersionsByFunction,
    PauseDurableExecution, PublishLayerVersion, PublishVersion, PutFunctionCodeSigningConfig,
    PutFunctionConcurrency, PutFunctionEventInvokeConfig, PutFunctionRecursionConfig,
    PutFunctionScalingConfig, PutProvisionedConcurrencyConfig, PutResourcePolicy, PutRuntimeManagementConfig,
    RemoveLayerVersionPermission, RemovePermission, ResumeDurableExecution,
    SendDurableExecutionCallbackFailure, SendDurableExecutionCallbackHeartbeat,
    SendDurableExecutionCallbackSuccess, StopDurableExecution, TagResource, UntagResource, UpdateAlias,
    UpdateCapacityProvider, UpdateCodeSigningConfig, UpdateEventSourceMapping, UpdateFunctionCode,
    UpdateFunctionConfiguration, UpdateFunctionEventInvokeConfig, UpdateFunctionUrlConfig,
};
use kernel::service::ServiceBuilder;

use crate::Lambda;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    managed(durable(service))
        .on::<AddLayerVersionPermission>()
        .on::<AddPermission>()
        .on::<CreateAlias>()
        .on::<CreateCodeSigningConfig>()
        .on::<CreateEventSourceMapping>()
        .on::<CreateFunction>()
        .on::<CreateFunctionUrlConfig>()
        .on::<DeleteAlias>()
        .on::<DeleteCodeSigningConfig>()
        .on::<DeleteEventSourceMapping>()
        .on::<DeleteFunction>()
        .on::<DeleteFunctionCodeSigningConfig>()
        .on::<DeleteFunctionConcurrency>()
        .on::<DeleteFunctionEventInvokeConfig>()
        .on::<DeleteFunctionUrlConfig>()
        .on::<DeleteLayerVersion>()
        .on::<DeleteProvisionedConcurrencyConfig>()
        .on::<DeleteResourcePolicy>()
        .on::<GetAccountSettings>()
        .on::<GetAlias>()
        .on::<GetCodeSigningConfig>()
        .on::<GetEventSourceMapping>()
        .on::<GetFunction>()
        .on::<GetFunctionCodeSigningConfig>()
        .on::<GetFunctionConcurrency>()
        .on::<GetFunctionConfiguration>()
        .on::<GetFunctionEventInvokeConfig>()
        .on::<GetFunctionRecursionConfig>()
        .on::<GetFunctionUrlConfig>()
        .on::<GetLayerVersion>()
        .on::<GetLayerVersionByArn>()
        .on::<GetLayerVersionPolicy>()
        .on::<GetPolicy>()
        .on::<GetProvisionedConcurrencyConfig>()
        .on::<GetResourcePolicy>()
        .on::<GetRuntimeManagementConfig>()
        .on::<Invoke>()
        .on::<InvokeAsync>()
        .on::<InvokeWithResponseStream>()
        .on::<ListAliases>()
        .on::<ListCodeSigningConfigs>()
        .on::<ListEventSourceMappings>()
        .on::<ListFunctionEventInvokeConfigs>()
        .on::<ListFunctionUrlConfigs>()
        .on::<ListFunctions>()
        .on::<ListFunctionsByCodeSigningConfig>()
        .on::<ListLayerVersions>()
        .on::<ListLayers>()
        .on::<ListProvisionedConcurrencyConfigs>()
        .on::<ListTags>()
        .on::<ListVersionsByFunction>()
        .on::<PublishLayerVersion>()
        .on::<PublishVersion>()
        .on::<PutFunctionCodeSigningConfig>()
        .on::<PutFunctionConcurrency>()
        .on::<PutFunctionEventInvokeConfig>()
        .on::<PutFunctionRecursionConfig>()
        .on::<PutProvisionedConcurrencyConfig>()
        .on::<PutResourcePolicy>()
        .on::<PutRuntimeManagementConfig>()
        .on::<RemoveLayerVersionPermission>()
        .on::<RemovePermission>()
        .on::<TagResource>()
        .on::<UntagResource>()
        .on::<UpdateAlias>()
        .on::<UpdateCodeSigningConfig>()
        .on::<UpdateEventSourceMapping>()
        .on::<UpdateFunctionCode>()
        .on::<UpdateFunctionConfiguration>()
        .on::<UpdateFunctionEventInvokeConfig>()
        .on::<UpdateFunctionUrlConfig>()
}

/// Those of durable functions.
fn durable(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    service
        .on::<CheckpointDurableExecution>()
        .on::<DeleteDurableExecution>()
        .on::<GetDurableExecution>()
        .on::<GetDurableExecutionHistory>()
        .on::<GetDurableExecutionState>()
        .on::<ListDurableExecutionsByFunction>()
        .on::<PauseDurableExecution>()
        .on::<ResumeDurableExecution>()
        .on::<SendDurableExecutionCallbackFailure>()
        .on::<SendDurableExecutionCallbackHeartbeat>()
        .on::<SendDurableExecutionCallbackSuccess>()
        .on::<StopDurableExecution>()
}

/// Those of capacity providers.
fn managed(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    service
        .on::<CreateCapacityProvider>()
        .on::<DeleteCapacityProvider>()
        .on::<GetCapacityProvider>()
        .on::<GetFunctionScalingConfig>()
        .on::<ListCapacityProviders>()
        .on::<ListFunctionVersionsByCapacityProvider>()
        .on::<PutFunctionScalingConfig>()
        .on::<UpdateCapacityProvider>()
}
