//! `CreateCodeSigningConfig` and its family.

use api_lambda::{
    CodeSigningPolicy, CreateCodeSigningConfig, CreateCodeSigningConfigInput, CreateCodeSigningConfigOutput,
    DeleteCodeSigningConfig, DeleteCodeSigningConfigInput, DeleteCodeSigningConfigOutput,
    GetCodeSigningConfig, GetCodeSigningConfigInput, GetCodeSigningConfigOutput, LambdaError,
    ListCodeSigningConfigs, ListCodeSigningConfigsInput, ListCodeSigningConfigsOutput,
    UpdateCodeSigningConfig, UpdateCodeSigningConfigInput, UpdateCodeSigningConfigOutput,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::function::FUNCTIONS;
use crate::signing::{self, SIGNING, Signing};
use crate::{Lambda, errors, limits, paging};

const LIST: &str = "lambda.signing";

impl Handler<CreateCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateCodeSigningConfigInput,
    ) -> Result<CreateCodeSigningConfigOutput, LambdaError> {
        let tags = input.tags.unwrap_or_default();
        if tags.len() > limits::TAGS {
            return Err(errors::invalid("Number of tags exceeds resource tag limit."));
        }
        let policy = input.code_signing_policies.and_then(|all| all.untrusted_artifact_on_deployment);
        let row = Signing {
            description: input.description,
            publishers: input.allowed_publishers.signing_profile_version_arns,
            policy: policy.unwrap_or(CodeSigningPolicy::Warn),
            modified: cx.clock.now(),
            tags,
        };
        let id = format!("csc-{}", cx.ids.hex(17));

        self.store.write(&cx.scope, |tx| tx.put(&SIGNING, &id, &row)).await?;

        Ok(CreateCodeSigningConfigOutput { code_signing_config: row.describe(&cx.scope, &id) })
    }
}

impl Handler<UpdateCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateCodeSigningConfigInput,
    ) -> Result<UpdateCodeSigningConfigOutput, LambdaError> {
        let id = signing::id(&input.code_signing_config_arn);
        let publishers = input.allowed_publishers.map(|all| all.signing_profile_version_arns);
        let policy = input.code_signing_policies.and_then(|all| all.untrusted_artifact_on_deployment);

        let row = self
            .store
            .write(&cx.scope, |tx| {
                let before = find(tx, &input.code_signing_config_arn)?;
                let row = Signing {
                    description: input.description.clone().or(before.description),
                    publishers: publishers.clone().unwrap_or(before.publishers),
                    policy: policy.clone().unwrap_or(before.policy),
                    modified: cx.clock.now(),
                    tags: before.tags,
                };
                tx.put(&SIGNING, id, &row)?;
                Ok::<_, LambdaError>(row)
            })
            .await?;

        Ok(UpdateCodeSigningConfigOutput { code_signing_config: row.describe(&cx.scope, id) })
    }
}

impl Handler<GetCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetCodeSigningConfigInput,
    ) -> Result<GetCodeSigningConfigOutput, LambdaError> {
        let row = self.store.read(&cx.scope, |tx| find(tx, &input.code_signing_config_arn))?;

        let id = signing::id(&input.code_signing_config_arn);
        Ok(GetCodeSigningConfigOutput { code_signing_config: row.describe(&cx.scope, id) })
    }
}

impl Handler<DeleteCodeSigningConfig> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteCodeSigningConfigInput,
    ) -> Result<DeleteCodeSigningConfigOutput, LambdaError> {
        let arn = &input.code_signing_config_arn;

        self.store
            .write(&cx.scope, |tx| {
                find(tx, arn)?;
                for row in tx.range(&FUNCTIONS, ..) {
                    if row?.1.signing.as_ref() == Some(arn) {
                        return Err(errors::conflict(format!(
                            "Cannot delete the CodeSigningConfig {arn} because it is in use by a function."
                        )));
                    }
                }
                tx.delete(&SIGNING, signing::id(arn))?;
                Ok(())
            })
            .await?;

        Ok(DeleteCodeSigningConfigOutput {})
    }
}

impl Handler<ListCodeSigningConfigs> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListCodeSigningConfigsInput,
    ) -> Result<ListCodeSigningConfigsOutput, LambdaError> {
        let page = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&SIGNING, ..);
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |(id, _)| id.clone())
        })?;

        let configs = page.items.iter().map(|(id, row)| row.describe(&cx.scope, id)).collect();
        Ok(ListCodeSigningConfigsOutput { code_signing_configs: Some(configs), next_marker: page.next })
    }
}

/// The configuration of an ARN.
pub fn find(tx: &ReadTx<'_>, arn: &str) -> Result<Signing, LambdaError> {
    tx.get(&SIGNING, signing::id(arn))?.ok_or_else(|| errors::no_such_signing(arn))
}
