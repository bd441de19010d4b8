//! The one way an object comes to be: a received body, a row, what it replaces.

use kernel::{Context, Fault};

use crate::content::{self, Content};
use crate::object::{About, OBJECTS, Object};
use crate::receive::Received;
use crate::{S3, bucket, conditions};

/// An object about to be written.
pub struct Writing<'a> {
    /// Its bucket.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Whose the bucket must be.
    pub expected_owner: Option<&'a str>,
    /// The entity tag of what it must replace.
    pub if_match: Option<&'a str>,
    /// `*` if it must replace nothing.
    pub if_none_match: Option<&'a str>,
}

impl S3 {
    /// Writes an object with a body that has just come in.
    pub(crate) async fn commit(
        &self,
        cx: &Context,
        writing: &Writing<'_>,
        received: Received,
        about: About,
    ) -> Result<Object, Fault> {
        let Received { size, etag, checksum, content, .. } = received;
        let object = Object {
            version_id: None,
            size,
            etag,
            modified: cx.clock.millis(),
            place: content.place(),
            checksum: Some(checksum),
            about,
        };
        let written = self
            .store
            .write(&cx.scope, |tx| {
                bucket::find(tx, writing.bucket, writing.expected_owner)?;
                let old = tx.get(&OBJECTS, &(writing.bucket, writing.key))?;
                conditions::check_replaced(
                    writing.key,
                    old.as_ref(),
                    writing.if_match,
                    writing.if_none_match,
                )?;
                content::put(tx, writing.bucket, writing.key, &object, &content, old.as_ref())
            })
            .await;
        match written {
            Ok(()) => Ok(object),
            Err(fault) => {
                self.discard(&content).await;
                Err(fault)
            }
        }
    }

    /// Removes a blob that no commit took. What fails here goes when the store is next opened.
    pub(crate) async fn discard(&self, content: &Content) {
        if let Content::Blob(blob) = content {
            let _ = self.store.blobs().discard(&blob.id).await;
        }
    }
}
