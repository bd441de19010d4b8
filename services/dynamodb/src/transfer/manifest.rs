//! What an export tells of itself beside its data.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::{Fault, Scope, Timestamp};
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::export::{Export, Kind};
use crate::names;

/// A data file that was written.
pub struct DataFile {
    /// How many items it has.
    pub items: usize,
    /// The digest of its bytes.
    pub checksum: String,
    /// What S3 calls it.
    pub etag: String,
    /// Its key.
    pub key: String,
}

/// A digest as manifests write it.
pub fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(Md5::digest(bytes))
}

/// The manifests and their digests.
pub fn files(
    export: &Export,
    data: &[DataFile],
    scope: &Scope,
    ended: Timestamp,
) -> Result<Vec<(&'static str, Vec<u8>)>, Fault> {
    let mut list = Vec::new();
    for file in data {
        let line = json!({
            "itemCount": file.items, "md5Checksum": file.checksum, "etag": file.etag, "dataFileS3Key": file.key,
        });
        list.extend(serde_json::to_vec(&line).map_err(Fault::internal)?);
        list.push(b'\n');
    }
    let summary = serde_json::to_vec(&summary(export, scope, ended)).map_err(Fault::internal)?;
    let digests = [checksum(&list).into_bytes(), checksum(&summary).into_bytes()];
    let [of_list, of_summary] = digests;
    Ok(vec![
        ("manifest-files.json", list),
        ("manifest-files.md5", of_list),
        ("manifest-summary.json", summary),
        ("manifest-summary.md5", of_summary),
    ])
}

fn summary(export: &Export, scope: &Scope, ended: Timestamp) -> Value {
    let time = |at: Timestamp| format!("{at:.3}");
    let mut summary = json!({
        "version": "2020-06-30",
        "exportArn": export.arn(scope),
        "startTime": time(export.started),
        "endTime": time(ended),
        "tableArn": names::table_arn(scope, &export.table),
        "tableId": export.table_id,
        "exportTime": null,
        "s3Bucket": export.bucket,
        "s3Prefix": export.prefix,
        "s3SseAlgorithm": export.algorithm().as_str(),
        "s3SseKmsKeyId": export.kms_key,
        "manifestFilesS3Key": export.key("manifest-files.json"),
        "billedSizeBytes": export.items.bytes,
        "itemCount": export.items.items,
        "outputFormat": export.format.as_str(),
        "exportType": export.export_type().as_str(),
    });
    match &export.kind {
        Kind::Full(at) => summary["exportTime"] = time(*at).into(),
        Kind::Incremental(window) => {
            summary["version"] = "2023-08-01".into();
            if let Some(summary) = summary.as_object_mut() {
                summary.remove("exportTime");
            }
            summary["exportFromTime"] = time(window.from).into();
            summary["exportToTime"] = time(window.to).into();
            summary["outputView"] = window.view.as_str().into();
        }
    }
    summary
}
