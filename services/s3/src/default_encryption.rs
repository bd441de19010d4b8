//! How a bucket's new objects are encrypted where their writer does not say.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html>

use api_s3::{
    EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};
use kernel::Fault;

use crate::errors;

/// What every bucket does since January 2023 unless asked otherwise: S3's own keys.
pub fn common() -> ServerSideEncryptionRule {
    let default = ServerSideEncryptionByDefault {
        sse_algorithm: ServerSideEncryption::Aes256,
        kms_master_key_id: None,
    };
    ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(default),
        bucket_key_enabled: Some(false),
        blocked_encryption_types: None,
    }
}

/// A configuration that S3 takes: one rule.
pub fn check(configuration: &ServerSideEncryptionConfiguration) -> Result<(), Fault> {
    let [rule] = configuration.rules.as_slice() else { return Err(errors::malformed_xml()) };
    let blocked =
        rule.blocked_encryption_types.iter().flat_map(|blocked| blocked.encryption_type.iter().flatten());
    if blocked.into_iter().any(|kind| *kind != EncryptionType::None) {
        return Err(errors::not_emulated("blocked encryption types"));
    }
    let Some(default) = &rule.apply_server_side_encryption_by_default else { return Ok(()) };
    match default.sse_algorithm {
        ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse => Ok(()),
        ServerSideEncryption::Aes256 if default.kms_master_key_id.is_some() => {
            let message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or \
                           aws:kms:dsse";
            let name = "ApplyServerSideEncryptionByDefault";
            Err(Fault::client("InvalidArgument", message).field("ArgumentName", name))
        }
        ServerSideEncryption::Aes256 => Ok(()),
        _ => Err(errors::malformed_xml()),
    }
}
