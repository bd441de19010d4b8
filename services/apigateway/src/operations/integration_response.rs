//! `PutIntegrationResponse`, `GetIntegrationResponse`, `DeleteIntegrationResponse`.

use api_apigateway::{
    ApigatewayError, DeleteIntegrationResponse, DeleteIntegrationResponseInput,
    DeleteIntegrationResponseOutput, GetIntegrationResponse, GetIntegrationResponseInput,
    IntegrationResponse, PutIntegrationResponse, PutIntegrationResponseInput,
};
use kernel::{Context, Handler};

use crate::{ApiGateway, errors, mock, resource};

impl Handler<PutIntegrationResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: PutIntegrationResponseInput,
    ) -> Result<IntegrationResponse, ApigatewayError> {
        mock::check_templates(input.response_templates.as_ref())?;
        mock::check_parameters(input.response_parameters.as_ref())?;
        if input.content_handling.is_some() {
            return Err(errors::not_emulated("content handling"));
        }
        let response = IntegrationResponse {
            status_code: Some(input.status_code.clone()),
            selection_pattern: input.selection_pattern,
            response_parameters: input.response_parameters.filter(|map| !map.is_empty()),
            response_templates: input.response_templates.filter(|map| !map.is_empty()),
            content_handling: None,
        };

        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(
                    tx,
                    &input.rest_api_id,
                    &input.resource_id,
                    &input.http_method,
                    |method| {
                        let integration =
                            method.method_integration.as_mut().ok_or_else(errors::no_such_integration)?;
                        let responses = integration.integration_responses.get_or_insert_default();
                        responses.insert(input.status_code.clone(), response.clone());
                        Ok(())
                    },
                )
            })
            .await?;

        Ok(response)
    }
}

impl Handler<GetIntegrationResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: GetIntegrationResponseInput,
    ) -> Result<IntegrationResponse, ApigatewayError> {
        self.store.read(&cx.scope, |tx| {
            let there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
            let method = resource::method(&there, &input.http_method)?;
            let mut integration = method.method_integration.ok_or_else(errors::no_such_integration)?;
            let responses = integration.integration_responses.get_or_insert_default();
            responses.swap_remove(&input.status_code).ok_or_else(errors::no_such_response)
        })
    }
}

impl Handler<DeleteIntegrationResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteIntegrationResponseInput,
    ) -> Result<DeleteIntegrationResponseOutput, ApigatewayError> {
        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(
                    tx,
                    &input.rest_api_id,
                    &input.resource_id,
                    &input.http_method,
                    |method| {
                        let integration =
                            method.method_integration.as_mut().ok_or_else(errors::no_such_integration)?;
                        let responses = integration.integration_responses.get_or_insert_default();
                        responses
                            .shift_remove(&input.status_code)
                            .ok_or_else(errors::no_such_response)
                            .map(drop)
                    },
                )
            })
            .await?;

        Ok(DeleteIntegrationResponseOutput {})
    }
}
