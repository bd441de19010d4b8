//! Simple Storage Service: buckets, objects with ranges, conditions and checksums, listings, multipart uploads.
//!
//! Bucket names and keys are global, as on AWS, so every table is too. An object is a light row for listings; its
//! body is a second row when small, else a blob, or the blobs of the parts it was uploaded in. Nothing on disk is ever
//! named after a key.
//!
//! Versioning has its place: every object row can carry a version id, and rows that are no longer the current ones
//! will live in a table of their own, keyed by bucket, key and reversed order, so that listings and reads of current
//! objects cost the same with or without it.

mod assembly;
mod bucket;
mod checksum;
mod commit;
mod conditions;
mod content;
mod dialect;
mod errors;
mod limits;
mod listing;
mod names;
mod object;
mod operations;
mod overrides;
mod range;
mod read;
mod receive;
mod refuse;
mod setting;
mod upload;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct S3 {
    store: Store,
}

/// The service, with all its routes.
pub fn service(store: &Store) -> Service {
    let s3 = Arc::new(S3 { store: store.clone() });
    operations::routes(Service::new(&api_s3::SERVICE).with(s3)).dialect(dialect::S3Dialect).build()
}
