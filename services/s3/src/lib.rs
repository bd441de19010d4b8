//! Simple Storage Service: buckets, objects and their versions, listings, multipart uploads, and what follows from
//! them: notifications, lifecycle.
//!
//! Bucket names and keys are global, as on AWS, so every table is too. An object is a light row for listings; its
//! body is a second row when small, else a blob, or the blobs of the parts it was uploaded in. Nothing on disk is ever
//! named after a key.
//!
//! Versions that are no longer the current ones, and delete markers, live in a table of their own, keyed by bucket, key
//! and reversed order, so that listings and reads of current objects cost the same with or without versioning.

mod access_log;
mod acl;
mod assembly;
mod bucket;
mod bucket_tags;
mod checksum;
mod commit;
mod conditions;
mod content;
mod cors;
mod default_encryption;
mod dialect;
mod encryption;
mod errors;
mod events;
mod grants;
mod lifecycle;
mod lifecycle_rules;
mod limits;
mod listing;
mod lock;
mod mount;
mod names;
mod notification_rules;
mod object;
mod object_lock;
mod operations;
mod overrides;
mod policy;
mod public_access;
mod range;
mod read;
mod receive;
mod refuse;
mod replication;
mod setting;
mod tags;
mod upload;
mod version;
mod website;

use std::sync::Arc;

use kernel::Service;
use kernel::service::ServiceBuilder;
use store::{Mount, Store};

use access_log::AccessLog;

/// The service's state.
pub struct S3 {
    store: Store,
    /// Told when somebody's lifecycle rules change.
    rules_changed: tokio::sync::Notify,
    mounts: mount::Mounts,
    /// Who asked what of buckets that are logged.
    access_log: Arc<AccessLog>,
}

/// Whether a bucket can have that name.
pub fn is_bucket_name(name: &str) -> bool {
    names::bucket(name).is_ok()
}

/// The service, with all its routes. `mounts` are buckets that are folders.
pub fn service(store: &Store, mounts: Vec<(String, Mount)>) -> Service {
    let access_log = Arc::new(AccessLog::new(store));
    let s3 = Arc::new(S3 {
        store: store.clone(),
        rules_changed: tokio::sync::Notify::new(),
        mounts: mount::Mounts::new(mounts),
        access_log: access_log.clone(),
    });
    let service = operations::routes(Service::new(&api_s3::SERVICE).with(s3.clone()))
        .dialect(dialect::S3Dialect)
        .edge(s3.clone())
        .cross_origin(s3.clone())
        .observer(access_log.clone())
        .consumer(s3.clone())
        .consumer(Arc::new(events::Teller))
        .consumer(Arc::new(mount::Exporter(s3.clone())))
        .worker(s3.clone())
        .worker(access_log.clone())
        .forget(move || access_log.look_again());
    let followers = mount::Follower::all(&s3).into_iter().map(Arc::new);
    let follow = |service: ServiceBuilder<S3>, follower: Arc<mount::Follower>| {
        service.worker(follower.clone()).forget(move || follower.forget())
    };
    followers.fold(service, follow).build()
}
