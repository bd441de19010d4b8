//! The operations, one file each.

mod create_function;
mod delete_function;
mod function_policy;
mod get_function;
mod invoke;
mod list_functions;
mod update_function;

use api_lambda::{
    AddPermission, CreateFunction, DeleteFunction, GetFunction, GetFunctionConfiguration, GetPolicy, Invoke,
    ListFunctions, RemovePermission, UpdateFunctionCode, UpdateFunctionConfiguration,
};
use kernel::service::ServiceBuilder;

use crate::Lambda;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Lambda>) -> ServiceBuilder<Lambda> {
    service
        .on::<AddPermission>()
        .on::<CreateFunction>()
        .on::<DeleteFunction>()
        .on::<GetFunction>()
        .on::<GetFunctionConfiguration>()
        .on::<GetPolicy>()
        .on::<Invoke>()
        .on::<ListFunctions>()
        .on::<RemovePermission>()
        .on::<UpdateFunctionCode>()
        .on::<UpdateFunctionConfiguration>()
}
