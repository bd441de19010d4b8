//! `CreateFunction`: makes a function of its code and configuration.

use api_lambda::{CreateFunction, CreateFunctionInput, FunctionConfiguration, LambdaError, PackageType};
use kernel::{Context, Fault, Handler};

use super::publish_version;
use crate::code::{Package, Source};
use crate::function::{FUNCTIONS, Function, LATEST, Moment};
use crate::names::FunctionName;
use crate::{Lambda, capacity, configuration, errors, limits, signing};

impl Handler<CreateFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateFunctionInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = check(cx, &input)?;
        let mut configuration = configuration::of_new(&input)?;
        let layers = input.layers.as_deref().unwrap_or_default();
        configuration.layers = self.layer_uses(&name.scope, layers)?;
        let is_there = self.store.read(&name.scope, |tx| tx.contains(&FUNCTIONS, &name.name))?;
        if is_there {
            return Err(errors::function_exists(&name.name));
        }
        let code = input.code;
        let is_image = input.package_type == Some(PackageType::Image);
        let source = Source {
            zip: code.zip_file,
            bucket: code.s3_bucket,
            key: code.s3_key,
            version: code.s3_object_version,
            image: code.image_uri,
        };
        let to_latest = input.publish_to.is_some();
        let is_published = input.publish == Some(true) || to_latest;
        let package = if is_image { Package::Image(&configuration.architecture) } else { Package::Zip };
        let code = self.take_code(cx, package, source).await?;
        let mut function = Function {
            configuration,
            code,
            revision: cx.ids.uuid(),
            edition: cx.ids.uuid(),
            modified: cx.clock.now(),
            policy: Vec::new(),
            tags: input.tags.unwrap_or_default(),
            version: LATEST.to_owned(),
            last_version: 0,
            reserved: None,
            recursion: None,
            signing: input.code_signing_config_arn,
            runtime_updates: None,
            scaling: None,
        };

        let kept = self
            .store
            .write(&name.scope, |tx| {
                if tx.contains(&FUNCTIONS, &name.name)? {
                    return Err(errors::function_exists(&name.name));
                }
                signing::require_signature(tx, function.signing.as_deref())?;
                capacity::require(tx, &name.scope, &function.configuration)?;
                if let Some(blob) = &function.code.blob {
                    tx.keep_blob(blob)?;
                }
                tx.put(&FUNCTIONS, &name.name, &function)?;
                let mut function = function.clone();
                match (is_published, to_latest) {
                    (_, true) => {
                        publish_version::publish_latest(cx, tx, &name, &mut function, None).map(Some)
                    }
                    (true, _) => publish_version::publish(cx, tx, &name, &mut function, None).map(Some),
                    _ => Ok(None),
                }
            })
            .await;
        if kept.is_err() {
            self.discard(&function.code).await?;
        }
        if let Some(version) = kept? {
            self.publish_managed(cx, &name, &version).await?;
            function.version = version.version;
        }
        // The revision changes once more when the function is ready.
        function.revision = cx.ids.uuid();
        Ok(function.describe(&name, Moment::Created))
    }
}

/// The function's name, if it can be one and the request is none that is too large.
fn check(cx: &Context, input: &CreateFunctionInput) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, &input.function_name, None)?;
    configuration::check_name(&name)?;
    if name.scope.account != cx.scope.account {
        return Err(errors::other_account());
    }
    check_size(cx)?;
    let tags = input.tags.as_ref().map_or(0, |tags| tags.len());
    if tags > limits::TAGS {
        return Err(errors::invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(name)
}

/// A request may be larger than an archive, for archives come as base64.
fn check_size(cx: &Context) -> Result<(), LambdaError> {
    let length = cx.request.headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| length > limits::REQUEST) {
        let message = format!(
            "Request must be smaller than {} bytes for the CreateFunction operation",
            limits::REQUEST
        );
        return Err(Fault::new("RequestEntityTooLargeException", 413, message).into());
    }
    Ok(())
}
