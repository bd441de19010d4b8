//! `CreateFunction`: makes a function of its code and configuration.

use api_lambda::{CreateFunction, CreateFunctionInput, FunctionConfiguration, LambdaError};
use kernel::{Context, Handler};

use crate::code::Source;
use crate::function::{FUNCTIONS, Function, Moment};
use crate::names::FunctionName;
use crate::{Lambda, configuration, errors};

impl Handler<CreateFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateFunctionInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let configuration = configuration::of_new(&input)?;
        let name = FunctionName::parse(cx, &input.function_name, None)?;
        let is_there = self.store.read(&name.scope, |tx| tx.contains(&FUNCTIONS, &name.name))?;
        if is_there {
            return Err(errors::function_exists(&name.name));
        }
        let code = input.code;
        let source = Source {
            zip: code.zip_file,
            bucket: code.s3_bucket,
            key: code.s3_key,
            version: code.s3_object_version,
            image: code.image_uri,
        };
        let function = Function {
            configuration,
            code: self.take_code(cx, source).await?,
            revision: cx.ids.uuid(),
            modified: cx.clock.now(),
            policy: Vec::new(),
            tags: input.tags.unwrap_or_default(),
        };

        let kept = self
            .store
            .write(&name.scope, |tx| {
                if tx.contains(&FUNCTIONS, &name.name)? {
                    return Err(errors::function_exists(&name.name));
                }
                tx.keep_blob(&function.code.blob)?;
                Ok(tx.put(&FUNCTIONS, &name.name, &function)?)
            })
            .await;
        if kept.is_err() {
            self.store.blobs().discard(&function.code.blob).await?;
        }
        kept?;

        Ok(function.describe(&name, Moment::Created))
    }
}
