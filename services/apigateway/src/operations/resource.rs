//! `CreateResource`, `GetResource`, `GetResources`, `DeleteResource`.

use api_apigateway::{
    ApigatewayError, CreateResource, CreateResourceInput, DeleteResource, DeleteResourceInput,
    DeleteResourceOutput, GetResource, GetResourceInput, GetResources, GetResourcesInput, GetResourcesOutput,
    Resource,
};
use kernel::{Context, Handler, page};

use crate::api::Api;
use crate::resource::RESOURCES;
use crate::{ApiGateway, errors, limits, names, resource};

const LIST: &str = "apigateway.resources";

impl Handler<CreateResource> for ApiGateway {
    async fn handle(&self, cx: &Context, input: CreateResourceInput) -> Result<Resource, ApigatewayError> {
        names::check_path_part(&input.path_part)?;
        let id = cx.ids.base36(6);

        self.store
            .write(&cx.scope, |tx| {
                let parent = resource::get(tx, &input.rest_api_id, &input.parent_id)?;
                let parent_path = parent.path.as_deref().unwrap_or_default();
                if parent_path.ends_with("+}") {
                    return Err(errors::bad_request(
                        "Cannot create a child of a resource with a greedy path variable.",
                    ));
                }
                let siblings = resource::all(tx, &input.rest_api_id)?;
                let mut siblings =
                    siblings.iter().filter(|sibling| sibling.parent_id.as_ref() == Some(&input.parent_id));
                if siblings.any(|sibling| sibling.path_part.as_ref() == Some(&input.path_part)) {
                    return Err(errors::same_sibling(&input.path_part));
                }
                let made = Resource {
                    id: Some(id.clone()),
                    parent_id: Some(input.parent_id.clone()),
                    path_part: Some(input.path_part.clone()),
                    path: Some(names::join(parent_path, &input.path_part)),
                    resource_methods: None,
                };
                resource::put(tx, &input.rest_api_id, &made)?;
                Ok(made)
            })
            .await
    }
}

impl Handler<GetResource> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetResourceInput) -> Result<Resource, ApigatewayError> {
        let found =
            self.store.read(&cx.scope, |tx| resource::get(tx, &input.rest_api_id, &input.resource_id))?;
        Ok(resource::describe(found, input.embed.as_ref()))
    }
}

impl Handler<GetResources> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: GetResourcesInput,
    ) -> Result<GetResourcesOutput, ApigatewayError> {
        let most = limits::page(input.limit);
        let invalid = || errors::bad_request("Invalid position parameter specified");
        let after = input.position.map(|token| page::key(LIST, &token).ok_or_else(invalid)).transpose()?;

        let mut rows = self.store.read(&cx.scope, |tx| {
            Api::require(tx, &input.rest_api_id)?;
            resource::all(tx, &input.rest_api_id)
        })?;
        rows.retain(|row| after.is_none() || row.id > after);

        let page = page::cut(rows, most, LIST, |row| row.id.clone().unwrap_or_default());
        let items = page.items.into_iter().map(|row| resource::describe(row, input.embed.as_ref())).collect();
        Ok(GetResourcesOutput { items: Some(items), position: page.next })
    }
}

impl Handler<DeleteResource> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteResourceInput,
    ) -> Result<DeleteResourceOutput, ApigatewayError> {
        let api = input.rest_api_id.as_str();

        self.store
            .write(&cx.scope, |tx| {
                let gone = resource::get(tx, api, &input.resource_id)?;
                if gone.parent_id.is_none() {
                    return Err(errors::bad_request("Root resource cannot be deleted"));
                }
                let below = format!("{}/", gone.path.as_deref().unwrap_or_default());
                for row in resource::all(tx, api)? {
                    let is_below = row.path.as_deref().is_some_and(|path| path.starts_with(&below));
                    if is_below || row.id == gone.id {
                        tx.delete(&RESOURCES, &(api, row.id.as_deref().unwrap_or_default()))?;
                    }
                }
                Ok(())
            })
            .await?;

        Ok(DeleteResourceOutput {})
    }
}
