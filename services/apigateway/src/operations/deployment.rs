//! `CreateDeployment`, `GetDeployment`, `GetDeployments`, `DeleteDeployment`.

use api_apigateway::{
    ApigatewayError, CreateDeployment, CreateDeploymentInput, DeleteDeployment, DeleteDeploymentInput,
    DeleteDeploymentOutput, Deployment, GetDeployment, GetDeploymentInput, GetDeployments,
    GetDeploymentsInput, GetDeploymentsOutput, Resource, Stage,
};
use kernel::{Context, Fault, Handler, page};
use protocol::stored::Stored;

use crate::api::Api;
use crate::stage::{DEPLOYMENTS, DeploymentRow, STAGES};
use crate::{ApiGateway, errors, limits, resource, stage};

const LIST: &str = "apigateway.deployments";

impl Handler<CreateDeployment> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateDeploymentInput,
    ) -> Result<Deployment, ApigatewayError> {
        if input.canary_settings.is_some()
            || input.cache_cluster_enabled == Some(true)
            || input.tracing_enabled == Some(true)
        {
            return Err(errors::not_emulated("canaries, caches and tracing of stages"));
        }
        let stage_name = input.stage_name.filter(|name| !name.is_empty());
        stage_name.as_deref().map_or(Ok(()), stage::check_name)?;
        let (api, id, now) = (input.rest_api_id.as_str(), cx.ids.base36(6), cx.clock.now_in_seconds());

        let row = self
            .store
            .write(&cx.scope, |tx| {
                Api::require(tx, api)?;
                let resources = resource::all(tx, api)?;
                check(&resources)?;
                let resources = resources.into_iter().map(Stored).collect();
                let row = DeploymentRow { created: now, description: input.description.clone(), resources };
                tx.put(&DEPLOYMENTS, &(api, id.as_str()), &row)?;
                if let Some(name) = &stage_name {
                    let known = tx.get(&STAGES, &(api, name.as_str()))?.map(|stage| stage.0);
                    let fresh = Stage {
                        stage_name: Some(name.clone()),
                        created_date: Some(now),
                        ..stage::defaults()
                    };
                    let stage = known.unwrap_or(fresh);
                    let stage = Stage {
                        deployment_id: Some(id.clone()),
                        last_updated_date: Some(now),
                        description: input.stage_description.clone().or(stage.description),
                        variables: input.variables.clone().or(stage.variables),
                        ..stage
                    };
                    tx.put(&STAGES, &(api, name.as_str()), &Stored(stage))?;
                }
                Ok::<_, ApigatewayError>(row)
            })
            .await?;

        Ok(row.describe(id))
    }
}

/// A deployment needs a method, and every method an integration.
fn check(resources: &[Resource]) -> Result<(), ApigatewayError> {
    let mut methods =
        resources.iter().flat_map(|resource| resource.resource_methods.iter().flatten()).peekable();
    if methods.peek().is_none() {
        return Err(errors::bad_request("The REST API doesn't contain any methods"));
    }
    if methods.any(|(_, method)| method.method_integration.is_none()) {
        return Err(errors::bad_request("No integration defined for method"));
    }
    Ok(())
}

impl Handler<GetDeployment> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetDeploymentInput) -> Result<Deployment, ApigatewayError> {
        let (api, id) = (input.rest_api_id.as_str(), input.deployment_id);

        let row = self.store.read(&cx.scope, |tx| {
            Api::require(tx, api)?;
            tx.get(&DEPLOYMENTS, &(api, id.as_str()))?.ok_or_else(errors::no_such_deployment)
        })?;

        Ok(row.describe(id))
    }
}

impl Handler<GetDeployments> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDeploymentsInput,
    ) -> Result<GetDeploymentsOutput, ApigatewayError> {
        let most = limits::page(input.limit);
        let invalid = || errors::bad_request("Invalid position parameter specified");
        let after = input.position.map(|token| page::key(LIST, &token).ok_or_else(invalid)).transpose()?;

        let mut rows: Vec<(String, DeploymentRow)> = self.store.read(&cx.scope, |tx| {
            Api::require(tx, &input.rest_api_id)?;
            let rows = tx.prefix(&DEPLOYMENTS, &(input.rest_api_id.as_str(),));
            let rows: Result<Vec<_>, Fault> = rows.map(|row| row.map(|((_, id), row)| (id, row))).collect();
            Ok::<_, ApigatewayError>(rows?)
        })?;
        rows.retain(|(id, _)| after.as_ref().is_none_or(|after| id > after));

        let page = page::cut(rows, most, LIST, |(id, _)| id.clone());
        let items = page.items.into_iter().map(|(id, row)| row.describe(id)).collect();
        Ok(GetDeploymentsOutput { items: Some(items), position: page.next })
    }
}

impl Handler<DeleteDeployment> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDeploymentInput,
    ) -> Result<DeleteDeploymentOutput, ApigatewayError> {
        let (api, id) = (input.rest_api_id.as_str(), input.deployment_id.as_str());

        self.store
            .write(&cx.scope, |tx| {
                Api::require(tx, api)?;
                if stage::all(tx, api)?.iter().any(|stage| stage.deployment_id.as_deref() == Some(id)) {
                    return Err(errors::deployment_in_use());
                }
                if tx.delete(&DEPLOYMENTS, &(api, id))? { Ok(()) } else { Err(errors::no_such_deployment()) }
            })
            .await?;

        Ok(DeleteDeploymentOutput {})
    }
}
