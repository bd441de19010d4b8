//! Encryption at rest: with S3's keys, with KMS's, with the client's.
//!
//! Bodies are not encrypted on this disk, which is the client's own. What clients can see is kept: which key a request
//! asked for, and that nobody reads an object of a client's key without it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingEncryption.html>

use api_s3::ServerSideEncryption;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Context, Fault, Scope};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::ReadTx;

use crate::bucket::Bucket;
use crate::errors;
use crate::names::hex;
use crate::setting::ENCRYPTION;

const HEADER: &str = "x-amz-server-side-encryption";

/// How an object is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// With S3's own keys.
    S3,
    /// With a key of KMS.
    Kms {
        /// Whether twice.
        twice: bool,
        /// The key; nothing for the account's `aws/s3`.
        key: Option<String>,
        /// The context, as it was sent.
        context: Option<String>,
        /// Whether through a key of the bucket; nothing where the bucket decides.
        bucket_key: Option<bool>,
    },
    /// With a key of the client, of which only a digest is kept.
    Customer {
        /// What the digest begins with.
        salt: String,
        /// The SHA-256 of salt and key, in hexadecimal digits.
        digest: String,
    },
}

/// A key that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerKey {
    key: Vec<u8>,
    /// Its MD5 in base64, which answers repeat.
    pub md5: String,
}

/// What a request that makes an object asks for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// `x-amz-server-side-encryption`.
    pub method: Option<&'a ServerSideEncryption>,
    /// The key of KMS.
    pub key: Option<&'a str>,
    /// Its context.
    pub context: Option<&'a str>,
    /// Whether to go through a key of the bucket.
    pub bucket_key: Option<bool>,
    /// Whether the client brings a key of its own.
    pub has_customer_key: bool,
}

/// The key that comes with an input.
macro_rules! customer_key {
    ($input:expr) => {
        $crate::encryption::CustomerKey::of(
            $input.sse_customer_algorithm.as_deref(),
            $input.sse_customer_key.as_deref(),
            $input.sse_customer_key_md5.as_deref(),
        )?
    };
}

/// The key that comes with a request to read.
macro_rules! reader_key {
    ($input:expr) => {{
        $crate::encryption::check_reader(&$input.sse_customer_key, &$input.sse_customer_key_md5)?;
        $crate::encryption::customer_key!($input)
    }};
}

/// The encryption that an input asks for; a client's key is added with its digest when the object is made.
macro_rules! asked {
    ($input:ident) => {
        $crate::encryption::Asked {
            method: $input.server_side_encryption.as_ref(),
            key: $input.ssekms_key_id.as_deref(),
            context: $input.ssekms_encryption_context.as_deref(),
            bucket_key: $input.bucket_key_enabled,
            has_customer_key: $input.sse_customer_algorithm.is_some() || $input.sse_customer_key.is_some(),
        }
        .check()?
    };
}

/// Writes an encryption into an answer that has all members of it.
macro_rules! tell_encryption {
    ($output:expr, $encryption:expr, $customer:expr) => {{
        let encryption: Option<&$crate::encryption::Encryption> = $encryption;
        let customer: Option<&$crate::encryption::CustomerKey> = $customer;
        match encryption {
            Some($crate::encryption::Encryption::Customer { .. }) => {
                $output.sse_customer_algorithm = Some("AES256".to_owned());
                $output.sse_customer_key_md5 = customer.map(|customer| customer.md5.clone());
            }
            encryption => $crate::encryption::tell_service_encryption!($output, encryption),
        }
    }};
}

/// Writes an encryption with S3's or KMS's keys into an answer.
macro_rules! tell_service_encryption {
    ($output:expr, $encryption:expr) => {{
        let encryption: Option<&$crate::encryption::Encryption> = $encryption;
        match encryption {
            None | Some($crate::encryption::Encryption::S3) => {
                $output.server_side_encryption = Some(api_s3::ServerSideEncryption::Aes256);
            }
            Some($crate::encryption::Encryption::Kms { twice, key, bucket_key, .. }) => {
                $output.server_side_encryption = Some(if *twice {
                    api_s3::ServerSideEncryption::AwsKmsDsse
                } else {
                    api_s3::ServerSideEncryption::AwsKms
                });
                $output.ssekms_key_id = key.clone();
                $output.bucket_key_enabled = bucket_key.filter(|enabled| *enabled);
            }
            Some($crate::encryption::Encryption::Customer { .. }) => {}
        }
    }};
}

pub(crate) use {asked, customer_key, reader_key, tell_encryption, tell_service_encryption};

impl Asked<'_> {
    /// What goes together; nothing where nothing is asked for.
    pub fn check(&self) -> Result<Option<Encryption>, Fault> {
        if let Some(method) = self.method.filter(|_| self.has_customer_key) {
            let message = "Server Side Encryption with Customer provided key is incompatible with the encryption \
                           method specified";
            return Err(errors::invalid_argument(message, HEADER, method.as_str()));
        }
        let is_kms =
            matches!(self.method, Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse));
        if self.key.is_some() && !is_kms {
            let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            let value = self.method.map_or("", ServerSideEncryption::as_str);
            return Err(errors::invalid_argument(message, HEADER, value));
        }
        match self.method {
            None => Ok(None),
            Some(ServerSideEncryption::Aes256) => Ok(Some(Encryption::S3)),
            Some(ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse) => {
                Ok(Some(Encryption::Kms {
                    twice: self.method == Some(&ServerSideEncryption::AwsKmsDsse),
                    key: self.key.map(str::to_owned),
                    context: self.context.map(str::to_owned),
                    bucket_key: self.bucket_key,
                }))
            }
            Some(ServerSideEncryption::Unknown(value)) => {
                let message = "The encryption method specified is not supported";
                Err(errors::invalid_argument(message, HEADER, value))
            }
            Some(_) => Err(errors::not_emulated("encryption for file systems")),
        }
    }
}

impl CustomerKey {
    /// The key that three headers bring, if they bring one.
    pub fn of(algorithm: Option<&str>, key: Option<&str>, md5: Option<&str>) -> Result<Option<Self>, Fault> {
        let invalid =
            |message: &str| Err(Fault::client("InvalidArgument", message).field("ArgumentName", HEADER));
        match (algorithm, key) {
            (None, None) if md5.is_none() => return Ok(None),
            (None, _) => {
                return invalid(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide a valid \
                     encryption algorithm.",
                );
            }
            (Some("AES256"), Some(_)) => {}
            (Some("AES256"), None) => {
                return invalid(
                    "Requests specifying Server Side Encryption with Customer provided keys must provide an \
                     appropriate secret key.",
                );
            }
            (Some(other), _) => {
                let message = "The Encryption request you specified is not valid. Supported value: AES256.";
                let fault = Fault::client("InvalidEncryptionAlgorithmError", message);
                return Err(fault.field("ArgumentName", HEADER).field("ArgumentValue", other));
            }
        }
        let bytes = key.and_then(|key| STANDARD.decode(key).ok()).filter(|bytes| bytes.len() == 32);
        let (Some(key), Some(md5)) = (bytes, md5) else {
            return invalid("The secret key was invalid for the specified algorithm.");
        };
        if STANDARD.encode(Md5::digest(&key)) != md5 {
            return invalid("The calculated MD5 hash of the key did not match the hash that was provided.");
        }
        Ok(Some(Self { key, md5: md5.to_owned() }))
    }

    /// What an object keeps of it.
    pub fn kept(&self, cx: &Context) -> Encryption {
        let salt = cx.ids.hex(32);
        let digest = self.digest(&salt);
        Encryption::Customer { salt, digest }
    }

    fn digest(&self, salt: &str) -> String {
        hex(&Sha256::new().chain_update(salt).chain_update(&self.key).finalize())
    }
}

impl Encryption {
    /// Whether entity tags are the MD5 of bodies: KMS's and clients' keys hide it.
    pub fn hides_digest(&self) -> bool {
        !matches!(self, Self::S3)
    }

    /// Whether a request without, or with this key of its own, may read what is encrypted so.
    pub fn check(encryption: Option<&Self>, key: Option<&CustomerKey>) -> Result<(), Fault> {
        match (encryption, key) {
            (Some(Self::Customer { salt, digest }), Some(key)) if key.digest(salt) == *digest => Ok(()),
            (Some(Self::Customer { .. }), Some(_)) => Err(wrong_key()),
            (Some(Self::Customer { .. }), None) => Err(errors::invalid_request(
                "The object was stored using a form of Server Side Encryption. The correct parameters must be \
                 provided to retrieve the object.",
            )),
            (_, Some(_)) => {
                Err(errors::invalid_request("The encryption parameters are not applicable to this object."))
            }
            (_, None) => Ok(()),
        }
    }

    /// Whether a part comes with the key that its upload was started with.
    pub fn check_part(encryption: Option<&Self>, key: Option<&CustomerKey>) -> Result<(), Fault> {
        match (encryption, key) {
            (Some(Self::Customer { salt, digest }), Some(key)) if key.digest(salt) == *digest => Ok(()),
            (Some(Self::Customer { .. }), Some(_)) => Err(errors::invalid_request(
                "The provided encryption parameters did not match the ones used originally.",
            )),
            (Some(Self::Customer { .. }), None) | (_, Some(_)) => Err(errors::invalid_request(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                 appropriate encryption parameters.",
            )),
            (_, None) => Ok(()),
        }
    }
}

/// How a new object is encrypted: as was asked for, else as the bucket has it.
pub fn settle(
    tx: &ReadTx<'_>,
    name: &str,
    bucket: &Bucket,
    encryption: &mut Option<Encryption>,
) -> Result<(), Fault> {
    let default = match encryption {
        None | Some(Encryption::Kms { bucket_key: None, .. }) => default_of(tx, name, bucket)?,
        _ => None,
    };
    match (&mut *encryption, default) {
        (none @ None, default) => *none = default,
        (Some(Encryption::Kms { bucket_key, .. }), Some(Encryption::Kms { bucket_key: enabled, .. })) => {
            *bucket_key = enabled;
        }
        _ => {}
    }
    match encryption {
        Some(Encryption::S3) => *encryption = None,
        Some(Encryption::Kms { key, .. }) => *key = Some(key_arn(key.as_deref(), &bucket.home())),
        _ => {}
    }
    Ok(())
}

/// What the bucket asks for by default.
fn default_of(tx: &ReadTx<'_>, name: &str, bucket: &Bucket) -> Result<Option<Encryption>, Fault> {
    let Some(rule) = ENCRYPTION.of(tx, name, bucket)?.and_then(|all| all.rules.into_iter().next()) else {
        return Ok(None);
    };
    let Some(default) = rule.apply_server_side_encryption_by_default else { return Ok(None) };
    Ok(match default.sse_algorithm {
        ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse => Some(Encryption::Kms {
            twice: default.sse_algorithm == ServerSideEncryption::AwsKmsDsse,
            key: default.kms_master_key_id,
            context: None,
            bucket_key: rule.bucket_key_enabled,
        }),
        _ => None,
    })
}

/// The ARN of a key, which clients name by it, by its id or not at all.
fn key_arn(key: Option<&str>, home: &Scope) -> String {
    let arn = |resource: &str| format!("arn:aws:kms:{}:{}:{resource}", home.region, home.account);
    match key {
        Some(key) if key.starts_with("arn:") => key.to_owned(),
        Some(alias) if alias.starts_with("alias/") => arn(alias),
        Some(id) => arn(&format!("key/{id}")),
        None => {
            let digest = hex(&Sha256::digest(format!("aws/s3 of {} in {}", home.account, home.region)));
            let parts = [&digest[..8], &digest[8..12], &digest[12..16], &digest[16..20], &digest[20..32]];
            arn(&format!("key/{}", parts.join("-")))
        }
    }
}

/// A key without its digest, or one that is too long, counts, for readers, as a wrong one.
pub fn check_reader(key: &Option<String>, md5: &Option<String>) -> Result<(), Fault> {
    let Some(key) = key else { return Ok(()) };
    let is_long = STANDARD.decode(key).is_ok_and(|key| key.len() > 32);
    if is_long || md5.as_deref().is_none_or(str::is_empty) { Err(wrong_key()) } else { Ok(()) }
}

fn wrong_key() -> Fault {
    let message = "Requests specifying Server Side Encryption with Customer provided keys must provide the correct \
                   secret key.";
    Fault::new("AccessDenied", 403, message)
}
