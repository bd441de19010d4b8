//! What AWS would act on and we do not: said at once, never stored in silence.

use api_s3::{ObjectCannedACL, ServerSideEncryption, StorageClass};
use kernel::Fault;

use crate::errors;

/// Refuses an input that sets any of these members.
macro_rules! refuse {
    ($input:ident: $($member:ident => $what:literal,)*) => {
        $(if $input.$member.is_some() {
            return Err($crate::errors::not_emulated($what).into());
        })*
    };
}

/// Refuses what an input that makes an object asks for beyond its body and headers.
macro_rules! refuse_extras {
    ($input:ident) => {{
        $crate::refuse::refuse!($input:
            object_lock_mode => "Object Lock",
            object_lock_retain_until_date => "Object Lock",
            object_lock_legal_hold_status => "Object Lock",
            object_lock_event_hold => "Object Lock",
            sse_customer_algorithm => "encryption with customer-provided keys",
            sse_customer_key => "encryption with customer-provided keys",
            ssekms_key_id => "encryption with KMS keys",
            ssekms_encryption_context => "encryption with KMS keys",
            tagging => "object tags on upload",
            website_redirect_location => "website redirects",
        );
        $crate::refuse::encryption($input.server_side_encryption.as_ref())?;
        let grants = [
            &$input.grant_full_control,
            &$input.grant_read,
            &$input.grant_read_acp,
            &$input.grant_write_acp,
        ];
        $crate::refuse::acl($input.acl.as_ref(), grants.into_iter().any(Option::is_some))?;
    }};
}

pub(crate) use {refuse, refuse_extras};

/// Only S3's own keys encrypt.
pub fn encryption(asked: Option<&ServerSideEncryption>) -> Result<(), Fault> {
    match asked {
        None | Some(ServerSideEncryption::Aes256) => Ok(()),
        Some(ServerSideEncryption::Unknown(value)) => {
            let message = "The encryption method specified is not supported";
            Err(errors::invalid_argument(message, "x-amz-server-side-encryption", value))
        }
        Some(_) => Err(errors::not_emulated("encryption with KMS keys")),
    }
}

/// Buckets have no ACLs unless asked for, so AWS takes only those that say what holds anyway.
pub fn acl(canned: Option<&ObjectCannedACL>, grants: bool) -> Result<(), Fault> {
    match canned {
        _ if grants => Err(errors::acl_not_supported()),
        None | Some(ObjectCannedACL::Private | ObjectCannedACL::BucketOwnerFullControl) => Ok(()),
        Some(ObjectCannedACL::Unknown(value)) => Err(errors::invalid_argument("", "x-amz-acl", value)),
        Some(_) => Err(errors::acl_not_supported()),
    }
}

/// A storage class of ordinary buckets; nothing for the standard one.
pub fn storage_class(asked: Option<StorageClass>) -> Result<Option<StorageClass>, Fault> {
    use StorageClass::{
        DeepArchive, Glacier, GlacierIr, IntelligentTiering, OnezoneIa, ReducedRedundancy, Standard,
        StandardIa,
    };
    match asked {
        None | Some(Standard) => Ok(None),
        Some(
            class @ (DeepArchive | Glacier | GlacierIr | IntelligentTiering | OnezoneIa | ReducedRedundancy
            | StandardIa),
        ) => Ok(Some(class)),
        Some(class) => Err(errors::invalid_storage_class(class.as_str())),
    }
}
