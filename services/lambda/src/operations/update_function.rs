//! `UpdateFunctionCode` and `UpdateFunctionConfiguration`: environments of the older revision end.

use api_lambda::{
    FunctionConfiguration, LambdaError, UpdateFunctionCode, UpdateFunctionCodeInput,
    UpdateFunctionConfiguration, UpdateFunctionConfigurationInput,
};
use kernel::{Context, Handler};

use super::publish_version;
use crate::code::{Package, Source};
use crate::function::{Code, FUNCTIONS, Function, LATEST, Moment};
use crate::names::FunctionName;
use crate::{Lambda, capacity, configuration, image, signing};

impl Handler<UpdateFunctionCode> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionCodeInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();
        let to_latest = input.publish_to.is_some();
        let is_published = input.publish == Some(true) || to_latest;
        let there = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;
        there.require_revision(input.revision_id.as_deref())?;
        let is_dry = input.dry_run == Some(true);
        let architecture = input.architectures.as_ref().and_then(|list| list.first().cloned());
        image::require_package(&there, &input)?;
        let machine = architecture.clone().unwrap_or_else(|| there.configuration.architecture.clone());
        let package = if there.code.image.is_some() { Package::Image(&machine) } else { Package::Zip };
        let source = Source {
            zip: input.zip_file,
            bucket: input.s3_bucket,
            key: input.s3_key,
            version: input.s3_object_version,
            image: input.image_uri,
        };
        let code = self.take_code(cx, package, source).await?;
        if is_dry {
            self.discard(&code).await?;
            return Ok(Function { code, ..there }.describe(&name, Moment::Settled));
        }

        let revision = input.revision_id.as_deref();
        let change = |function: &mut Function, code: &Code| {
            function.code = code.clone();
            if let Some(architecture) = &architecture {
                function.configuration.architecture = architecture.clone();
            }
        };
        let updated = self
            .store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(revision)?;
                signing::require_signature(tx, function.signing.as_deref())?;
                let before = function.code.clone();
                if let Some(blob) = &code.blob {
                    tx.keep_blob(blob)?;
                }
                change(&mut function, &code);
                function.touch(cx);
                tx.put(&FUNCTIONS, &name.name, &function)?;
                before.release(tx, &name.name)?;
                match is_published {
                    true if to_latest => publish_version::publish_latest(cx, tx, &name, &mut function, None),
                    true => publish_version::publish(cx, tx, &name, &mut function, None),
                    false => Ok::<_, LambdaError>(function),
                }
            })
            .await;
        if updated.is_err() {
            self.discard(&code).await?;
        }
        let function = updated?;
        self.litter();

        self.runner.retire(&name.with(LATEST).arn()).await;
        if is_published {
            self.publish_managed(cx, &name, &function).await?;
            return Ok(function.describe(&name.with(&function.version), Moment::Created));
        }
        Ok(updating(cx, &function, &name))
    }
}

impl Handler<UpdateFunctionConfiguration> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionConfigurationInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();
        let layers = input.layers.as_ref().map(|layers| self.layer_uses(&name.scope, layers)).transpose()?;

        let function = self
            .store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(input.revision_id.as_deref())?;
                image::refuse_settings(&function, &input)?;
                configuration::update(&mut function.configuration, &input)?;
                capacity::require(tx, &name.scope, &function.configuration)?;
                if let Some(layers) = &layers {
                    function.configuration.layers.clone_from(layers);
                }
                function.touch(cx);
                tx.put(&FUNCTIONS, &name.name, &function)?;
                Ok::<_, LambdaError>(function)
            })
            .await?;

        self.litter();
        self.runner.retire(&name.with(LATEST).arn()).await;
        Ok(updating(cx, &function, &name))
    }
}

/// The answer to an update. The revision changes once more when the update is done.
fn updating(cx: &Context, function: &Function, name: &FunctionName) -> FunctionConfiguration {
    let described = function.describe(name, Moment::Updated);
    FunctionConfiguration { revision_id: Some(cx.ids.uuid()), ..described }
}
