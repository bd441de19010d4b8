//! Layers: archives that are laid over each other at `/opt`.

use api_lambda::{
    Architecture, GetLayerVersionResponse, LambdaError, LayerVersionContentOutput, LayerVersionsListItem,
    Runtime,
};
use kernel::{Arn, Context, Fault, Scope, Timestamp};
use runner::CodeDir;
use serde::{Deserialize, Serialize};
use store::{BlobId, ReadTx, Table};

use crate::describe::moment_text;
use crate::function::LayerUse;
use crate::policy::Statement;
use crate::{Lambda, download, errors, limits};

/// The number of the version published last, by the layer's name.
pub static LAYERS: Table<String, u64> = Table::regional("lambda.layers");
/// Versions by layer and number.
pub static LAYER_VERSIONS: Table<(String, u64), LayerVersion> = Table::regional("lambda.layer_versions");

/// A version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerVersion {
    /// The archive.
    pub blob: BlobId,
    /// The archive's SHA-256, in base64.
    pub sha256: String,
    /// The archive's bytes.
    pub size: u64,
    /// What it is for.
    pub description: String,
    /// When it was published.
    pub created: Timestamp,
    /// The instruction sets it says it works on.
    pub architectures: Option<Vec<Architecture>>,
    /// The runtimes it says it works with.
    pub runtimes: Option<Vec<Runtime>>,
    /// Its licence.
    pub license: Option<String>,
    /// Who may use it.
    pub policy: Vec<Statement>,
    /// Changes with its policy.
    pub revision: String,
    /// Whether it was deleted: it is listed no more, but functions that have it keep it.
    pub is_deleted: bool,
}

/// A layer, or one of its versions, as a caller names it.
#[derive(Clone, Debug)]
pub struct LayerName {
    /// Account and region.
    pub scope: Scope,
    /// The plain name.
    pub name: String,
    /// The version.
    pub version: Option<u64>,
}

impl LayerName {
    /// Parses a name or an ARN, perhaps of a version.
    pub fn parse(scope: &Scope, text: &str) -> Self {
        let Some(arn) = Arn::parse(text) else {
            return Self { scope: scope.clone(), name: text.to_owned(), version: None };
        };
        let rest = arn.resource.strip_prefix("layer:").unwrap_or(&arn.resource);
        let (name, version) =
            rest.split_once(':').map_or((rest, None), |(name, version)| (name, Some(version)));
        Self {
            scope: arn.scope(scope),
            name: name.to_owned(),
            version: version.and_then(|version| version.parse().ok()),
        }
    }

    /// The ARN of the layer.
    pub fn arn(&self) -> String {
        Arn::new("lambda", &self.scope, format!("layer:{}", self.name)).to_string()
    }

    /// The ARN of a version.
    pub fn version_arn(&self, version: u64) -> String {
        format!("{}:{version}", self.arn())
    }
}

impl LayerVersion {
    /// The version, unless it is deleted.
    pub fn find(tx: &ReadTx<'_>, name: &LayerName, version: u64) -> Result<Option<Self>, Fault> {
        let there = tx.in_scope(&name.scope);
        let row = there.get(&LAYER_VERSIONS, &(name.name.as_str(), version))?;
        Ok(row.filter(|row: &Self| !row.is_deleted))
    }

    /// The version with its content, as callers see it.
    pub fn describe(&self, cx: &Context, name: &LayerName, version: u64) -> GetLayerVersionResponse {
        GetLayerVersionResponse {
            content: Some(LayerVersionContentOutput {
                location: Some(download::layer_url(cx, name, version, &self.blob)),
                code_sha256: Some(self.sha256.clone()),
                code_size: i64::try_from(self.size).ok(),
                ..LayerVersionContentOutput::default()
            }),
            layer_arn: Some(name.arn()),
            layer_version_arn: Some(name.version_arn(version)),
            description: Some(self.description.clone()),
            created_date: Some(moment_text(self.created)),
            version: i64::try_from(version).ok(),
            compatible_architectures: self.architectures.clone(),
            compatible_runtimes: self.runtimes.clone(),
            license_info: self.license.clone(),
        }
    }

    /// The version as lists show it.
    pub fn list(&self, name: &LayerName, version: u64) -> LayerVersionsListItem {
        LayerVersionsListItem {
            layer_version_arn: Some(name.version_arn(version)),
            version: i64::try_from(version).ok(),
            description: Some(self.description.clone()),
            created_date: Some(moment_text(self.created)),
            compatible_architectures: self.architectures.clone(),
            compatible_runtimes: self.runtimes.clone(),
            license_info: self.license.clone(),
        }
    }

    /// Whether it is among those asked for.
    pub fn suits(&self, runtime: Option<&Runtime>, architecture: Option<&Architecture>) -> bool {
        let runtimes = self.runtimes.as_deref().unwrap_or_default();
        let architectures = self.architectures.as_deref().unwrap_or_default();
        runtime.is_none_or(|runtime| runtimes.contains(runtime))
            && architecture.is_none_or(|architecture| architectures.contains(architecture))
    }
}

/// The number of a version as callers give it.
pub fn number(version: i64) -> Result<u64, LambdaError> {
    let number = u64::try_from(version).ok().filter(|number| *number > 0);
    number.ok_or_else(|| errors::invalid("Layer Version Cannot be less than 1"))
}

impl Lambda {
    /// The layers a function asks for, if it may have them together.
    pub(crate) fn layer_uses(&self, scope: &Scope, arns: &[String]) -> Result<Vec<LayerUse>, LambdaError> {
        if arns.len() > limits::LAYERS {
            return Err(errors::invalid(format!("Cannot reference more than {} layers.", limits::LAYERS)));
        }
        let mut uses: Vec<(LayerName, LayerUse)> = Vec::new();
        for arn in arns {
            let name = LayerName::parse(scope, arn);
            if name.scope.region != scope.region {
                return Err(errors::invalid(format!(
                    "Layers are not in the same region as the function. Layers are expected to be in region {}.",
                    scope.region
                )));
            }
            let version = name.version.unwrap_or_default();
            let there = self.store.read(&name.scope, |tx| LayerVersion::find(tx, &name, version))?;
            let there = there.ok_or_else(|| errors::invalid(errors::no_such_layer(arn)))?;
            if let Some((_, other)) = uses.iter().find(|(other, _)| other.arn() == name.arn()) {
                return Err(errors::invalid(format!(
                    "Two different versions of the same layer are not allowed to be referenced in the same function. \
                     {} and {arn} are versions of the same layer.",
                    other.arn
                )));
            }
            uses.push((name, LayerUse { arn: arn.clone(), size: there.size }));
        }
        Ok(uses.into_iter().map(|(_, layer)| layer).collect())
    }

    /// The folder in which a function's layers lie over each other.
    pub(crate) async fn layers(&self, uses: &[LayerUse]) -> Result<Option<CodeDir>, LambdaError> {
        if uses.is_empty() {
            return Ok(None);
        }
        let key: String = uses.iter().map(|layer| layer.arn.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(folder) = self.code.lock().get(&key).cloned() {
            return Ok(Some(folder));
        }
        let mut zips = Vec::new();
        for layer in uses {
            let name = LayerName::parse(&Scope::default(), &layer.arn);
            let key = (name.name.as_str(), name.version.unwrap_or_default());
            let row = self.store.read(&name.scope, |tx| tx.get(&LAYER_VERSIONS, &key))?;
            let row = row.ok_or_else(|| errors::cannot_run(errors::no_such_layer(&layer.arn)))?;
            zips.push(self.zip(&row.blob).await?);
        }
        let _unpacking = self.code.unpacking.read().await;
        let folder = self.runner.overlay(zips, limits::UNZIPPED).await.map_err(Fault::internal)?;
        self.code.lock().insert(key, folder.clone());
        Ok(Some(folder))
    }
}
