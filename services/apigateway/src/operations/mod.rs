//! The operations; those of one noun share its file.

mod deployment;
mod integration;
mod integration_response;
mod method;
mod method_response;
mod resource;
mod rest_api;
mod stage;

use api_apigateway::{
    CreateDeployment, CreateResource, CreateRestApi, CreateStage, DeleteDeployment, DeleteIntegration,
    DeleteIntegrationResponse, DeleteMethod, DeleteMethodResponse, DeleteResource, DeleteRestApi,
    DeleteStage, GetDeployment, GetDeployments, GetIntegration, GetIntegrationResponse, GetMethod,
    GetMethodResponse, GetResource, GetResources, GetRestApi, GetRestApis, GetStage, GetStages,
    PutIntegration, PutIntegrationResponse, PutMethod, PutMethodResponse, UpdateRestApi, UpdateStage,
};
use kernel::service::ServiceBuilder;

use crate::ApiGateway;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<ApiGateway>) -> ServiceBuilder<ApiGateway> {
    service
        .on::<CreateDeployment>()
        .on::<CreateResource>()
        .on::<CreateRestApi>()
        .on::<CreateStage>()
        .on::<DeleteDeployment>()
        .on::<DeleteIntegration>()
        .on::<DeleteIntegrationResponse>()
        .on::<DeleteMethod>()
        .on::<DeleteMethodResponse>()
        .on::<DeleteResource>()
        .on::<DeleteRestApi>()
        .on::<DeleteStage>()
        .on::<GetDeployment>()
        .on::<GetDeployments>()
        .on::<GetIntegration>()
        .on::<GetIntegrationResponse>()
        .on::<GetMethod>()
        .on::<GetMethodResponse>()
        .on::<GetResource>()
        .on::<GetResources>()
        .on::<GetRestApi>()
        .on::<GetRestApis>()
        .on::<GetStage>()
        .on::<GetStages>()
        .on::<PutIntegration>()
        .on::<PutIntegrationResponse>()
        .on::<PutMethod>()
        .on::<PutMethodResponse>()
        .on::<UpdateRestApi>()
        .on::<UpdateStage>()
}
