//! Objects going out: the row and an open body of the same object, whoever replaces it meanwhile.

use std::ops::Range;

use kernel::service::Named;
use kernel::{ByteStream, Context, Fault};
use store::BlobId;

use crate::bucket::{self, Bucket};
use crate::content::{self, Content, PartBody};
use crate::object::Object;
use crate::version::{self, Spot};
use crate::{S3, names};

/// Which object.
pub struct Wanted<'a> {
    /// Its bucket.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its version.
    pub version: Option<&'a str>,
    /// Whose the bucket must be.
    pub expected_owner: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    /// Its place.
    pub fn spot(&self) -> Spot<'a> {
        Spot { bucket: self.bucket, key: self.key }
    }
}

/// An open object.
pub struct Opened<T> {
    /// Its bucket.
    pub bucket: Bucket,
    /// Its row.
    pub object: Object,
    /// What was chosen of it.
    pub chosen: T,
    /// The bytes that were chosen.
    pub body: ByteStream,
}

impl S3 {
    /// Opens an object; `choose` checks it and tells which bytes, given the parts it was uploaded in.
    pub(crate) async fn open<T>(
        &self,
        cx: &Context,
        wanted: &Wanted<'_>,
        choose: impl Fn(&Object, Option<&[PartBody]>) -> Result<(Option<Range<u64>>, T), Fault>,
    ) -> Result<Opened<T>, Fault> {
        let mut tried = None;
        loop {
            let (bucket, object, content) = self.store.read(&cx.scope, |tx| {
                let bucket = bucket::enter(tx, cx, wanted.bucket, wanted.expected_owner)?;
                let object = version::find(tx, &bucket, wanted.spot(), wanted.version)?;
                let content = content::load(tx, wanted.spot(), &object)?;
                Ok::<_, Fault>((bucket, object, content))
            })?;
            let (range, chosen) = choose(&object, content.parts())?;
            let first = content.first_blob();
            match content::open(self.store.blobs(), content, range).await {
                Ok(body) => return Ok(Opened { bucket, object, chosen, body }),
                // Somebody replaced the object between the two looks: the next look finds the new one.
                Err(_) if first.is_some() && first != tried => tried = first,
                Err(fault) => return Err(fault),
            }
        }
    }
}

/// The bucket that the source of a copy names, perhaps by an access point. Its headers reach no gateway, so those who
/// know other names are asked here.
pub fn source_bucket(cx: &Context, name: String) -> Result<String, Fault> {
    let (value, host) = match name.split_once(names::ACCESS_POINT) {
        Some((value, _)) => (value, name.as_str()),
        None => (name.as_str(), ""),
    };
    let named = Named { service: "s3", label: "Bucket", value, host };
    for aliases in cx.calls.services().filter_map(|service| service.aliases.as_ref()) {
        if let Some(bucket) = aliases.resolve(named)? {
            return Ok(bucket);
        }
    }
    Ok(name)
}

impl Content {
    /// The parts, where there are any.
    pub fn parts(&self) -> Option<&[PartBody]> {
        match self {
            Self::Parts(parts) => Some(parts),
            _ => None,
        }
    }

    /// What tells the content from one that replaced it.
    fn first_blob(&self) -> Option<BlobId> {
        match self {
            Self::Blob(blob) => Some(blob.id.clone()),
            Self::Inline(_) => None,
            Self::Parts(parts) => parts.first().map(|part| part.blob.id.clone()),
        }
    }
}
