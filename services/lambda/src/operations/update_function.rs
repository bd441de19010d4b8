//! `UpdateFunctionCode` and `UpdateFunctionConfiguration`: environments of the older revision end.

use api_lambda::{
    FunctionConfiguration, LambdaError, UpdateFunctionCode, UpdateFunctionCodeInput,
    UpdateFunctionConfiguration, UpdateFunctionConfigurationInput,
};
use kernel::{Context, Handler};

use crate::code::Source;
use crate::function::{Code, FUNCTIONS, Function, Moment};
use crate::names::FunctionName;
use crate::{Lambda, configuration, errors};

impl Handler<UpdateFunctionCode> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionCodeInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        if input.publish == Some(true) {
            return Err(errors::not_emulated("publishing versions"));
        }
        let name = FunctionName::parse(cx, &input.function_name, None)?;
        let there = self.store.read(&name.scope, |tx| Function::get(tx, &name))?;
        there.require_revision(input.revision_id.as_deref())?;
        let is_dry = input.dry_run == Some(true);
        let architecture = input.architectures.as_ref().and_then(|list| list.first().cloned());
        let source = Source {
            zip: input.zip_file,
            bucket: input.s3_bucket,
            key: input.s3_key,
            version: input.s3_object_version,
            image: input.image_uri,
        };
        let code = self.take_code(cx, source).await?;
        if is_dry {
            self.store.blobs().discard(&code.blob).await?;
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
                tx.drop_blob(&function.code.blob)?;
                tx.keep_blob(&code.blob)?;
                change(&mut function, &code);
                touch(cx, &mut function);
                tx.put(&FUNCTIONS, &name.name, &function)?;
                Ok::<_, LambdaError>(function)
            })
            .await;
        if updated.is_err() {
            self.store.blobs().discard(&code.blob).await?;
        }
        let function = updated?;

        self.runner.retire(&name.plain_arn()).await;
        Ok(function.describe(&name, Moment::Updated))
    }
}

impl Handler<UpdateFunctionConfiguration> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateFunctionConfigurationInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let function = self
            .store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(input.revision_id.as_deref())?;
                configuration::update(&mut function.configuration, &input)?;
                touch(cx, &mut function);
                tx.put(&FUNCTIONS, &name.name, &function)?;
                Ok::<_, LambdaError>(function)
            })
            .await?;

        self.runner.retire(&name.plain_arn()).await;
        Ok(function.describe(&name, Moment::Updated))
    }
}

fn touch(cx: &Context, function: &mut Function) {
    function.revision = cx.ids.uuid();
    function.modified = cx.clock.now();
}
