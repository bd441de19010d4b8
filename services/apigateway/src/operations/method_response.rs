//! `PutMethodResponse`, `GetMethodResponse`, `DeleteMethodResponse`.

use api_apigateway::{
    ApigatewayError, DeleteMethodResponse, DeleteMethodResponseInput, DeleteMethodResponseOutput,
    GetMethodResponse, GetMethodResponseInput, MethodResponse, PutMethodResponse, PutMethodResponseInput,
};
use kernel::{Context, Handler};

use crate::{ApiGateway, errors, resource};

impl Handler<PutMethodResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: PutMethodResponseInput,
    ) -> Result<MethodResponse, ApigatewayError> {
        let response = MethodResponse {
            status_code: Some(input.status_code.clone()),
            response_parameters: input.response_parameters.filter(|map| !map.is_empty()),
            response_models: input.response_models.filter(|map| !map.is_empty()),
        };

        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(
                    tx,
                    &input.rest_api_id,
                    &input.resource_id,
                    &input.http_method,
                    |method| {
                        let responses = method.method_responses.get_or_insert_default();
                        if responses.contains_key(&input.status_code) {
                            return Err(ApigatewayError::conflict_exception(
                                "Response already exists for this resource",
                            ));
                        }
                        responses.insert(input.status_code.clone(), response.clone());
                        Ok(())
                    },
                )
            })
            .await?;

        Ok(response)
    }
}

impl Handler<GetMethodResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: GetMethodResponseInput,
    ) -> Result<MethodResponse, ApigatewayError> {
        self.store.read(&cx.scope, |tx| {
            let there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
            let mut method = resource::method(&there, &input.http_method)?;
            let responses = method.method_responses.get_or_insert_default();
            responses.swap_remove(&input.status_code).ok_or_else(errors::no_such_response)
        })
    }
}

impl Handler<DeleteMethodResponse> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteMethodResponseInput,
    ) -> Result<DeleteMethodResponseOutput, ApigatewayError> {
        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(
                    tx,
                    &input.rest_api_id,
                    &input.resource_id,
                    &input.http_method,
                    |method| {
                        let responses = method.method_responses.get_or_insert_default();
                        responses
                            .shift_remove(&input.status_code)
                            .ok_or_else(errors::no_such_response)
                            .map(drop)
                    },
                )
            })
            .await?;

        Ok(DeleteMethodResponseOutput {})
    }
}
