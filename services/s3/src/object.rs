//! Objects: a light row with all that listings and `HeadObject` tell.

use api_s3::StorageClass;
use kernel::{Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{BlobRef, ReadTx, Table};

use crate::checksum::Checksum;
use crate::{errors, limits};

/// Current objects, by bucket and key.
pub static OBJECTS: Table<(String, String), Object> = Table::global("s3.objects");

/// What AWS answers where the client sent no type.
pub const DEFAULT_TYPE: &str = "binary/octet-stream";

/// An object without its body.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    /// The version, in buckets that keep versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
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
}

/// What an input says of the object it makes.
macro_rules! about {
    ($input:ident) => {
        $crate::object::About {
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $crate::object::own_encoding($input.content_encoding.take()),
            content_language: $input.content_language.take(),
            content_type: $input.content_type.take().filter(|kind| !kind.is_empty()),
            expires: $input.expires.take(),
            metadata: $crate::object::metadata($input.metadata.take())?,
            storage_class: $crate::refuse::storage_class($input.storage_class.take())?,
        }
    };
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

    /// Archived objects cannot be read before they are restored.
    pub fn check_readable(&self) -> Result<(), Fault> {
        match &self.about.storage_class {
            Some(class @ (StorageClass::Glacier | StorageClass::DeepArchive)) => {
                Err(errors::invalid_object_state(class.as_str()))
            }
            _ => Ok(()),
        }
    }
}

/// The object, which must be there.
pub fn find(tx: &ReadTx<'_>, bucket: &str, key: &str, version: Option<&str>) -> Result<Object, Fault> {
    check_version(version)?;
    tx.get(&OBJECTS, &(bucket, key))?.ok_or_else(|| errors::no_such_key(key))
}

/// Without versions there is only the one called `null`.
pub fn check_version(version: Option<&str>) -> Result<(), Fault> {
    match version {
        None | Some("null") => Ok(()),
        Some(version) => Err(errors::invalid_argument("Invalid version id specified", "versionId", version)),
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
