//! The operations, a file each, or one for a noun.

mod alias;
mod code_signing_config;
mod create_function;
mod delete_function;
mod event_invoke_config;
mod event_source_mappings;
mod function_code_signing;
mod function_concurrency;
mod function_policy;
mod function_url_config;
mod get_function;
mod invoke;
mod invoke_async;
mod invoke_with_response_stream;
mod layer_policy;
mod layer_version;
mod list_functions;
mod provisioned_concurrency;
mod publish_version;
mod runtime_management;
mod tags;
mod update_function;

use api_lambda::{
    AddLayerVersionPermission, AddPermission, CreateAlias, CreateCodeSigningConfig, CreateEventSourceMapping,
    CreateFunction, CreateFunctionUrlConfig, DeleteAlias, DeleteCodeSigningConfig, DeleteEventSourceMapping,
    DeleteFunction, DeleteFunctionCodeSigningConfig, DeleteFunctionConcurrency,
    DeleteFunctionEventInvokeConfig, DeleteFunctionUrlConfig, DeleteLayerVersion,
    DeleteProvisionedConcurrencyConfig, GetAccountSettings, GetAlias, GetCodeSigningConfig,
    GetEventSourceMapping, GetFunction, GetFunctionCodeSigningConfig, GetFunctionConcurrency,
    GetFunctionConfiguration, GetFunctionEventInvokeConfig, GetFunctionRecursionConfig, GetFunctionUrlConfig,
    GetLayerVersion, GetLayerVersionByArn, GetLayerVersionPolicy, GetPolicy, GetProvisionedConcurrencyConfig,
    GetRuntimeManagementConfig, Invoke, InvokeAsync, InvokeWithResponseStream, ListAliases,
    ListCodeSigningConfigs, ListEventSourceMappings, ListFunctionEventInvokeConfigs, ListFunctionUrlConfigs,
    ListFunctions, ListFunctionsByCodeSigningConfig, ListLayerVersions, ListLayers,
    ListProvisionedConcurrencyConfigs, ListTags, ListVersionsByFunction, PublishLayerVersion, PublishVersion,
    PutFunctionCodeSigningConfig, PutFunctionConcurrency, PutFunctionEventInvokeConfig,
    PutFunctionRecursionConfig, PutProvisionedConcurrencyConfig, PutRuntimeManagementConfig,
    RemoveLayerVersionPermission, RemovePermission, TagResource, UntagResource, UpdateAlias,
    UpdateCodeSigningConfig, UpdateEventSourceMapping, UpdateFunctionCode, UpdateFunctionConfiguration,
    UpdateFunctionEventInvokeConfig, UpdateFunctionUrlConfig,
};
use kernel::service::ServiceBuilder;

use crate::Lambda;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    service
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
