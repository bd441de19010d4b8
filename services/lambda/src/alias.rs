//! Aliases: names that point to one version, or share events out between two.

use api_lambda::{AliasConfiguration, AliasRoutingConfiguration, LambdaError};
use kernel::{Context, Map};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::errors;
use crate::function::{Function, PUBLISHED};
use crate::names::{FunctionName, Qualifier};
use crate::policy::Statement;

/// Aliases by function and name.
pub static ALIASES: Table<(String, String), Alias> = Table::regional("lambda.aliases");

/// An alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// The version it points to.
    pub version: String,
    /// What it is for.
    pub description: String,
    /// The share of events that goes to another version.
    pub weights: Map<String, f64>,
    /// Changes with every change.
    pub revision: String,
    /// Who may call the function through it.
    pub policy: Vec<Statement>,
}

/// How finely shares are drawn.
const GRAIN: u64 = 1 << 20;

impl Alias {
    /// The alias as callers see it.
    pub fn describe(&self, name: &FunctionName) -> AliasConfiguration {
        let weights = (!self.weights.is_empty()).then(|| self.weights.clone());
        AliasConfiguration {
            alias_arn: Some(name.with(&self.name).arn()),
            name: Some(self.name.clone()),
            function_version: Some(self.version.clone()),
            description: Some(self.description.clone()),
            routing_config: weights
                .map(|weights| AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
            revision_id: Some(self.revision.clone()),
        }
    }

    /// The version that takes the next event.
    pub fn draw(&self, cx: &Context) -> &str {
        let drawn = cx.ids.below(GRAIN);
        let takes = |weight: f64| (drawn as f64) < weight * (GRAIN as f64);
        let other = self.weights.iter().find(|(_, weight)| takes(**weight));
        other.map_or(self.version.as_str(), |(version, _)| version.as_str())
    }

    /// Refuses shares that no alias can have.
    pub fn check(&self, tx: &ReadTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
        let is_share = |weight: f64| (0.0..=1.0).contains(&weight);
        if let Some((version, weight)) = self.weights.iter().find(|(_, weight)| !is_share(**weight)) {
            return Err(errors::no_share(version, *weight).into());
        }
        if self.weights.len() > 1 {
            return Err(errors::invalid(
                "Number of items in AdditionalVersionWeights cannot be greater than 1",
            ));
        }
        if self.weights.contains_key(&self.version) {
            let version = &self.version;
            return Err(errors::invalid(format!(
                "Invalid function version {version}. Function version {version} is already included in routing \
                 configuration."
            )));
        }
        if !self.weights.is_empty() && self.version == crate::function::LATEST {
            return Err(errors::refused(
                "$LATEST is not supported for an alias pointing to more than 1 version",
            ));
        }
        Function::get(tx, &name.with(&self.version))?;
        for version in self.weights.keys() {
            Function::get(tx, &name.with(version))?;
        }
        Ok(())
    }
}

/// The version that takes an event: an alias draws one, and functions of capacity providers run only as published.
pub fn target(
    cx: &Context,
    tx: &ReadTx<'_>,
    name: &FunctionName,
) -> Result<(FunctionName, Function), LambdaError> {
    let drawn = drawn(cx, tx, name)?;
    let function = Function::get(tx, &drawn)?;
    if drawn.qualifier.is_some() || function.configuration.managed.is_none() {
        return Ok((drawn, function));
    }
    let published = drawn.with(PUBLISHED);
    let version = Function::find(tx, &published)?.ok_or_else(errors::no_published_version)?;
    Ok((published, version))
}

/// The version that takes an event, if the name is an alias's.
fn drawn(cx: &Context, tx: &ReadTx<'_>, name: &FunctionName) -> Result<FunctionName, LambdaError> {
    let Qualifier::Alias(alias) = name.kind() else { return Ok(name.clone()) };
    let alias = tx.get(&ALIASES, &(name.name.as_str(), alias))?;
    let alias = alias.ok_or_else(|| errors::no_such_function(&name.arn()))?;
    Ok(name.with(alias.draw(cx)))
}

/// Refuses where the name is an alias that is not there.
pub fn require(tx: &ReadTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
    match name.kind() {
        Qualifier::Alias(alias) if !tx.contains(&ALIASES, &(name.name.as_str(), alias))? => {
            Err(errors::no_such_alias(&name.arn()))
        }
        _ => Ok(()),
    }
}
