//! Deployments and the stages that serve them.

use api_apigateway::{ApigatewayError, Deployment, Resource, Stage};
use kernel::Timestamp;
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::errors;

/// Deployments by API and id.
pub static DEPLOYMENTS: Table<(String, String), DeploymentRow> = Table::regional("apigateway.deployments");
/// Stages by API and name.
pub static STAGES: Table<(String, String), Stored<Stage>> = Table::regional("apigateway.stages");

/// A deployment: the resources as they were.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeploymentRow {
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// The resources.
    pub resources: Vec<Stored<Resource>>,
}

impl DeploymentRow {
    /// The deployment as callers see it.
    pub fn describe(&self, id: String) -> Deployment {
        Deployment {
            id: Some(id),
            description: self.description.clone(),
            created_date: Some(self.created),
            ..Deployment::default()
        }
    }
}

/// The stage of that name.
pub fn get(tx: &ReadTx<'_>, api: &str, name: &str) -> Result<Stage, ApigatewayError> {
    tx.get(&STAGES, &(api, name))?.map(|stage| stage.0).ok_or_else(errors::no_such_stage)
}

/// All stages of an API.
pub fn all(tx: &ReadTx<'_>, api: &str) -> Result<Vec<Stage>, ApigatewayError> {
    let rows = tx.prefix(&STAGES, &(api,));
    let rows: Result<Vec<_>, kernel::Fault> = rows.map(|row| row.map(|(_, stage)| stage.0)).collect();
    Ok(rows?)
}

/// Checks a new stage's name.
pub fn check_name(name: &str) -> Result<(), ApigatewayError> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(is_valid) {
        return Ok(());
    }
    Err(errors::bad_request("Stage name only allows a-zA-Z0-9_-"))
}

/// A stage's settings where nothing is said.
pub fn defaults() -> Stage {
    Stage {
        cache_cluster_enabled: Some(false),
        cache_cluster_status: Some(api_apigateway::CacheClusterStatus::NotAvailable),
        method_settings: Some(kernel::Map::new()),
        tracing_enabled: Some(false),
        ..Stage::default()
    }
}
