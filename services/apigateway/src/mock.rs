//! Mock integrations: the status comes from the request template, headers and body from the response's.
//!
//! Templates are sent as they stand; one that computes anything (`$…`, `#…`) is refused when it is set.

use api_apigateway::{ApigatewayError, Integration, IntegrationResponse};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kernel::edge::EdgeResponse;
use kernel::{ByteStream, Bytes, Map};
use serde_json::Value;

use crate::errors;

/// Refuses templates that compute.
pub fn check_templates(templates: Option<&Map<String, String>>) -> Result<(), ApigatewayError> {
    let computes = |template: &String| template.contains('$') || template.contains('#');
    if templates.into_iter().flatten().any(|(_, template)| computes(template)) {
        return Err(errors::not_emulated("mapping templates that compute"));
    }
    Ok(())
}

/// Refuses parameters that are not fixed text.
pub fn check_parameters(parameters: Option<&Map<String, String>>) -> Result<(), ApigatewayError> {
    if parameters.into_iter().flatten().any(|(_, value)| fixed(value).is_none()) {
        return Err(errors::not_emulated("mapped response parameters"));
    }
    Ok(())
}

/// The text of `'text'`.
fn fixed(value: &str) -> Option<&str> {
    value.strip_prefix('\'')?.strip_suffix('\'')
}

/// The answer; nothing when the integration has no response for its status, which is an internal error.
pub fn answer(integration: &Integration, content_type: &str) -> Option<EdgeResponse> {
    let status = status(integration, content_type)?;
    let responses = integration.integration_responses.as_ref()?;
    let selected = responses
        .values()
        .find(|response| response.selection_pattern.as_deref().is_some_and(|pattern| pattern == status));
    let default = || {
        responses
            .values()
            .find(|response| response.selection_pattern.as_deref().unwrap_or_default().is_empty())
    };
    let response = selected.or_else(|| responses.get(&status)).or_else(default)?;
    Some(respond(response))
}

/// The `statusCode` of the request template for that content type.
fn status(integration: &Integration, content_type: &str) -> Option<String> {
    let templates = integration.request_templates.as_ref()?;
    let template = templates.get(content_type).or_else(|| templates.get("application/json"))?;
    match &serde_json::from_str::<Value>(template).ok()?["statusCode"] {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn respond(response: &IntegrationResponse) -> EdgeResponse {
    let status = response.status_code.as_deref().and_then(|code| code.parse::<StatusCode>().ok());
    let mut headers = HeaderMap::new();
    let template = response.response_templates.as_ref().and_then(|templates| templates.first());
    let content_type = template.map_or("application/json", |(content_type, _)| content_type.as_str());
    if let Ok(value) = HeaderValue::from_str(content_type) {
        headers.insert(http::header::CONTENT_TYPE, value);
    }
    for (target, value) in response.response_parameters.iter().flatten() {
        let name =
            target.strip_prefix("method.response.header.").and_then(|name| name.parse::<HeaderName>().ok());
        let value = fixed(value).and_then(|value| HeaderValue::from_str(value).ok());
        if let (Some(name), Some(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
    let body = template.map(|(_, body)| body.clone()).unwrap_or_default();
    EdgeResponse {
        status: status.unwrap_or(StatusCode::OK),
        headers,
        body: ByteStream::from_bytes(Bytes::from(body)),
    }
}
