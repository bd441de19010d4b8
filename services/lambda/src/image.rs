//! Functions from container images: where they come from, and what differs from archives.

use api_lambda::{
    Architecture, CreateFunctionInput, FunctionCodeLocation, FunctionConfiguration, ImageConfig,
    ImageConfigResponse, LambdaError, PackageType, Runtime, UpdateFunctionCodeInput,
    UpdateFunctionConfigurationInput,
};
use kernel::Fault;
use runner::{Container, Image, ImageError};

use crate::function::{Code, Function, ImageOverrides};
use crate::{Lambda, errors};

/// The sentence for an image that has what only archives have.
const NO_ARCHIVE: &str =
    "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.";

impl Lambda {
    /// Finds the image and unpacks it, so that the first invocation finds it ready.
    pub(crate) async fn take_image(
        &self,
        uri: String,
        architecture: &Architecture,
    ) -> Result<Code, LambdaError> {
        if is_ecr(&uri) && !uri.rsplit('/').next().is_some_and(|name| name.contains([':', '@'])) {
            return Err(invalid_source(&uri));
        }
        let image = self.find(&uri, architecture).await?;
        Ok(Code { blob: None, sha256: image.digest().to_owned(), size: 0, folder: None, image: Some(uri) })
    }

    /// The function's image, unpacked again if it has been cleaned away.
    pub(crate) async fn container(&self, function: &Function) -> Result<Option<Container>, LambdaError> {
        let Some(uri) = &function.code.image else { return Ok(None) };
        let digest = &function.code.sha256;
        let image = match self.runner.unpacked_image(digest).await {
            Some(image) => image,
            None => self.find(uri, &function.configuration.architecture).await?,
        };
        if image.digest() != digest {
            return Err(errors::cannot_run(format!(
                "The image {uri} is another by now: sha256:{} in place of sha256:{digest}.",
                image.digest()
            )));
        }
        let said = function.configuration.image.clone().unwrap_or_default();
        Ok(Some(Container {
            image,
            entry_point: said.entry_point,
            command: said.command,
            working_directory: said.working_directory,
        }))
    }

    async fn find(&self, uri: &str, architecture: &Architecture) -> Result<Image, LambdaError> {
        let machine = if *architecture == Architecture::Arm64 { "arm64" } else { "amd64" };
        self.runner.image(uri, machine).await.map_err(|error| refuse(uri, &error))
    }
}

/// What AWS says of sources, and for what it has no words.
fn refuse(uri: &str, error: &ImageError) -> LambdaError {
    match error {
        ImageError::Invalid => invalid_source(uri),
        ImageError::Missing => {
            tracing::warn!(%uri, "no such image: FOGBANK_LAMBDA_IMAGES names the folders that are looked through");
            errors::invalid(format!("Source image {uri} does not exist. Provide a valid source image."))
        }
        ImageError::Disk(error) => Fault::internal(error).into(),
        error => errors::invalid(format!("Source image {uri} is not valid: {error}.")),
    }
}

fn invalid_source(uri: &str) -> LambdaError {
    errors::invalid(format!("Source image {uri} is not valid. Provide a valid source image."))
}

fn is_ecr(uri: &str) -> bool {
    uri.split('/').next().is_some_and(|host| host.contains(".dkr.ecr."))
}

/// What archives must have and images must not.
pub fn runtime_and_handler(input: &CreateFunctionInput) -> Result<(Runtime, String), LambdaError> {
    if input.package_type != Some(PackageType::Image) {
        if input.image_config.is_some() {
            return Err(errors::invalid(
                "Please don't provide ImageConfig when the intended function PackageType is Zip.",
            ));
        }
        return input.runtime.clone().zip(input.handler.clone()).ok_or_else(|| {
            errors::invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            )
        });
    }
    let has_layers = input.layers.as_ref().is_some_and(|layers| !layers.is_empty());
    if input.runtime.is_some() || input.handler.is_some() || has_layers {
        return Err(errors::invalid(NO_ARCHIVE));
    }
    if input.code_signing_config_arn.is_some() {
        return Err(errors::invalid(
            "Code signing is not supported for functions created with container images.",
        ));
    }
    Ok((Runtime::from(""), String::new()))
}

/// An update must be of the same kind as the function.
pub fn require_package(function: &Function, input: &UpdateFunctionCodeInput) -> Result<(), LambdaError> {
    match (&function.code.image, &input.image_uri) {
        (Some(_), None) => {
            Err(errors::invalid("Please provide ImageUri when updating a function with packageType Image."))
        }
        (None, Some(_)) => Err(errors::invalid(
            "Please don't provide ImageUri when updating a function with packageType Zip.",
        )),
        _ => Ok(()),
    }
}

/// Settings that the function's kind does not have.
pub fn refuse_settings(
    function: &Function,
    input: &UpdateFunctionConfigurationInput,
) -> Result<(), LambdaError> {
    let is_image = function.code.image.is_some();
    if is_image && input.layers.as_ref().is_some_and(|layers| !layers.is_empty()) {
        return Err(errors::invalid(
            "Lambda layers are not supported for functions created with container images.",
        ));
    }
    if is_image && (input.runtime.is_some() || input.handler.is_some()) {
        return Err(errors::invalid(NO_ARCHIVE));
    }
    if !is_image && input.image_config.is_some() {
        return Err(errors::invalid(
            "Please don't provide ImageConfig when updating a function with packageType Zip.",
        ));
    }
    Ok(())
}

/// What is said in place of what the image says; nothing if it is empty.
pub fn overrides(config: Option<&ImageConfig>) -> Option<ImageOverrides> {
    let config = config?;
    let said = ImageOverrides {
        entry_point: config.entry_point.clone().filter(|list| !list.is_empty()),
        command: config.command.clone().filter(|list| !list.is_empty()),
        working_directory: config.working_directory.clone().filter(|folder| !folder.is_empty()),
    };
    (said != ImageOverrides::default()).then_some(said)
}

/// Where the function's image is; nothing for an archive.
pub fn location(function: &Function) -> Option<FunctionCodeLocation> {
    let uri = function.code.image.clone()?;
    // The tag follows the last colon that no slash follows; before that, a colon is a port's.
    let plain = uri.split('@').next().unwrap_or(&uri);
    let repository = match plain.rfind(':') {
        Some(at) if !plain[at..].contains('/') => &plain[..at],
        _ => plain,
    };
    Some(FunctionCodeLocation {
        repository_type: Some("ECR".to_owned()),
        resolved_image_uri: Some(format!("{repository}@sha256:{}", function.code.sha256)),
        image_uri: Some(uri),
        ..FunctionCodeLocation::default()
    })
}

/// A function's configuration without what images do not have.
pub fn described(configuration: FunctionConfiguration, function: &Function) -> FunctionConfiguration {
    let said = function.configuration.image.clone();
    FunctionConfiguration {
        package_type: Some(PackageType::Image),
        runtime: None,
        handler: None,
        runtime_version_config: None,
        image_config_response: said.map(|said| ImageConfigResponse {
            image_config: Some(ImageConfig {
                entry_point: said.entry_point,
                command: said.command,
                working_directory: said.working_directory,
            }),
            error: None,
        }),
        ..configuration
    }
}
