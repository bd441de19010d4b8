//! Code: from a request or from S3 into a blob, and unpacked for the runner.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use api_lambda::{Architecture, LambdaError};
use api_s3::{GetObject, GetObjectInput};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Bytes, Context, Fault};
use runner::{CodeDir, UnpackError, ZipSource};
use sha2::{Digest, Sha256};
use store::BlobId;
use tokio::sync::{Notify, RwLock};

use crate::function::{Code, Function};
use crate::{Lambda, errors, hot, limits};

/// Code that is unpacked already, by the archive's hash.
#[derive(Default)]
pub struct Unpacked {
    folders: Mutex<HashMap<String, CodeDir>>,
    /// Held for writing by who removes folders.
    pub unpacking: RwLock<()>,
    /// Told when there may be folders that nobody needs, which the next says.
    pub littered: Notify,
    pub is_littered: AtomicBool,
}

/// Where a caller says the code is.
#[derive(Debug)]
pub struct Source {
    /// In the request.
    pub zip: Option<Bytes>,
    /// In that bucket.
    pub bucket: Option<String>,
    /// Under that key.
    pub key: Option<String>,
    /// In that version.
    pub version: Option<String>,
    /// In that container image.
    pub image: Option<String>,
}

/// What the code comes as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package<'a> {
    /// An archive.
    Zip,
    /// A container image for that instruction set.
    Image(&'a Architecture),
}

impl Lambda {
    /// Takes code in: reads it, unpacks it, keeps the archive. The blob is not part of the data until a commit keeps it.
    pub(crate) async fn take_code(
        &self,
        cx: &Context,
        package: Package<'_>,
        source: Source,
    ) -> Result<Code, LambdaError> {
        if let Package::Image(architecture) = package {
            let uri =
                source.image.ok_or_else(|| errors::invalid("Please provide a source for function code."))?;
            return self.take_image(uri, architecture).await;
        }
        if source.bucket.as_deref() == Some(hot::BUCKET) {
            return hot::code(&self.runner, source.key.as_deref().unwrap_or_default());
        }
        let zip = read(cx, source).await?;
        let sha256 = STANDARD.encode(Sha256::digest(&zip));
        let _unpacking = self.code.unpacking.read().await;
        let unpacked = self.runner.unpack(ZipSource::Bytes(zip.clone()), limits::UNZIPPED).await;
        let folder = unpacked.map_err(|error| refuse(&error))?;
        self.code.lock().insert(sha256.clone(), folder);
        let mut writer = self.store.blobs().create().await?;
        writer.write(zip.clone()).await?;
        let blob = writer.finish().await?;
        Ok(Code { blob: Some(blob.id), sha256, size: zip.len() as u64, folder: None, image: None })
    }

    /// The unpacked code, unpacked again if this process has not seen it.
    pub(crate) async fn unpacked(&self, code: &Code) -> Result<CodeDir, LambdaError> {
        if let Some(folder) = self.code.lock().get(&code.sha256).cloned() {
            return Ok(folder);
        }
        let blob = code.blob.as_ref().ok_or_else(|| Fault::internal("code without an archive"))?;
        let zip = self.zip(blob).await?;
        let _unpacking = self.code.unpacking.read().await;
        let unpacked = self.runner.unpack(zip, limits::UNZIPPED).await;
        let folder = unpacked.map_err(Fault::internal)?;
        self.code.lock().insert(code.sha256.clone(), folder.clone());
        Ok(folder)
    }

    /// The code to run, and the revision that its environments are of.
    pub(crate) async fn ready_code(&self, function: &Function) -> Result<(CodeDir, String), LambdaError> {
        match &function.code.folder {
            Some(folder) => hot::ready(&self.runner, folder, &function.edition).await,
            None => Ok((self.unpacked(&function.code).await?, function.edition.clone())),
        }
    }

    /// Takes back an archive that no commit has kept.
    pub(crate) async fn discard(&self, code: &Code) -> Result<(), Fault> {
        match &code.blob {
            Some(blob) => self.store.blobs().discard(blob).await,
            None => Ok(()),
        }
    }

    /// An archive, where it lies.
    pub(crate) async fn zip(&self, blob: &BlobId) -> Result<ZipSource, Fault> {
        match self.store.blobs().path(blob) {
            Some(path) => Ok(ZipSource::Path(path)),
            None => {
                let stream = self.store.blobs().read(blob, None).await?;
                Ok(ZipSource::Bytes(stream.collect(usize::MAX).await?))
            }
        }
    }
}

impl Unpacked {
    /// The folders known.
    pub fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, CodeDir>> {
        self.folders.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The bytes of an archive.
pub async fn read(cx: &Context, source: Source) -> Result<Bytes, LambdaError> {
    match source {
        Source { zip: Some(zip), bucket: None, .. } if zip.len() > limits::ZIPPED => Err(Fault::new(
            "RequestEntityTooLargeException",
            413,
            format!("Zipped size must be smaller than {} bytes", limits::ZIPPED),
        )
        .into()),
        Source { zip: Some(zip), bucket: None, .. } => Ok(zip),
        Source { zip: None, bucket: Some(bucket), key: Some(key), version, .. } => {
            from_s3(cx, bucket, key, version).await
        }
        Source { zip: None, bucket: None, .. } => {
            Err(errors::invalid("Please provide a source for function code."))
        }
        _ => Err(errors::invalid(
            "Please do not provide other FunctionCode parameters when providing a ZipFile.",
        )),
    }
}

async fn from_s3(
    cx: &Context,
    bucket: String,
    key: String,
    version_id: Option<String>,
) -> Result<Bytes, LambdaError> {
    let input = GetObjectInput { bucket, key, version_id, ..GetObjectInput::default() };
    let object = cx.call::<GetObject>(input).await.map_err(|fault| {
        let (code, message) = (fault.code(), fault.message());
        errors::invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
        ))
    })?;
    let most = usize::try_from(limits::UNZIPPED).unwrap_or(usize::MAX);
    let too_large = || refuse(&UnpackError::TooLarge(limits::UNZIPPED));
    object.body.collect(most).await.map_err(|fault| match fault.code() {
        "RequestTooLarge" => too_large(),
        _ => fault.into(),
    })
}

/// The error for an archive that cannot be unpacked.
pub fn refuse(error: &UnpackError) -> LambdaError {
    match error {
        UnpackError::TooLarge(_) | UnpackError::Empty => errors::invalid(error.to_string()),
        UnpackError::Disk(error) => Fault::internal(error).into(),
        _ => errors::invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
    }
}
