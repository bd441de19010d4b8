//! A REST API.

use api_apigateway::{
    ApiKeySourceType, ApigatewayError, EndpointConfiguration, EndpointType, IpAddressType, RestApi,
};
use kernel::{Map, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::errors;

/// APIs by id.
pub static APIS: Table<String, Api> = Table::regional("apigateway.apis");
/// Where an API lives: deployed APIs are called by their id alone.
pub static HOMES: Table<String, Scope> = Table::global("apigateway.homes");

/// A REST API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Api {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The version its owner gives it.
    pub version: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Content types that are handed on as bytes.
    pub binary_media_types: Vec<String>,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub endpoint: String,
    /// The id of the resource `/`.
    pub root: String,
    /// Its tags.
    pub tags: Map<String, String>,
    /// Whether only other hosts than `execute-api` reach it.
    pub disabled: bool,
}

impl Api {
    /// The API of that id.
    pub fn get(tx: &ReadTx<'_>, id: &str) -> Result<Self, ApigatewayError> {
        tx.get(&APIS, id)?.ok_or_else(|| errors::no_such_api(tx.scope(), id))
    }

    /// Refuses unless there is an API of that id.
    pub fn require(tx: &ReadTx<'_>, id: &str) -> Result<(), ApigatewayError> {
        if tx.contains(&APIS, id)? { Ok(()) } else { Err(errors::no_such_api(tx.scope(), id)) }
    }

    /// The API as callers see it.
    pub fn describe(self, id: String) -> RestApi {
        let none_if_empty = |list: Vec<String>| (!list.is_empty()).then_some(list);
        RestApi {
            id: Some(id),
            name: Some(self.name),
            description: self.description,
            version: self.version,
            created_date: Some(self.created),
            binary_media_types: none_if_empty(self.binary_media_types),
            api_key_source: Some(ApiKeySourceType::Header),
            endpoint_configuration: Some(EndpointConfiguration {
                types: Some(vec![EndpointType::from(self.endpoint.as_str())]),
                ip_address_type: Some(if self.endpoint == "PRIVATE" {
                    IpAddressType::Dualstack
                } else {
                    IpAddressType::Ipv4
                }),
                ..EndpointConfiguration::default()
            }),
            tags: (!self.tags.is_empty()).then_some(self.tags),
            disable_execute_api_endpoint: Some(self.disabled),
            root_resource_id: Some(self.root),
            ..RestApi::default()
        }
    }
}
