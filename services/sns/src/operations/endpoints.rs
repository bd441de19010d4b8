//! Operations on endpoints of platform applications.

use std::collections::BTreeMap;

use api_sns::{
    CreatePlatformEndpoint, CreatePlatformEndpointInput, CreatePlatformEndpointOutput, DeleteEndpoint,
    DeleteEndpointInput, DeleteEndpointOutput, Endpoint as Listed, GetEndpointAttributes,
    GetEndpointAttributesInput, GetEndpointAttributesOutput, ListEndpointsByPlatformApplication,
    ListEndpointsByPlatformApplicationInput, ListEndpointsByPlatformApplicationOutput, SetEndpointAttributes,
    SetEndpointAttributesInput, SetEndpointAttributesOutput, SnsError,
};
use kernel::{Context, Fault, Handler, Map, page};

use crate::platform::{self, ENDPOINTS, Endpoint, TOKENS};
use crate::{Sns, errors, limits, names, paging};

impl Handler<CreatePlatformEndpoint> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: CreatePlatformEndpointInput,
    ) -> Result<CreatePlatformEndpointOutput, SnsError> {
        let (scope, platform, name) = names::locate_application(cx, &input.platform_application_arn)?;
        let mut given = input.attributes.unwrap_or_default();
        platform::check_endpoint(&given)?;
        if let Some(data) = input.custom_user_data {
            given.insert("CustomUserData".to_owned(), data);
            platform::check_endpoint(&given)?;
        }
        let new = cx.ids.uuid();
        let id = self
            .store
            .write(&scope, |tx| {
                platform::application(tx, &platform, &name)?;
                let by_token = (platform.as_str(), name.as_str(), input.token.as_str());
                if let Some(id) = tx.get(&TOKENS, &by_token)? {
                    let there = tx.get(&ENDPOINTS, &(platform.as_str(), name.as_str(), id.as_str()))?;
                    let there = there.unwrap_or_default().attributes;
                    if given.iter().any(|(name, value)| there.get(name) != Some(value)) {
                        let arn = platform::endpoint_arn(&scope, &platform, &name, &id);
                        return Err(errors::because(
                            "Token",
                            format!(
                                "Endpoint {arn} already exists with the same Token, but different attributes."
                            ),
                        ));
                    }
                    return Ok(id);
                }
                let mut attributes: BTreeMap<_, _> = given.clone().into_iter().collect();
                attributes.entry("Enabled".to_owned()).or_insert_with(|| "true".to_owned());
                attributes.insert("Token".to_owned(), input.token.clone());
                tx.put(&TOKENS, &by_token, &new)?;
                let key = (platform.as_str(), name.as_str(), new.as_str());
                tx.put(&ENDPOINTS, &key, &Endpoint { attributes })?;
                Ok(new.clone())
            })
            .await?;
        let arn = platform::endpoint_arn(&scope, &platform, &name, &id);
        Ok(CreatePlatformEndpointOutput { endpoint_arn: Some(arn) })
    }
}

impl Handler<DeleteEndpoint> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteEndpointInput,
    ) -> Result<DeleteEndpointOutput, SnsError> {
        let (scope, (platform, name, id)) = names::locate_endpoint(cx, &input.endpoint_arn, "EndpointArn")?;
        self.store
            .write(&scope, |tx| {
                let key = (platform.as_str(), name.as_str(), id.as_str());
                let Some(endpoint) = tx.get(&ENDPOINTS, &key)? else { return Ok::<_, Fault>(()) };
                let token = endpoint.attributes.get("Token").map_or("", String::as_str);
                tx.delete(&TOKENS, &(platform.as_str(), name.as_str(), token))?;
                tx.delete(&ENDPOINTS, &key).map(drop)
            })
            .await?;
        Ok(DeleteEndpointOutput {})
    }
}

impl Handler<GetEndpointAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetEndpointAttributesInput,
    ) -> Result<GetEndpointAttributesOutput, SnsError> {
        let (scope, (platform, name, id)) = names::locate_endpoint(cx, &input.endpoint_arn, "EndpointArn")?;
        let key = (platform.as_str(), name.as_str(), id.as_str());
        let endpoint = self.store.read(&scope, |tx| tx.get(&ENDPOINTS, &key))?;
        let endpoint = endpoint.ok_or_else(errors::no_endpoint)?;
        Ok(GetEndpointAttributesOutput { attributes: Some(shown(endpoint)) })
    }
}

impl Handler<SetEndpointAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: SetEndpointAttributesInput,
    ) -> Result<SetEndpointAttributesOutput, SnsError> {
        let (scope, (platform, name, id)) = names::locate_endpoint(cx, &input.endpoint_arn, "EndpointArn")?;
        if input.attributes.is_empty() {
            return Err(errors::missing("attributes"));
        }
        self.store
            .write(&scope, |tx| {
                let key = (platform.as_str(), name.as_str(), id.as_str());
                let mut endpoint = tx.get(&ENDPOINTS, &key)?.ok_or_else(errors::no_endpoint)?;
                platform::check_endpoint(&input.attributes)?;
                if let Some(token) = input.attributes.get("Token") {
                    let old = endpoint.attributes.get("Token").cloned().unwrap_or_default();
                    tx.delete(&TOKENS, &(platform.as_str(), name.as_str(), old.as_str()))?;
                    tx.put(&TOKENS, &(platform.as_str(), name.as_str(), token.as_str()), &id)?;
                }
                let new = input.attributes.iter().map(|(name, value)| (name.clone(), value.clone()));
                endpoint.attributes.extend(new);
                Ok::<_, SnsError>(tx.put(&ENDPOINTS, &key, &endpoint)?)
            })
            .await?;
        Ok(SetEndpointAttributesOutput {})
    }
}

impl Handler<ListEndpointsByPlatformApplication> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListEndpointsByPlatformApplicationInput,
    ) -> Result<ListEndpointsByPlatformApplicationOutput, SnsError> {
        let (scope, platform, name) = names::locate_application(cx, &input.platform_application_arn)?;
        let after = paging::after(&name, input.next_token.as_deref())?;
        let rows = self.store.read(&scope, |tx| {
            platform::application(tx, &platform, &name)?;
            let rows = tx.prefix(&ENDPOINTS, &(platform.as_str(), name.as_str()));
            let rows = match &after {
                Some(after) => rows.after(&(platform.as_str(), name.as_str(), after.as_str())),
                None => rows,
            };
            Ok::<_, SnsError>(rows.take(limits::PAGE + 1).collect::<Result<Vec<_>, Fault>>()?)
        })?;
        let page = page::cut(rows, limits::PAGE, &name, |((_, _, id), _)| id.clone());
        let endpoints = page.items.into_iter().map(|((_, _, id), endpoint)| Listed {
            endpoint_arn: Some(platform::endpoint_arn(&scope, &platform, &name, &id)),
            attributes: Some(shown(endpoint)),
        });
        Ok(ListEndpointsByPlatformApplicationOutput {
            endpoints: Some(endpoints.collect()),
            next_token: page.next,
        })
    }
}

fn shown(endpoint: Endpoint) -> Map<String, String> {
    endpoint.attributes.into_iter().collect()
}
