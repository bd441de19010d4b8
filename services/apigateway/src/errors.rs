//! The sentences AWS prints.

use api_apigateway::ApigatewayError;
use kernel::{Fault, Scope};

/// No API of that id.
pub fn no_such_api(scope: &Scope, id: &str) -> ApigatewayError {
    let account = &scope.account;
    ApigatewayError::not_found_exception(format!("Invalid API identifier specified {account}:{id}"))
}

/// No resource of that id.
pub fn no_such_resource() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Resource identifier specified")
}

/// No method of that name.
pub fn no_such_method() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Method identifier specified")
}

/// The method has no integration.
pub fn no_such_integration() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Integration identifier specified")
}

/// No response for that status.
pub fn no_such_response() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Response status code specified")
}

/// No deployment of that id.
pub fn no_such_deployment() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Deployment identifier specified")
}

/// No stage of that name.
pub fn no_such_stage() -> ApigatewayError {
    ApigatewayError::not_found_exception("Invalid Stage identifier specified")
}

/// A sibling has that path part already.
pub fn same_sibling(part: &str) -> ApigatewayError {
    ApigatewayError::conflict_exception(format!(
        "Another resource with the same parent already has this name: {part}"
    ))
}

/// The resource has that method already.
pub fn method_exists() -> ApigatewayError {
    ApigatewayError::conflict_exception("Method already exists for this resource")
}

/// The API has that stage already.
pub fn stage_exists() -> ApigatewayError {
    ApigatewayError::conflict_exception("Stage already exists")
}

/// A stage still serves that deployment.
pub fn deployment_in_use() -> ApigatewayError {
    bad_request("Active stages pointing to this deployment must be moved or deleted")
}

/// Anything else that is wrong with a request.
pub fn bad_request(message: impl Into<String>) -> ApigatewayError {
    ApigatewayError::bad_request_exception(message)
}

/// A path that no patch changes.
pub fn invalid_patch(path: &str, known: &str) -> ApigatewayError {
    bad_request(format!("Invalid patch path  '{path}' specified for op 'replace'. Must be one of: [{known}]"))
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> ApigatewayError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}
