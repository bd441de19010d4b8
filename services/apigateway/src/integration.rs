//! Integrations as callers set them: what is emulated, and what is refused.

use api_apigateway::{ApigatewayError, Integration, IntegrationType, PutIntegrationInput};
use kernel::Map;

use crate::{errors, limits, mock, names};

/// The integration that a request describes.
pub fn of(input: PutIntegrationInput) -> Result<Integration, ApigatewayError> {
    match input.r#type {
        IntegrationType::AwsProxy => check_proxy(&input)?,
        IntegrationType::Mock => mock::check_templates(input.request_templates.as_ref())?,
        IntegrationType::Aws | IntegrationType::Http | IntegrationType::HttpProxy => {
            return Err(errors::not_emulated(&format!("{} integrations", input.r#type)));
        }
        IntegrationType::Unknown(_) => {
            return Err(errors::bad_request(
                "Enumeration value for type must be one of HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY",
            ));
        }
    }
    if input.timeout_in_millis.is_some_and(|timeout| !(50..=limits::TIMEOUT).contains(&timeout)) {
        return Err(errors::bad_request("Timeout should be between 50 ms and 29000 ms"));
    }
    Ok(Integration {
        r#type: Some(input.r#type),
        http_method: input.integration_http_method,
        uri: input.uri,
        credentials: input.credentials,
        request_parameters: none_if_empty(input.request_parameters),
        request_templates: none_if_empty(input.request_templates),
        passthrough_behavior: Some(input.passthrough_behavior.unwrap_or_else(|| "WHEN_NO_MATCH".to_owned())),
        timeout_in_millis: Some(input.timeout_in_millis.unwrap_or(limits::TIMEOUT)),
        cache_namespace: Some(input.cache_namespace.unwrap_or(input.resource_id)),
        cache_key_parameters: Some(input.cache_key_parameters.unwrap_or_default()),
        ..Integration::default()
    })
}

fn none_if_empty(map: Option<Map<String, String>>) -> Option<Map<String, String>> {
    map.filter(|map| !map.is_empty())
}

fn check_proxy(input: &PutIntegrationInput) -> Result<(), ApigatewayError> {
    let uri = input.uri.as_deref().unwrap_or_default();
    if input.integration_http_method.is_none() {
        return Err(errors::bad_request("Enumeration value for HttpMethod must be non-empty"));
    }
    if !uri.starts_with("arn:") {
        return Err(errors::bad_request("Invalid ARN specified in the request"));
    }
    if names::function_of(uri).is_none() {
        return Err(errors::bad_request("AWS ARN for integration must contain path or action"));
    }
    if input.request_parameters.as_ref().is_some_and(|parameters| !parameters.is_empty()) {
        return Err(errors::not_emulated("parameter mappings"));
    }
    Ok(())
}
