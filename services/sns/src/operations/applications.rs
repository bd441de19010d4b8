//! Operations on platform applications.

use api_sns::{
    CreatePlatformApplication, CreatePlatformApplicationInput, CreatePlatformApplicationOutput,
    DeletePlatformApplication, DeletePlatformApplicationInput, DeletePlatformApplicationOutput,
    GetPlatformApplicationAttributes, GetPlatformApplicationAttributesInput,
    GetPlatformApplicationAttributesOutput, ListPlatformApplications, ListPlatformApplicationsInput,
    ListPlatformApplicationsOutput, PlatformApplication, SetPlatformApplicationAttributes,
    SetPlatformApplicationAttributesInput, SetPlatformApplicationAttributesOutput, SnsError,
};
use kernel::{Context, Fault, Handler, page};

use crate::platform::{self, APPLICATIONS, ENDPOINTS, TOKENS};
use crate::{Sns, errors, limits, names, paging};

impl Handler<CreatePlatformApplication> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: CreatePlatformApplicationInput,
    ) -> Result<CreatePlatformApplicationOutput, SnsError> {
        let CreatePlatformApplicationInput { name, platform, attributes } = input;
        platform::check_application(&name, &platform)?;
        platform::check_attributes(&platform, &attributes, true)?;
        self.store
            .write(&cx.scope, |tx| {
                let key = (platform.as_str(), name.as_str());
                let mut kept = tx.get(&APPLICATIONS, &key)?.unwrap_or_default();
                kept.extend(attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
                kept.entry("Enabled".to_owned()).or_insert_with(|| "true".to_owned());
                tx.put(&APPLICATIONS, &key, &kept)
            })
            .await?;
        let arn = platform::application_arn(&cx.scope, &platform, &name);
        Ok(CreatePlatformApplicationOutput { platform_application_arn: Some(arn) })
    }
}

impl Handler<DeletePlatformApplication> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: DeletePlatformApplicationInput,
    ) -> Result<DeletePlatformApplicationOutput, SnsError> {
        let (scope, platform, name) = names::locate_application(cx, &input.platform_application_arn)?;
        self.store
            .write(&scope, |tx| {
                let key = (platform.as_str(), name.as_str());
                let endpoints: Vec<_> = tx.prefix(&ENDPOINTS, &key).keys().collect::<Result<_, Fault>>()?;
                endpoints.iter().try_for_each(|key| tx.delete(&ENDPOINTS, key).map(drop))?;
                let tokens: Vec<_> = tx.prefix(&TOKENS, &key).keys().collect::<Result<_, Fault>>()?;
                tokens.iter().try_for_each(|key| tx.delete(&TOKENS, key).map(drop))?;
                tx.delete(&APPLICATIONS, &key).map(drop)
            })
            .await?;
        Ok(DeletePlatformApplicationOutput {})
    }
}

impl Handler<GetPlatformApplicationAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetPlatformApplicationAttributesInput,
    ) -> Result<GetPlatformApplicationAttributesOutput, SnsError> {
        let (scope, platform, name) = names::locate_application(cx, &input.platform_application_arn)?;
        let attributes = self.store.read(&scope, |tx| platform::application(tx, &platform, &name))?;
        Ok(GetPlatformApplicationAttributesOutput { attributes: Some(platform::shown(&attributes)) })
    }
}

impl Handler<SetPlatformApplicationAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: SetPlatformApplicationAttributesInput,
    ) -> Result<SetPlatformApplicationAttributesOutput, SnsError> {
        let (scope, platform, name) = names::locate_application(cx, &input.platform_application_arn)?;
        if input.attributes.is_empty() {
            return Err(errors::missing("attributes"));
        }
        self.store
            .write(&scope, |tx| {
                let mut kept = platform::application(tx, &platform, &name)?;
                platform::check_attributes(&platform, &input.attributes, false)?;
                kept.extend(input.attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
                Ok::<_, SnsError>(tx.put(&APPLICATIONS, &(platform.as_str(), name.as_str()), &kept)?)
            })
            .await?;
        Ok(SetPlatformApplicationAttributesOutput {})
    }
}

impl Handler<ListPlatformApplications> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListPlatformApplicationsInput,
    ) -> Result<ListPlatformApplicationsOutput, SnsError> {
        let list = "applications";
        let after = paging::after(list, input.next_token.as_deref())?.unwrap_or_default();
        let rows: Vec<_> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&APPLICATIONS, ..).map(|row| {
                row.map(|((platform, name), attributes)| {
                    (platform::application_arn(&cx.scope, &platform, &name), attributes)
                })
            });
            rows.collect::<Result<_, Fault>>()
        })?;
        let rows = rows.into_iter().filter(|(arn, _)| *arn > after).take(limits::PAGE + 1).collect();
        let page = page::cut(rows, limits::PAGE, list, |(arn, _): &(String, _)| arn.clone());
        let applications = page.items.into_iter().map(|(arn, attributes)| PlatformApplication {
            platform_application_arn: Some(arn),
            attributes: Some(platform::shown(&attributes)),
        });
        Ok(ListPlatformApplicationsOutput {
            platform_applications: Some(applications.collect()),
            next_token: page.next,
        })
    }
}
