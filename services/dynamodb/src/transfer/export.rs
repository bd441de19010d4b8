//! Exports: the items of a table, as they were at an instant or as they changed between two, written to S3.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use std::io::Write;

use api_dynamodb::{
    ExportDescription, ExportFormat, ExportStatus, ExportSummary, ExportType, ExportViewType,
    IncrementalExportSpecification, S3SseAlgorithm,
};
use api_s3::{PutObject, PutObjectInput, PutObjectOutput, ServerSideEncryption};
use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::stream::ByteStream;
use kernel::{Context, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Store, Table as Rows};

use super::manifest::{self, DataFile};
use super::{Failure, ion_format, json_format};
use crate::spool::{Loading, Spooled};
use crate::{Dynamodb, names};

/// Exports by the table's name and their id.
pub static EXPORTS: Rows<(String, String), Export> = Rows::regional("dynamodb.exports");

/// About how many bytes of items go in one data file.
const FILE: u64 = 32 << 20;

/// An export.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export {
    /// The last part of its ARN.
    pub id: String,
    /// The table's name.
    pub table: String,
    /// The table's id.
    pub table_id: String,
    /// What the caller asked for, to know it again.
    pub request: String,
    /// The caller's token.
    pub token: Option<String>,
    /// What is exported.
    pub kind: Kind,
    /// Its format.
    pub format: ExportFormat,
    /// The bucket.
    pub bucket: String,
    /// Who must own the bucket.
    pub owner: Option<String>,
    /// What the keys begin with.
    pub prefix: Option<String>,
    /// How the objects are encrypted.
    pub encryption: Option<S3SseAlgorithm>,
    /// With which key.
    pub kms_key: Option<String>,
    /// When it was asked for.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The items to write. The blob goes when the export has ended.
    pub items: Spooled,
}

/// What is exported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The items at an instant.
    Full(Timestamp),
    /// What changed in a time.
    Incremental(Window),
}

/// The time of an incremental export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What is told of each item.
    pub view: ExportViewType,
}

/// The exports that have not ended.
pub fn waiting(store: &Store, scope: &Scope) -> Result<Vec<(Scope, Export)>, Fault> {
    store.read(scope, |tx| {
        let all = tx.everywhere(&EXPORTS).map(|row| row.map(|(scope, _, export)| (scope, export)));
        all.filter(|row| row.as_ref().map_or(true, |(_, export)| export.ended.is_none())).collect()
    })
}

impl Export {
    /// Its ARN.
    pub fn arn(&self, scope: &Scope) -> String {
        format!("{}/export/{}", names::table_arn(scope, &self.table), self.id)
    }

    /// Its state.
    pub fn status(&self) -> ExportStatus {
        match (self.ended, &self.failure) {
            (None, _) => ExportStatus::InProgress,
            (Some(_), None) => ExportStatus::Completed,
            (Some(_), Some(_)) => ExportStatus::Failed,
        }
    }

    /// Whether it is of an instant or of a time.
    pub fn export_type(&self) -> ExportType {
        match self.kind {
            Kind::Full(_) => ExportType::FullExport,
            Kind::Incremental(_) => ExportType::IncrementalExport,
        }
    }

    /// How its objects are encrypted.
    pub fn algorithm(&self) -> S3SseAlgorithm {
        self.encryption.clone().unwrap_or(S3SseAlgorithm::Aes256)
    }

    /// The key of an object, without what the caller wants before it.
    pub fn path(&self, name: &str) -> String {
        format!("AWSDynamoDB/{}/{name}", self.id)
    }

    /// The key of an object.
    pub fn key(&self, name: &str) -> String {
        match self.prefix.as_deref().map(|prefix| prefix.trim_end_matches('/')) {
            None | Some("") => self.path(name),
            Some(prefix) => format!("{prefix}/{}", self.path(name)),
        }
    }

    /// A line of the list.
    pub fn summary(&self, scope: &Scope) -> ExportSummary {
        ExportSummary {
            export_arn: Some(self.arn(scope)),
            export_status: Some(self.status()),
            export_type: Some(self.export_type()),
        }
    }

    /// Everything that is told of it.
    pub fn describe(&self, scope: &Scope) -> ExportDescription {
        let is_done = self.status() == ExportStatus::Completed;
        let (time, window) = match &self.kind {
            Kind::Full(at) => (Some(*at), None),
            Kind::Incremental(window) => (None, Some(window)),
        };
        ExportDescription {
            export_arn: Some(self.arn(scope)),
            export_status: Some(self.status()),
            start_time: Some(self.started),
            end_time: self.ended,
            export_manifest: is_done.then(|| self.key("manifest-summary.json")),
            table_arn: Some(names::table_arn(scope, &self.table)),
            table_id: Some(self.table_id.clone()),
            export_time: time,
            client_token: self.token.clone(),
            s3_bucket: Some(self.bucket.clone()),
            s3_bucket_owner: self.owner.clone(),
            s3_prefix: self.prefix.clone(),
            s3_sse_algorithm: Some(self.algorithm()),
            s3_sse_kms_key_id: self.kms_key.clone(),
            failure_code: self.failure.as_ref().map(|failure| failure.code.clone()),
            failure_message: self.failure.as_ref().map(|failure| failure.message.clone()),
            export_format: Some(self.format.clone()),
            billed_size_bytes: is_done.then_some(self.items.bytes),
            item_count: is_done.then_some(self.items.items),
            export_type: Some(self.export_type()),
            incremental_export_specification: window.map(|window| IncrementalExportSpecification {
                export_from_time: Some(window.from),
                export_to_time: Some(window.to),
                export_view_type: Some(window.view.clone()),
            }),
            filter_specification: None,
        }
    }
}

impl Dynamodb {
    /// Writes all objects of an export and notes how it ended.
    pub(super) async fn carry_out(&self, cx: &Context, mut export: Export) -> Result<(), Fault> {
        // What S3 refuses ends the export; what we cannot do is tried again.
        match self.write_export(cx, &export).await {
            Ok(()) => {}
            Err(fault) if fault.status() < 500 || fault.status() == 501 => {
                export.failure = Some(Failure::of_s3(&fault));
            }
            Err(fault) => return Err(fault),
        }
        export.ended = Some(cx.clock.now());
        self.store
            .write(&cx.scope, |tx| {
                tx.put(&EXPORTS, &(export.table.as_str(), export.id.as_str()), &export)?;
                tx.drop_blob(&export.items.blob.id)
            })
            .await
    }

    async fn write_export(&self, cx: &Context, export: &Export) -> Result<(), Fault> {
        export.put(cx, export.key("_started"), Vec::new()).await?;
        let mut from = Loading { from: export.items.clone(), done: 0, is_own: false };
        let mut files = Vec::new();
        while files.is_empty() || from.done < export.items.blob.length {
            files.push(self.write_file(cx, export, &mut from).await?);
        }
        let ended = cx.clock.now();
        for (name, body) in manifest::files(export, &files, &cx.scope, ended)? {
            export.put(cx, export.key(name), body).await?;
        }
        Ok(())
    }

    /// Writes the next data file.
    async fn write_file(&self, cx: &Context, export: &Export, from: &mut Loading) -> Result<DataFile, Fault> {
        let (began, mut count) = (from.done, 0);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        while from.done < export.items.blob.length && from.done - began < FILE {
            let (items, bytes) = self.next_spooled(from).await?;
            if bytes == 0 {
                return Err(Fault::internal("the items of an export are cut off"));
            }
            count += items.len();
            from.done += bytes;
            let is_full = matches!(export.kind, Kind::Full(_));
            for item in &items {
                let line = match export.format {
                    ExportFormat::Ion => ion_format::line(&item.0, is_full)?,
                    _ => json_format::line(&item.0, is_full)?,
                };
                packed.write_all(&line).map_err(Fault::internal)?;
            }
        }
        let body = packed.finish().map_err(Fault::internal)?;
        let extension = if export.format == ExportFormat::Ion { "ion" } else { "json" };
        let name = format!("{}.{extension}.gz", cx.ids.base36(26));
        let folder = if matches!(export.kind, Kind::Full(_)) {
            format!("{}/data", export.id)
        } else {
            "data".to_owned()
        };
        let path = format!("AWSDynamoDB/{folder}/{name}");
        let key = export.key("").replace(&export.path(""), &path);
        let checksum = manifest::checksum(&body);
        let put = export.put(cx, key.clone(), body).await?;
        let etag = put.etag.unwrap_or_default().trim_matches('"').to_owned();
        Ok(DataFile { items: count, checksum, etag, key })
    }
}

impl Export {
    async fn put(&self, cx: &Context, key: String, body: Vec<u8>) -> Result<PutObjectOutput, Fault> {
        let algorithm = self.encryption.as_ref().map(|algorithm| match algorithm {
            S3SseAlgorithm::Kms => ServerSideEncryption::AwsKms,
            _ => ServerSideEncryption::Aes256,
        });
        let input = PutObjectInput {
            bucket: self.bucket.clone(),
            key,
            content_length: i64::try_from(body.len()).ok(),
            body: ByteStream::from_bytes(body.into()),
            server_side_encryption: algorithm,
            ssekms_key_id: self.kms_key.clone(),
            expected_bucket_owner: self.owner.clone(),
            ..Default::default()
        };
        cx.call::<PutObject>(input).await
    }
}
