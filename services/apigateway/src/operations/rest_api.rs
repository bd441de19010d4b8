//! `CreateRestApi`, `GetRestApi`, `GetRestApis`, `UpdateRestApi`, `DeleteRestApi`.

use api_apigateway::{
    ApiKeySourceType, ApigatewayError, CreateRestApi, CreateRestApiInput, DeleteRestApi, DeleteRestApiInput,
    DeleteRestApiOutput, GetRestApi, GetRestApiInput, GetRestApis, GetRestApisInput, GetRestApisOutput,
    Resource, RestApi, UpdateRestApi, UpdateRestApiInput,
};
use kernel::{Context, Fault, Handler, page};

use crate::api::{APIS, Api, HOMES};
use crate::resource::RESOURCES;
use crate::stage::{DEPLOYMENTS, STAGES};
use crate::{ApiGateway, errors, limits, patch, resource};

const LIST: &str = "apigateway.apis";

/// The tag by which LocalStack's users choose an id.
const CUSTOM_ID: &str = "_custom_id_";

impl Handler<CreateRestApi> for ApiGateway {
    async fn handle(&self, cx: &Context, input: CreateRestApiInput) -> Result<RestApi, ApigatewayError> {
        check(&input)?;
        let tags = input.tags.unwrap_or_default();
        let id = tags.get(CUSTOM_ID).cloned().unwrap_or_else(|| cx.ids.base36(10));
        let endpoint = input.endpoint_configuration.and_then(|configuration| configuration.types);
        let endpoint = endpoint.and_then(|types| types.first().map(ToString::to_string));
        let api = Api {
            name: input.name,
            description: input.description,
            version: input.version,
            created: cx.clock.now_in_seconds(),
            binary_media_types: input.binary_media_types.unwrap_or_default(),
            endpoint: endpoint.unwrap_or_else(|| "EDGE".to_owned()),
            root: cx.ids.base36(10),
            tags,
            disabled: input.disable_execute_api_endpoint.unwrap_or(false),
        };
        let root = Resource { id: Some(api.root.clone()), path: Some("/".to_owned()), ..Resource::default() };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&HOMES, &id)? {
                    return Err(errors::bad_request(format!("The API identifier {id} is taken")));
                }
                tx.put(&HOMES, &id, &cx.scope)?;
                tx.put(&APIS, &id, &api)?;
                resource::put(tx, &id, &root)
            })
            .await?;

        Ok(api.describe(id))
    }
}

fn check(input: &CreateRestApiInput) -> Result<(), ApigatewayError> {
    let id = input.tags.as_ref().and_then(|tags| tags.get(CUSTOM_ID));
    if id.is_some_and(|id| {
        id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }) {
        return Err(errors::bad_request("The API identifier only allows a-zA-Z0-9-"));
    }
    let refused = [
        ("cloning APIs", input.clone_from.is_some()),
        ("compression", input.minimum_compression_size.is_some()),
        ("API keys from authorizers", input.api_key_source == Some(ApiKeySourceType::Authorizer)),
        ("policies of APIs", input.policy.as_ref().is_some_and(|policy| !policy.is_empty())),
    ];
    match refused.iter().find(|(_, asked)| *asked) {
        Some((what, _)) => Err(errors::not_emulated(what)),
        None => Ok(()),
    }
}

impl Handler<GetRestApi> for ApiGateway {
    async fn handle(&self, cx: &Context, input: GetRestApiInput) -> Result<RestApi, ApigatewayError> {
        let api = self.store.read(&cx.scope, |tx| Api::get(tx, &input.rest_api_id))?;
        Ok(api.describe(input.rest_api_id))
    }
}

impl Handler<GetRestApis> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: GetRestApisInput,
    ) -> Result<GetRestApisOutput, ApigatewayError> {
        let most = limits::page(input.limit);
        let invalid = || errors::bad_request("Invalid position parameter specified");
        let after = input.position.map(|token| page::key(LIST, &token).ok_or_else(invalid)).transpose()?;

        let rows: Vec<(String, Api)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&APIS, ..);
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(id, _)| id.clone());
        let items = page.items.into_iter().map(|(id, api)| api.describe(id)).collect();
        Ok(GetRestApisOutput { items: Some(items), position: page.next })
    }
}

impl Handler<UpdateRestApi> for ApiGateway {
    async fn handle(&self, cx: &Context, input: UpdateRestApiInput) -> Result<RestApi, ApigatewayError> {
        let id = input.rest_api_id;
        let changes = patch::changes(input.patch_operations.as_ref())?;

        let api = self
            .store
            .write(&cx.scope, |tx| {
                let mut api = Api::get(tx, &id)?;
                changes.iter().try_for_each(|change| apply(&mut api, change))?;
                tx.put(&APIS, &id, &api)?;
                Ok::<_, ApigatewayError>(api)
            })
            .await?;

        Ok(api.describe(id))
    }
}

fn apply(api: &mut Api, change: &patch::Change<'_>) -> Result<(), ApigatewayError> {
    let parts: Vec<&str> = change.parts.iter().map(String::as_str).collect();
    match (parts.as_slice(), change.value) {
        (["name"], Some(name)) => name.clone_into(&mut api.name),
        (["description"], value) => api.description = value.map(str::to_owned),
        (["version"], value) => api.version = value.map(str::to_owned),
        (["disableExecuteApiEndpoint"], Some(value)) => api.disabled = value == "true",
        (["binaryMediaTypes", kind], Some(value)) if change.replaces => {
            let place = api.binary_media_types.iter_mut().find(|known| known == kind);
            place.into_iter().for_each(|known| value.clone_into(known));
        }
        (["binaryMediaTypes", kind], Some(_)) => api.binary_media_types.push((*kind).to_owned()),
        (["binaryMediaTypes", kind], None) => api.binary_media_types.retain(|known| known != kind),
        _ => {
            return Err(
                change.refuse("/name, /description, /version, /disableExecuteApiEndpoint, /binaryMediaTypes")
            );
        }
    }
    Ok(())
}

impl Handler<DeleteRestApi> for ApiGateway {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteRestApiInput,
    ) -> Result<DeleteRestApiOutput, ApigatewayError> {
        let id = input.rest_api_id.as_str();

        self.store
            .write(&cx.scope, |tx| {
                Api::require(tx, id)?;
                let resources: Vec<_> = tx.prefix(&RESOURCES, &(id,)).keys().collect::<Result<_, Fault>>()?;
                let deployments: Vec<_> =
                    tx.prefix(&DEPLOYMENTS, &(id,)).keys().collect::<Result<_, Fault>>()?;
                let stages: Vec<_> = tx.prefix(&STAGES, &(id,)).keys().collect::<Result<_, Fault>>()?;
                resources.iter().try_for_each(|key| tx.delete(&RESOURCES, key).map(drop))?;
                deployments.iter().try_for_each(|key| tx.delete(&DEPLOYMENTS, key).map(drop))?;
                stages.iter().try_for_each(|key| tx.delete(&STAGES, key).map(drop))?;
                tx.delete(&HOMES, id)?;
                tx.delete(&APIS, id)?;
                Ok::<_, ApigatewayError>(())
            })
            .await?;

        Ok(DeleteRestApiOutput {})
    }
}
