//! `PutMethod`, `GetMethod`, `DeleteMethod`.

use api_apigateway::{
    ApigatewayError, DeleteMethod, DeleteMethodInput, DeleteMethodOutput, GetMethod, GetMethodInput, Method,
    PutMethod, PutMethodInput,
};
use kernel::{Context, Handler};

use crate::{ApiGateway, errors, resource};

const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

impl Handler<PutMethod> for ApiGateway {
    async fn handle(&self, cx: &Context, input: PutMethodInput) -> Result<Method, ApigatewayError> {
        check(&input)?;
        let method = Method {
            http_method: Some(input.http_method.clone()),
            authorization_type: Some(input.authorization_type),
            api_key_required: Some(input.api_key_required.unwrap_or(false)),
            operation_name: input.operation_name,
            request_parameters: input.request_parameters.filter(|map| !map.is_empty()),
            request_models: input.request_models.filter(|map| !map.is_empty()),
            ..Method::default()
        };

        self.store
            .write(&cx.scope, |tx| {
                let mut there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
                let methods = there.resource_methods.get_or_insert_default();
                if methods.contains_key(&input.http_method) {
                    return Err(errors::method_exists());
                }
                methods.insert(input.http_method.clone(), method.clone());
                resource::put(tx, &input.rest_api_id, &there)
            })
            .await?;

        Ok(method)
    }
}

fn check(input: &PutMethodInput) -> Result<(), ApigatewayError> {
    if !METHODS.contains(&input.http_method.as_str()) {
        let known = "[DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, ANY]";
        return Err(errors::bad_request(format!("Invalid HttpMethod specified. Valid options are {known}")));
    }
    if !input.authorization_type.eq_ignore_ascii_case("none") {
        let known = ["AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"];
        return if known.contains(&input.authorization_type.as_str()) {
            Err(errors::not_emulated(&format!("{} authorization", input.authorization_type)))
        } else {
            Err(errors::bad_request(
                "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM and COGNITO_USER_POOLS",
            ))
        };
    }
    if input.api_key_required == Some(true) {
        return Err(errors::not_emulated("API keys"));
    }
    if input.request_validator_id.is_some() {
        return Err(errors::not_emulated("request validators"));
    }
    Ok(())
}

impl Handler<GetMethod> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetMethodInput) -> Result<Method, ApigatewayError> {
        self.store.read(&cx.scope, |tx| {
            let there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
            resource::method(&there, &input.http_method)
        })
    }
}

impl Handler<DeleteMethod> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteMethodInput,
    ) -> Result<DeleteMethodOutput, ApigatewayError> {
        self.store
            .write(&cx.scope, |tx| {
                let mut there = resource::find(tx, &input.rest_api_id, &input.resource_id)?;
                let methods = there.resource_methods.get_or_insert_default();
                if methods.shift_remove(&input.http_method).is_none() {
                    return Err(errors::no_such_method());
                }
                resource::put(tx, &input.rest_api_id, &there)
            })
            .await?;

        Ok(DeleteMethodOutput {})
    }
}
