//! Imports: new tables that get their items from S3.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html>

use api_dynamodb::{ImportStatus, ImportSummary, ImportTableDescription, ImportTableInput};
use kernel::{Arn, Context, Fault, Scope, Timestamp};
use protocol::formats::json_reader;
use serde::{Deserialize, Serialize};
use store::{Store, Table as Rows};

use super::import_failure::Journal;
use super::{Failure, source};
use crate::item::Attributes;
use crate::spool::{Loading, Spool, Spooled};
use crate::table::{TABLES, Table};
use crate::upkeep::remove_table;
use crate::{Dynamodb, names, value, writing};

/// Imports by the table's name and their id.
pub static IMPORTS: Rows<(String, String), Import> = Rows::regional("dynamodb.imports");

/// How many items are kept in memory before they are written down.
const BATCH: usize = 1000;

/// An import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The last part of its ARN.
    pub id: String,
    /// The table's name.
    pub table: String,
    /// The table's id.
    pub table_id: String,
    /// What the caller asked for, as JSON.
    pub request: Vec<u8>,
    /// When it was asked for.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was read of S3, once all of it was.
    pub read: Option<Counts>,
}

/// What an import read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Bytes, unpacked.
    pub bytes: i64,
    /// Items that were looked at.
    pub processed: i64,
    /// Items that the table got.
    pub imported: i64,
    /// Items and files that it could not get.
    pub errors: i64,
}

/// The imports that have not ended.
pub fn waiting(store: &Store, scope: &Scope) -> Result<Vec<(Scope, Import)>, Fault> {
    store.read(scope, |tx| {
        let all = tx.everywhere(&IMPORTS).map(|row| row.map(|(scope, _, import)| (scope, import)));
        all.filter(|row| row.as_ref().map_or(true, |(_, import)| import.ended.is_none())).collect()
    })
}

impl Import {
    /// Its ARN.
    pub fn arn(&self, scope: &Scope) -> String {
        format!("{}/import/{}", names::table_arn(scope, &self.table), self.id)
    }

    /// What the caller asked for.
    pub fn input(&self) -> Result<ImportTableInput, Fault> {
        let mut input = ImportTableInput::default();
        json_reader::read(&self.request, false, &mut input)
            .map_err(|error| Fault::internal(error.message))?;
        Ok(input)
    }

    fn status(&self) -> ImportStatus {
        match (self.ended, &self.failure) {
            (None, _) => ImportStatus::InProgress,
            (Some(_), None) => ImportStatus::Completed,
            (Some(_), Some(_)) => ImportStatus::Failed,
        }
    }

    /// A line of the list.
    pub fn summary(&self, scope: &Scope) -> Result<ImportSummary, Fault> {
        let input = self.input()?;
        Ok(ImportSummary {
            import_arn: Some(self.arn(scope)),
            import_status: Some(self.status()),
            table_arn: Some(names::table_arn(scope, &self.table)),
            s3_bucket_source: Some(input.s3_bucket_source),
            cloud_watch_log_group_arn: Some(log_group(scope)),
            input_format: Some(input.input_format),
            start_time: Some(self.started),
            end_time: self.ended,
        })
    }

    /// Everything that is told of it.
    pub fn describe(&self, scope: &Scope) -> Result<ImportTableDescription, Fault> {
        let input = self.input()?;
        let counts = self.read.clone().filter(|_| self.ended.is_some());
        let counted = |of: fn(&Counts) -> i64| counts.as_ref().map_or(0, of);
        Ok(ImportTableDescription {
            import_arn: Some(self.arn(scope)),
            import_status: Some(self.status()),
            table_arn: Some(names::table_arn(scope, &self.table)),
            table_id: Some(self.table_id.clone()),
            client_token: input.client_token,
            s3_bucket_source: Some(input.s3_bucket_source),
            error_count: Some(counted(|counts| counts.errors)),
            cloud_watch_log_group_arn: Some(log_group(scope)),
            input_format: Some(input.input_format),
            input_format_options: input.input_format_options,
            input_compression_type: Some(
                input.input_compression_type.unwrap_or(api_dynamodb::InputCompressionType::None),
            ),
            table_creation_parameters: Some(input.table_creation_parameters),
            start_time: Some(self.started),
            end_time: self.ended,
            processed_size_bytes: counts.as_ref().map(|counts| counts.bytes),
            processed_item_count: counts.as_ref().map(|counts| counts.processed),
            imported_item_count: Some(counted(|counts| counts.imported)),
            failure_code: self.failure.as_ref().map(|failure| failure.code.clone()),
            failure_message: self.failure.as_ref().map(|failure| failure.message.clone()),
        })
    }
}

/// Where imports tell of what they could not take in.
fn log_group(scope: &Scope) -> String {
    Arn::new("logs", scope, format!("log-group:{}:*", super::import_failure::GROUP)).to_string()
}

impl Dynamodb {
    /// Fills the table of an import and notes how it ended.
    pub(super) async fn take_in(&self, cx: &Context, mut import: Import) -> Result<(), Fault> {
        if import.read.is_none() {
            match self.read_in(cx, &import).await {
                Ok(counts) => import.read = Some(counts),
                Err(fault) if fault.status() < 500 || fault.status() == 501 => {
                    return self.fail(cx, import, Failure::of_s3(&fault)).await;
                }
                Err(fault) => return Err(fault),
            }
        }
        self.settle_all(&cx.scope, &import.table).await?;
        import.ended = Some(cx.clock.now());
        let key = (import.table.as_str(), import.id.as_str());
        self.store.write(&cx.scope, |tx| tx.put(&IMPORTS, &key, &import)).await
    }

    /// Reads all objects, and lets the table load what they have.
    async fn read_in(&self, cx: &Context, import: &Import) -> Result<Counts, Fault> {
        let input = import.input()?;
        let table: Option<Table> = self.store.read(&cx.scope, |tx| tx.get(&TABLES, &import.table))?;
        let Some(table) = table.filter(|table| table.id == import.table_id) else {
            return Err(Fault::client("TableNotFound", "The table was deleted"));
        };
        let (items, counts) = self.read_objects(cx, import, &input, &table).await?;
        let read = Import { read: Some(counts.clone()), ..import.clone() };
        self.store
            .write(&cx.scope, |tx| {
                let Some(mut table): Option<Table> = tx.get(&TABLES, &import.table)? else { return Ok(()) };
                tx.keep_blob(&items.blob.id)?;
                table.loading = Some(Loading { from: items.clone(), done: 0, is_own: true });
                tx.put(&TABLES, &import.table, &table)?;
                tx.put(&IMPORTS, &(import.table.as_str(), import.id.as_str()), &read)
            })
            .await?;
        Ok(counts)
    }

    async fn read_objects(
        &self,
        cx: &Context,
        import: &Import,
        input: &ImportTableInput,
        table: &Table,
    ) -> Result<(Spooled, Counts), Fault> {
        let keys = source::keys(cx, input).await?;
        let (mut counts, mut spool) = (Counts::default(), Spool::new(self.store.blobs()).await?);
        let mut journal = Journal::new(import.arn(&cx.scope), import.id.clone());
        for key in keys {
            let bytes = source::fetch(cx, input, &key).await?;
            let (parsed, length) = source::parse(&bytes, input, table);
            counts.bytes += i64::try_from(length).unwrap_or(i64::MAX);
            let mut batch = Vec::new();
            for (at, item) in parsed.items.into_iter().enumerate() {
                counts.processed += 1;
                match item.and_then(|item| checked(table, item)) {
                    Ok(item) => batch.push(item),
                    Err(problem) => journal.note(&input.s3_bucket_source.s3_bucket, &key, Some(at), problem),
                }
                if batch.len() == BATCH {
                    spool.add(&std::mem::take(&mut batch)).await?;
                }
            }
            spool.add(&batch).await?;
            if let Some(problem) = parsed.broken {
                journal.note(&input.s3_bucket_source.s3_bucket, &key, None, problem);
            }
            counts.errors = journal.count();
            journal.tell(cx).await;
        }
        let items = spool.finish().await?;
        counts.imported = items.items;
        Ok((items, counts))
    }

    /// An import that fails leaves no table.
    async fn fail(&self, cx: &Context, mut import: Import, failure: Failure) -> Result<(), Fault> {
        import.failure = Some(failure);
        import.ended = Some(cx.clock.now());
        self.store
            .write(&cx.scope, |tx| {
                let table: Option<Table> = tx.get(&TABLES, &import.table)?;
                if let Some(table) = table.filter(|table| table.id == import.table_id) {
                    remove_table(tx, table)?;
                }
                tx.put(&IMPORTS, &(import.table.as_str(), import.id.as_str()), &import)
            })
            .await?;
        self.tables_changed.notify_one();
        Ok(())
    }
}

/// An item that the table can have, or what is wrong with it.
fn checked(table: &Table, mut item: Attributes) -> Result<Attributes, String> {
    value::normalise_all(&mut item)?;
    let check = writing::check_size(&item).map(drop).and_then(|()| writing::check_item(table, &item));
    check.map_err(|error| Fault::from(error).message().to_owned())?;
    Ok(item)
}
