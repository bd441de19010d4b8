//! Resources and their methods, kept as the API's own shapes.

use api_apigateway::{ApigatewayError, Method, Resource};
use protocol::stored::Stored;
use store::{ReadTx, Table, WriteTx};

use crate::api::Api;
use crate::errors;

/// Resources by API and id.
pub static RESOURCES: Table<(String, String), Stored<Resource>> = Table::regional("apigateway.resources");

/// All resources of an API.
pub fn all(tx: &ReadTx<'_>, api: &str) -> Result<Vec<Resource>, ApigatewayError> {
    let rows = tx.prefix(&RESOURCES, &(api,));
    let rows: Result<Vec<_>, kernel::Fault> = rows.map(|row| row.map(|(_, resource)| resource.0)).collect();
    Ok(rows?)
}

/// The resource of that id.
pub fn get(tx: &ReadTx<'_>, api: &str, id: &str) -> Result<Resource, ApigatewayError> {
    Api::require(tx, api)?;
    find(tx, api, id)
}

/// The resource of that id. AWS says of its methods' API nothing but that the resource is not there.
pub fn find(tx: &ReadTx<'_>, api: &str, id: &str) -> Result<Resource, ApigatewayError> {
    let resource = tx.get(&RESOURCES, &(api, id))?;
    resource.map(|resource| resource.0).ok_or_else(errors::no_such_resource)
}

/// Keeps a resource.
pub fn put(tx: &mut WriteTx<'_>, api: &str, resource: &Resource) -> Result<(), ApigatewayError> {
    let id = resource.id.as_deref().unwrap_or_default();
    Ok(tx.put(&RESOURCES, &(api, id), &Stored(resource.clone()))?)
}

/// The method of that name.
pub fn method(resource: &Resource, name: &str) -> Result<Method, ApigatewayError> {
    let methods = resource.resource_methods.as_ref();
    methods.and_then(|methods| methods.get(name)).cloned().ok_or_else(errors::no_such_method)
}

/// Changes a method in place and keeps its resource.
pub fn change_method<T>(
    tx: &mut WriteTx<'_>,
    api: &str,
    resource_id: &str,
    name: &str,
    change: impl FnOnce(&mut Method) -> Result<T, ApigatewayError>,
) -> Result<T, ApigatewayError> {
    let mut resource = find(tx, api, resource_id)?;
    let methods = resource.resource_methods.get_or_insert_default();
    let result = change(methods.get_mut(name).ok_or_else(errors::no_such_method)?)?;
    put(tx, api, &resource)?;
    Ok(result)
}

/// The resource as callers see it: methods in full only when asked to embed them.
pub fn describe(mut resource: Resource, embed: Option<&Vec<String>>) -> Resource {
    let in_full = embed.is_some_and(|embed| embed.iter().any(|what| what == "methods"));
    if !in_full {
        for method in resource.resource_methods.iter_mut().flat_map(kernel::Map::values_mut) {
            *method = Method::default();
        }
    }
    resource.resource_methods = resource.resource_methods.filter(|methods| !methods.is_empty());
    resource
}
