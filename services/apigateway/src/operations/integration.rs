//! `PutIntegration`, `GetIntegration`, `DeleteIntegration`.

use api_apigateway::{
    ApigatewayError, DeleteIntegration, DeleteIntegrationInput, DeleteIntegrationOutput, GetIntegration,
    GetIntegrationInput, Integration, PutIntegration, PutIntegrationInput,
};
use kernel::{Context, Handler};

use crate::{ApiGateway, errors, integration, resource};

impl Handler<PutIntegration> for ApiGateway {
    async fn handle(&self, cx: &Context, input: PutIntegrationInput) -> Result<Integration, ApigatewayError> {
        let (api, id, name) =
            (input.rest_api_id.clone(), input.resource_id.clone(), input.http_method.clone());
        let integration = integration::of(input)?;

        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(tx, &api, &id, &name, |method| {
                    method.method_integration = Some(integration.clone());
                    Ok(())
                })
            })
            .await?;

        Ok(integration)
    }
}

impl Handler<GetIntegration> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetIntegrationInput) -> Result<Integration, ApigatewayError> {
        self.store.read(&cx.scope, |tx| {
            let there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
            let method = resource::method(&there, &input.http_method)?;
            method.method_integration.ok_or_else(errors::no_such_integration)
        })
    }
}

impl Handler<DeleteIntegration> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteIntegrationInput,
    ) -> Result<DeleteIntegrationOutput, ApigatewayError> {
        self.store
            .write(&cx.scope, |tx| {
                resource::change_method(
                    tx,
                    &input.rest_api_id,
                    &input.resource_id,
                    &input.http_method,
                    |method| {
                        method.method_integration.take().ok_or_else(errors::no_such_integration).map(drop)
                    },
                )
            })
            .await?;

        Ok(DeleteIntegrationOutput {})
    }
}
