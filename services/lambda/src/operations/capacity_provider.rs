//! `CreateCapacityProvider` and its family.

use api_lambda::{
    CapacityProvider, CapacityProviderState, CreateCapacityProvider, CreateCapacityProviderInput,
    CreateCapacityProviderOutput, DeleteCapacityProvider, DeleteCapacityProviderInput,
    DeleteCapacityProviderOutput, GetCapacityProvider, GetCapacityProviderInput, GetCapacityProviderOutput,
    InstanceRequirements, LambdaError, ListCapacityProviders, ListCapacityProvidersInput,
    ListCapacityProvidersOutput, UpdateCapacityProvider, UpdateCapacityProviderInput,
    UpdateCapacityProviderOutput,
};
use kernel::{Context, Handler};
use protocol::stored::Stored;
use store::ReadTx;

use crate::capacity::{self, PROVIDERS, Provider, provider_arn, provider_name};
use crate::describe::moment_text;
use crate::{Lambda, errors, limits, paging};

const LIST: &str = "lambda.capacity_providers";

impl Handler<CreateCapacityProvider> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateCapacityProviderInput,
    ) -> Result<CreateCapacityProviderOutput, LambdaError> {
        let given = &input.capacity_provider_name;
        let name = provider_name(&cx.scope, given).ok_or_else(errors::other_account)?.to_owned();
        let tags = input.tags.unwrap_or_default();
        if tags.len() > limits::TAGS {
            return Err(errors::invalid("Number of tags exceeds resource tag limit."));
        }
        let shown = CapacityProvider {
            capacity_provider_arn: provider_arn(&cx.scope, &name),
            state: CapacityProviderState::Active,
            vpc_config: input.vpc_config,
            permissions_config: input.permissions_config,
            instance_requirements: input.instance_requirements.map(requirements).transpose()?,
            capacity_provider_scaling_config: Some(capacity::provider_scaling(
                input.capacity_provider_scaling_config,
            )?),
            kms_key_arn: input.kms_key_arn,
            last_modified: Some(moment_text(cx.clock.now())),
            propagate_tags: input.propagate_tags,
            telemetry_config: input.telemetry_config,
        };
        let row = Provider { shown: Stored(shown), tags };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&PROVIDERS, &name)? {
                    return Err(errors::conflict(format!("Capacity provider already exists: {name}")));
                }
                if tx.range(&PROVIDERS, ..).count() >= limits::PROVIDERS {
                    return Err(LambdaError::capacity_provider_limit_exceeded_exception(format!(
                        "The maximum number of capacity providers ({}) has been reached.",
                        limits::PROVIDERS
                    )));
                }
                Ok(tx.put(&PROVIDERS, &name, &row)?)
            })
            .await?;

        // As with functions, the next look finds it ready.
        let capacity_provider = CapacityProvider { state: CapacityProviderState::Pending, ..row.shown.0 };
        Ok(CreateCapacityProviderOutput { capacity_provider })
    }
}

impl Handler<GetCapacityProvider> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetCapacityProviderInput,
    ) -> Result<GetCapacityProviderOutput, LambdaError> {
        let (_, row) = self.store.read(&cx.scope, |tx| find(cx, tx, &input.capacity_provider_name))?;

        Ok(GetCapacityProviderOutput { capacity_provider: row.shown.0 })
    }
}

impl Handler<UpdateCapacityProvider> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateCapacityProviderInput,
    ) -> Result<UpdateCapacityProviderOutput, LambdaError> {
        let scaling = input.capacity_provider_scaling_config.clone();
        let scaling = scaling.map(|asked| capacity::provider_scaling(Some(asked))).transpose()?;

        let capacity_provider = self
            .store
            .write(&cx.scope, |tx| {
                let (name, mut row) = find(cx, tx, &input.capacity_provider_name)?;
                let shown = &mut row.shown.0;
                if scaling.is_some() {
                    shown.capacity_provider_scaling_config.clone_from(&scaling);
                }
                if input.propagate_tags.is_some() {
                    shown.propagate_tags.clone_from(&input.propagate_tags);
                }
                if input.telemetry_config.is_some() {
                    shown.telemetry_config.clone_from(&input.telemetry_config);
                }
                shown.last_modified = Some(moment_text(cx.clock.now()));
                tx.put(&PROVIDERS, &name, &row)?;
                Ok::<_, LambdaError>(row.shown.0)
            })
            .await?;

        Ok(UpdateCapacityProviderOutput { capacity_provider })
    }
}

impl Handler<DeleteCapacityProvider> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteCapacityProviderInput,
    ) -> Result<DeleteCapacityProviderOutput, LambdaError> {
        let deleted = self
            .store
            .write(&cx.scope, |tx| {
                let (name, row) = find(cx, tx, &input.capacity_provider_name)?;
                let arn = &row.shown.0.capacity_provider_arn;
                if !capacity::users(tx, arn)?.is_empty() {
                    return Err(errors::conflict(format!(
                        "Cannot delete the capacity provider {arn} because it is in use by functions."
                    )));
                }
                tx.delete(&PROVIDERS, &name)?;
                Ok(row.shown.0)
            })
            .await?;

        let capacity_provider = CapacityProvider { state: CapacityProviderState::Deleting, ..deleted };
        Ok(DeleteCapacityProviderOutput { capacity_provider })
    }
}

impl Handler<ListCapacityProviders> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListCapacityProvidersInput,
    ) -> Result<ListCapacityProvidersOutput, LambdaError> {
        let is_asked = |row: &Provider| input.state.as_ref().is_none_or(|state| row.shown.0.state == *state);

        let page = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&PROVIDERS, ..);
            let rows = rows.filter(|row| row.as_ref().map_or(true, |(_, row)| is_asked(row)));
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(name, _)| name.clone())
        })?;

        let capacity_providers = page.items.into_iter().map(|(_, row)| row.shown.0).collect();
        Ok(ListCapacityProvidersOutput { capacity_providers, next_marker: page.next })
    }
}

/// The provider of a name or an ARN.
pub fn find(cx: &Context, tx: &ReadTx<'_>, given: &str) -> Result<(String, Provider), LambdaError> {
    let name = provider_name(&cx.scope, given).unwrap_or_default();
    let missing = || match given.starts_with("arn:") {
        true => errors::no_such_provider(given),
        false => errors::no_such_provider(&provider_arn(&cx.scope, given)),
    };
    let row = tx.get(&PROVIDERS, name)?.ok_or_else(missing)?;
    Ok((name.to_owned(), row))
}

/// Either some types of instances are allowed, or some are not.
fn requirements(asked: InstanceRequirements) -> Result<InstanceRequirements, LambdaError> {
    let has = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    if has(&asked.allowed_instance_types) && has(&asked.excluded_instance_types) {
        return Err(errors::invalid(
            "AllowedInstanceTypes and ExcludedInstanceTypes can't be specified together.",
        ));
    }
    Ok(asked)
}
