//! The one way an object comes to be: a received body, a row, what it replaces, and what follows from it.

use api_s3::{ObjectCannedACL, PublicAccessBlockConfiguration};
use kernel::{Context, Fault};
use store::{ReadTx, WriteTx};

use crate::acl::Acl;
use crate::bucket::{self, Bucket, Ownership};
use crate::content::Content;
use crate::encryption::{self, CustomerKey, Encryption};
use crate::events::{self, Event};
use crate::object::{About, OBJECTS, Object};
use crate::receive::Received;
use crate::version::{self, Spot};
use crate::{S3, conditions, lock, replication};

/// An object about to be written.
pub struct Writing<'a> {
    /// Where.
    pub spot: Spot<'a>,
    /// Whose the bucket must be.
    pub expected_owner: Option<&'a str>,
    /// The entity tag of what it must replace.
    pub if_match: Option<&'a str>,
    /// `*` if it must replace nothing.
    pub if_none_match: Option<&'a str>,
    /// What is told of it.
    pub event: Event,
}

/// An object that was written.
#[derive(Debug)]
pub struct Committed {
    /// Its bucket.
    pub bucket: Bucket,
    /// Its row.
    pub object: Object,
}

impl S3 {
    /// Writes an object with a body that has just come in.
    pub(crate) async fn commit(
        &self,
        cx: &Context,
        writing: &Writing<'_>,
        received: Received,
        about: About,
    ) -> Result<Committed, Fault> {
        let Received { size, etag, checksum, content, .. } = received;
        let blocked = match self.before(cx, writing.spot, &about).await {
            Ok(blocked) => blocked,
            Err(fault) => {
                self.discard(&content).await;
                return Err(fault);
            }
        };
        let modified = cx.clock.millis();
        let object = Object {
            size,
            etag,
            place: content.place(),
            checksum: Some(checksum),
            about,
            ..Object::marker(modified)
        };
        let written = self.store.write(&cx.scope, |tx| {
            let bucket = bucket::enter(tx, cx, writing.spot.bucket, writing.expected_owner)?;
            if let Some(acl) = &object.about.acl {
                acl.check(tx, writing.spot.bucket, &bucket, &blocked)?;
            }
            let object = replace(tx, cx, &bucket, writing, object.clone(), &content)?;
            Ok(Committed { bucket, object })
        });
        let written = written.await;
        match &written {
            Ok(_) => self.mirror(cx, writing.spot).await,
            Err(_) => self.discard(&content).await,
        }
        written
    }

    /// What must be asked of others before the transaction: whether a folder can hold the key, and what the account of
    /// the bucket blocks.
    async fn before(
        &self,
        cx: &Context,
        spot: Spot<'_>,
        about: &About,
    ) -> Result<PublicAccessBlockConfiguration, Fault> {
        self.mounts.check(spot).await?;
        self.blocked(cx, spot.bucket, about.acl.as_ref()).await
    }

    /// Removes a blob that no commit took. What fails here goes when the store is next opened.
    pub(crate) async fn discard(&self, content: &Content) {
        match content {
            Content::Blob(blob) => {
                let _ = self.store.blobs().discard(&blob.id).await;
            }
            Content::Parts(parts) => {
                for part in parts {
                    let _ = self.store.blobs().discard(&part.blob.id).await;
                }
            }
            Content::Inline(_) => {}
        }
    }
}

/// Writes an object in the place of what was there, if the conditions hold, and tells of it.
pub fn replace(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    bucket: &Bucket,
    writing: &Writing<'_>,
    mut object: Object,
    content: &Content,
) -> Result<Object, Fault> {
    let spot = writing.spot;
    let old = tx.get(&OBJECTS, &(spot.bucket, spot.key))?;
    conditions::check_replaced(spot.key, old.as_ref(), writing.if_match, writing.if_none_match)?;
    settle(tx, cx, spot.bucket, bucket, &mut object)?;
    let object = version::install(tx, bucket, spot, object, Some(content), (old, &cx.ids))?;
    replication::order(tx, bucket, spot, &object)?;
    events::emit(tx, cx, bucket, spot, &object, writing.event)?;
    Ok(object)
}

/// What the bucket adds to what was asked for: encryption, retention, ownership.
fn settle(
    tx: &ReadTx<'_>,
    cx: &Context,
    name: &str,
    bucket: &Bucket,
    object: &mut Object,
) -> Result<(), Fault> {
    let about = &mut object.about;
    lock::settle(tx, name, bucket, &mut about.lock, object.modified)?;
    encryption::settle(tx, name, bucket, &mut about.encryption)?;
    if about.encryption.as_ref().is_some_and(Encryption::hides_digest) && !object.etag.contains('-') {
        object.etag = cx.ids.hex(32);
    }
    if bucket.has_acls() && cx.scope.account != bucket.account {
        let full = ObjectCannedACL::BucketOwnerFullControl;
        let gives_away = about.acl == Some(Acl::Canned(full.as_str().to_owned()));
        let prefers = bucket.ownership == Some(Ownership::BucketOwnerPreferred);
        object.owner = (!(gives_away && prefers)).then(|| cx.scope.account.clone());
    }
    Ok(())
}

impl About {
    /// Adds the key that the client encrypts with.
    pub fn with_customer_key(mut self, cx: &Context, key: Option<&CustomerKey>) -> Self {
        if let Some(key) = key {
            self.encryption = Some(key.kept(cx));
        }
        self
    }
}
