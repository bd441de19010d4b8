//! The operations, one file each.

mod create_function;
mod delete_function;
mod event_source_mappings;
mod function_policy;
mod get_function;
mod invoke;
mod list_functions;
mod update_function;

use api_lambda::{
    AddPermission, CreateEventSourceMapping, CreateFunction, DeleteEventSourceMapping, DeleteFunction,
    GetEventSourceMapping, GetFunction, GetFunctionConfiguration, GetPolicy, Invoke, ListEventSourceMappings,
    ListFunctions, RemovePermission, UpdateEventSourceMapping, UpdateFunctionCode,
    UpdateFunctionConfiguration,
};
use kernel::service::ServiceBuilder;

use crate::Lambda;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    service
        .on::<AddPermission>()
        .on::<CreateEventSourceMapping>()
        .on::<CreateFunction>()
        .on::<DeleteEventSourceMapping>()
        .on::<DeleteFunction>()
        .on::<GetEventSourceMapping>()
        .on::<GetFunction>()
        .on::<GetFunctionConfiguration>()
        .on::<GetPolicy>()
        .on::<Invoke>()
        .on::<ListEventSourceMappings>()
        .on::<ListFunctions>()
        .on::<RemovePermission>()
        .on::<UpdateEventSourceMapping>()
        .on::<UpdateFunctionCode>()
        .on::<UpdateFunctionConfiguration>()
}
