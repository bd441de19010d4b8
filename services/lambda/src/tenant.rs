//! Tenants: functions whose environments serve one of their callers' customers each.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html>

use api_lambda::{CreateFunctionInput, LambdaError};

use crate::function::Function;
use crate::{configuration, errors};

/// Refuses what functions with tenants cannot have.
pub fn check_settings(input: &CreateFunctionInput) -> Result<(), LambdaError> {
    if configuration::snapped(input.snap_start.as_ref()) {
        return Err(errors::not_for_tenants("SnapStart"));
    }
    if input.capacity_provider_config.is_some() {
        return Err(errors::not_for_tenants("Capacity providers"));
    }
    if input.durable_config.is_some() {
        return Err(errors::not_emulated("tenants of durable functions"));
    }
    Ok(())
}

/// Functions with tenants must be told one, others must not.
pub fn check(function: &Function, tenant: Option<&str>) -> Result<(), LambdaError> {
    match (function.configuration.per_tenant, tenant) {
        (true, None) => Err(errors::invalid(
            "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try \
             again.",
        )),
        (false, Some(_)) => Err(errors::invalid(
            "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request \
             and try again.",
        )),
        _ => Ok(()),
    }
}

/// Refuses settings of a function that need one environment for all.
pub fn refuse(function: &Function, what: &str) -> Result<(), LambdaError> {
    if function.configuration.per_tenant { Err(errors::not_for_tenants(what)) } else { Ok(()) }
}
