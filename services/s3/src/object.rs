//! Objects: a light row with all that listings and `HeadObject` tell.

use api_s3::StorageClass;
use kernel::{AccountId, Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobRef, Table};

use crate::acl::Acl;
use crate::bucket::Bucket;
use crate::checksum::Checksum;
use crate::encryption::Encryption;
use crate::lock::Lock;
use crate::{errors, limits};

/// Current objects, by bucket and key. Where a delete marker is the current version, there is none.
pub static OBJECTS: Table<(String, String), Object> = Table::global("s3.objects");

/// What AWS answers where the client sent no type.
pub const DEFAULT_TYPE: &str = "binary/octet-stream";

/// An object without its body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    /// The version; nothing for the one called `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// The place among the versions of its key: later ones have higher numbers.
    #[serde(default)]
    pub sequence: u64,
    /// The length of its body.
    pub size: u64,
    /// The entity tag, without quotes.
    pub etag: String,
    /// When it was written, in milliseconds since 1970.
    pub modified: i64,
    /// Where the body is.
    pub place: Place,
    /// The checksum of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// What it was stored with.
    #[serde(default)]
    pub about: About,
    /// Whose it is, where that is not the owner of the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<AccountId>,
    /// Until when a copy of an archived object can be read, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_until: Option<i64>,
    /// What became of its replication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<Replication>,
    /// The buckets that its copies are still on their way to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited: Vec<String>,
}

/// What became of an object's replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Replication {
    /// A rule asks for it.
    Pending,
    /// All copies are there.
    Completed,
    /// A copy could not be made.
    Failed,
    /// It is a copy itself.
    Replica,
}

/// Where a body is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a blob.
    Blob(BlobRef),
    /// In a row.
    Inline,
    /// In the blobs of its parts, which a row lists.
    Parts,
    /// Nowhere: the object was deleted, and this tells so.
    DeleteMarker,
}

/// What the client says of an object, and gets back with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct About {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, String>,
    /// Nothing for the standard one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<StorageClass>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_redirect: Option<String>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, String>,
    /// Nothing for S3's own keys, and before the bucket's default was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    #[serde(default, skip_serializing_if = "Lock::is_open")]
    pub lock: Lock,
    /// Nothing for a private one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<Acl>,
}

/// What an input says of the object it makes.
macro_rules! about {
    ($input:ident) => {{
        $crate::refuse::refuse!($input: object_lock_event_hold => "event holds of Object Lock",);
        $crate::object::About {
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $crate::object::own_encoding($input.content_encoding.take()),
            content_language: $input.content_language.take(),
            content_type: $input.content_type.take().filter(|kind| !kind.is_empty()),
            expires: $input.expires.take(),
            metadata: $crate::object::metadata($input.metadata.take())?,
            storage_class: $crate::object::storage_class($input.storage_class.take())?,
            website_redirect: $crate::object::website_redirect($input.website_redirect_location.take())?,
            tags: $crate::tags::of_header($input.tagging.as_deref())?,
            encryption: $crate::encryption::asked!($input),
            lock: $crate::lock::asked(
                $input.object_lock_mode.as_ref(),
                $input.object_lock_retain_until_date,
                $input.object_lock_legal_hold_status.as_ref(),
            )?,
            acl: $crate::acl::asked(
                $input.acl.as_ref(),
                &[
                    (api_s3::Permission::FullControl, &$input.grant_full_control),
                    (api_s3::Permission::Read, &$input.grant_read),
                    (api_s3::Permission::ReadAcp, &$input.grant_read_acp),
                    (api_s3::Permission::WriteAcp, &$input.grant_write_acp),
                ],
            )?,
        }
    }};
}

pub(crate) use about;

impl Object {
    /// When it was written, to the second: S3 keeps no more.
    pub fn modified(&self) -> Timestamp {
        Timestamp::from_second(self.modified.div_euclid(1000)).unwrap_or_default()
    }

    /// Its length as the API has it.
    pub fn length(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }

    /// Whether it stands for the absence of an object.
    pub fn is_marker(&self) -> bool {
        self.place == Place::DeleteMarker
    }

    /// What names the version in rows: nothing for the one called `null`.
    pub fn version(&self) -> &str {
        self.version_id.as_deref().unwrap_or_default()
    }

    /// The version as answers have it: buckets that never kept versions tell none.
    pub fn told_version(&self, bucket: &Bucket) -> Option<String> {
        bucket.versioning?;
        Some(self.version_id.clone().unwrap_or_else(|| "null".to_owned()))
    }

    /// Whose it is.
    pub fn owner<'a>(&'a self, bucket: &'a Bucket) -> &'a AccountId {
        self.owner.as_ref().unwrap_or(&bucket.account)
    }

    /// The class of archives that it is in.
    pub fn archive(&self) -> Option<&StorageClass> {
        let is_archive =
            |class: &&StorageClass| matches!(class, StorageClass::Glacier | StorageClass::DeepArchive);
        self.about.storage_class.as_ref().filter(is_archive)
    }

    /// Archived objects cannot be read before they are restored.
    pub fn check_readable(&self, now: i64) -> Result<(), Fault> {
        match self.archive() {
            Some(class) if self.restored_until.is_none_or(|until| until <= now) => {
                Err(errors::invalid_object_state(class.as_str()))
            }
            _ => Ok(()),
        }
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

/// Where a website sends those who ask for the object: a path of its own, or an address elsewhere.
pub fn website_redirect(location: Option<String>) -> Result<Option<String>, Fault> {
    match location.as_deref() {
        Some(place) if !["/", "http://", "https://"].iter().any(|start| place.starts_with(start)) => {
            let message =
                "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.";
            Err(Fault::client("InvalidRedirectLocation", message))
        }
        _ => Ok(location),
    }
}

/// The encoding without that of the transfer.
pub fn own_encoding(encoding: Option<String>) -> Option<String> {
    let encoding = encoding?;
    if !encoding.contains("aws-chunked") {
        return Some(encoding);
    }
    let parts: Vec<_> = encoding.split(',').map(str::trim).filter(|part| *part != "aws-chunked").collect();
    Some(parts.join(",")).filter(|parts| !parts.is_empty())
}

/// User metadata that is not too large.
pub fn metadata(metadata: Option<Map<String, String>>) -> Result<Map<String, String>, Fault> {
    let metadata = metadata.unwrap_or_default();
    let size = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > limits::METADATA_BYTES { Err(errors::metadata_too_large(size)) } else { Ok(metadata) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_of_the_transfer_is_not_the_objects() {
        let own = |encoding: &str| own_encoding(Some(encoding.to_owned()));
        assert_eq!(own("gzip").as_deref(), Some("gzip"));
        assert_eq!(own("aws-chunked"), None);
        assert_eq!(own("aws-chunked, gzip").as_deref(), Some("gzip"));
    }
}
