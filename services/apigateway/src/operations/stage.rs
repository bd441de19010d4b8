//! `CreateStage`, `GetStage`, `GetStages`, `UpdateStage`, `DeleteStage`.

use api_apigateway::{
    ApigatewayError, CreateStage, CreateStageInput, DeleteStage, DeleteStageInput, DeleteStageOutput,
    GetStage, GetStageInput, GetStages, GetStagesInput, GetStagesOutput, Stage, UpdateStage,
    UpdateStageInput,
};
use kernel::{Context, Handler};
use protocol::stored::Stored;

use crate::api::Api;
use crate::stage::{DEPLOYMENTS, STAGES};
use crate::{ApiGateway, errors, patch, stage};

impl Handler<CreateStage> for ApiGateway {
    async fn handle(&self, cx: &Context, input: CreateStageInput) -> Result<Stage, ApigatewayError> {
        stage::check_name(&input.stage_name)?;
        if input.canary_settings.is_some()
            || input.cache_cluster_enabled == Some(true)
            || input.tracing_enabled == Some(true)
        {
            return Err(errors::not_emulated("canaries, caches and tracing of stages"));
        }
        let api = input.rest_api_id.as_str();
        let made = Stage {
            stage_name: Some(input.stage_name.clone()),
            deployment_id: Some(input.deployment_id.clone()),
            description: input.description,
            variables: input.variables.filter(|map| !map.is_empty()),
            tags: input.tags.filter(|map| !map.is_empty()),
            created_date: Some(cx.clock.now_in_seconds()),
            last_updated_date: Some(cx.clock.now_in_seconds()),
            ..stage::defaults()
        };

        self.store
            .write(&cx.scope, |tx| {
                Api::require(tx, api)?;
                if !tx.contains(&DEPLOYMENTS, &(api, input.deployment_id.as_str()))? {
                    return Err(errors::no_such_deployment());
                }
                if tx.contains(&STAGES, &(api, input.stage_name.as_str()))? {
                    return Err(errors::stage_exists());
                }
                Ok(tx.put(&STAGES, &(api, input.stage_name.as_str()), &Stored(made.clone()))?)
            })
            .await?;

        Ok(made)
    }
}

impl Handler<GetStage> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetStageInput) -> Result<Stage, ApigatewayError> {
        self.store.read(&cx.scope, |tx| {
            Api::require(tx, &input.rest_api_id)?;
            stage::get(tx, &input.rest_api_id, &input.stage_name)
        })
    }
}

impl Handler<GetStages> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetStagesInput) -> Result<GetStagesOutput, ApigatewayError> {
        let mut stages = self.store.read(&cx.scope, |tx| {
            Api::require(tx, &input.rest_api_id)?;
            stage::all(tx, &input.rest_api_id)
        })?;
        stages.retain(|stage| input.deployment_id.is_none() || stage.deployment_id == input.deployment_id);
        Ok(GetStagesOutput { item: Some(stages) })
    }
}

impl Handler<UpdateStage> for ApiGateway {
    async fn handle(&self, cx: &Context, input: UpdateStageInput) -> Result<Stage, ApigatewayError> {
        let (api, name) = (input.rest_api_id.as_str(), input.stage_name.as_str());
        let changes = patch::changes(input.patch_operations.as_ref())?;

        self.store
            .write(&cx.scope, |tx| {
                Api::require(tx, api)?;
                let mut stage = stage::get(tx, api, name)?;
                changes.iter().try_for_each(|change| apply(&mut stage, change))?;
                let deployment = stage.deployment_id.as_deref().unwrap_or_default();
                if !tx.contains(&DEPLOYMENTS, &(api, deployment))? {
                    return Err(errors::no_such_deployment());
                }
                stage.last_updated_date = Some(cx.clock.now_in_seconds());
                tx.put(&STAGES, &(api, name), &Stored(stage.clone()))?;
                Ok(stage)
            })
            .await
    }
}

fn apply(stage: &mut Stage, change: &patch::Change<'_>) -> Result<(), ApigatewayError> {
    let parts: Vec<&str> = change.parts.iter().map(String::as_str).collect();
    match (parts.as_slice(), change.value) {
        (["description"], value) => stage.description = value.map(str::to_owned),
        (["deploymentId"], Some(id)) => stage.deployment_id = Some(id.to_owned()),
        (["variables", name], Some(value)) => {
            stage.variables.get_or_insert_default().insert((*name).to_owned(), value.to_owned());
        }
        (["variables", name], None) => {
            stage.variables.get_or_insert_default().shift_remove(*name);
        }
        _ => return Err(change.refuse("/description, /deploymentId, /variables")),
    }
    Ok(())
}

impl Handler<DeleteStage> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteStageInput,
    ) -> Result<DeleteStageOutput, ApigatewayError> {
        self.store
            .write(&cx.scope, |tx| {
                Api::require(tx, &input.rest_api_id)?;
                let is_gone = tx.delete(&STAGES, &(input.rest_api_id.as_str(), input.stage_name.as_str()))?;
                if is_gone { Ok(()) } else { Err(errors::no_such_stage()) }
            })
            .await?;

        Ok(DeleteStageOutput {})
    }
}
