//! `CreateBackup`, `DescribeBackup`, `DeleteBackup`, `ListBackups`, `RestoreTableFromBackup`.

use api_dynamodb::{
    BackupStatus, BackupSummary, BackupTypeFilter, CreateBackup, CreateBackupInput, CreateBackupOutput,
    DeleteBackup, DeleteBackupInput, DeleteBackupOutput, DescribeBackup, DescribeBackupInput,
    DescribeBackupOutput, DynamodbError, ListBackups, ListBackupsInput, ListBackupsOutput,
    RestoreTableFromBackup, RestoreTableFromBackupInput, RestoreTableFromBackupOutput,
};
use kernel::{Context, Fault, Handler};

use crate::backup::{self, BACKUPS, Backup, Overrides};
use crate::description::describe;
use crate::table::{Restored, TABLES, Table, Tally};
use crate::{Dynamodb, errors, names};

/// The most backups of a page.
const PAGE: i32 = 100;

impl Handler<CreateBackup> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateBackupInput,
    ) -> Result<CreateBackupOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let table: Option<Table> = self.store.read(&scope, |tx| tx.get(&TABLES, &name))?;
        let table = table.ok_or_else(|| errors::table_not_found(&name))?;

        let backup = self.back_up(cx, &scope, table, input.backup_name, None).await?;

        let details = backup.details(&scope, BackupStatus::Creating);
        Ok(CreateBackupOutput { backup_details: Some(details) })
    }
}

impl Handler<DescribeBackup> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeBackupInput,
    ) -> Result<DescribeBackupOutput, DynamodbError> {
        let (scope, (table, id)) = backup::locate(cx, &input.backup_arn)?;

        let found: Option<Backup> =
            self.store.read(&scope, |tx| tx.get(&BACKUPS, &(table.as_str(), id.as_str())))?;

        let found = found.ok_or_else(|| backup::not_found(&input.backup_arn))?;
        let description = found.describe(&scope, BackupStatus::Available);
        Ok(DescribeBackupOutput { backup_description: Some(description) })
    }
}

impl Handler<DeleteBackup> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteBackupInput,
    ) -> Result<DeleteBackupOutput, DynamodbError> {
        let (scope, (table, id)) = backup::locate(cx, &input.backup_arn)?;
        let key = (table.as_str(), id.as_str());

        let gone = self
            .store
            .write(&scope, |tx| {
                let found: Option<Backup> = tx.get(&BACKUPS, &key)?;
                let found = found.ok_or_else(|| backup::not_found(&input.backup_arn))?;
                for row in tx.everywhere(&TABLES) {
                    let (_, _, table) = row?;
                    if table.loading.is_some_and(|loading| loading.from == found.items) {
                        return Err(DynamodbError::backup_in_use_exception(format!(
                            "Backup is being used by another operation. BackupArn: {}",
                            input.backup_arn
                        )));
                    }
                }
                tx.delete(&BACKUPS, &key)?;
                tx.drop_blob(&found.items.blob.id)?;
                Ok(found)
            })
            .await?;

        let description = gone.describe(&scope, BackupStatus::Deleted);
        Ok(DeleteBackupOutput { backup_description: Some(description) })
    }
}

impl Handler<ListBackups> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListBackupsInput,
    ) -> Result<ListBackupsOutput, DynamodbError> {
        let limit = usize::try_from(input.limit.unwrap_or(PAGE)).unwrap_or_default();
        let table = match &input.table_name {
            Some(name) => Some(names::locate(cx, name)?.1),
            None => None,
        };
        let start = match &input.exclusive_start_backup_arn {
            Some(arn) => Some(backup::locate(cx, arn)?.1),
            None => None,
        };
        let kind = input.backup_type.as_ref();
        let is_wanted = |backup: &Backup| {
            table.as_ref().is_none_or(|name| *name == backup.table.name)
                && kind.is_none_or(|kind| {
                    *kind == BackupTypeFilter::All || kind.as_str() == backup.kind().as_str()
                })
                && input.time_range_lower_bound.is_none_or(|from| backup.created >= from)
                && input.time_range_upper_bound.is_none_or(|to| backup.created < to)
        };

        let mut backups: Vec<Backup> = self.store.read(&cx.scope, |tx| {
            let mut rows = tx.range(&BACKUPS, ..);
            if let Some((table, id)) = &start {
                rows = rows.after(&(table.as_str(), id.as_str()));
            }
            let all = rows.map(|row| row.map(|(_, backup)| backup));
            let wanted = all.filter(|backup| backup.as_ref().map_or(true, is_wanted));
            wanted.take(limit + 1).collect::<Result<_, Fault>>()
        })?;

        let has_more = backups.len() > limit;
        backups.truncate(limit);
        let arn = |backup: &Backup| backup::arn(&cx.scope, &backup.table.name, &backup.id);
        let last = backups.last().filter(|_| has_more).map(arn);
        let shown = backups.iter().map(|backup| BackupSummary {
            table_name: Some(backup.table.name.clone()),
            table_id: Some(backup.table.id.clone()),
            table_arn: Some(names::table_arn(&cx.scope, &backup.table.name)),
            backup_arn: Some(arn(backup)),
            backup_name: Some(backup.name.clone()),
            backup_creation_date_time: Some(backup.created),
            backup_expiry_date_time: backup.expires,
            backup_status: Some(BackupStatus::Available),
            backup_type: Some(backup.kind()),
            backup_size_bytes: Some(backup.items.bytes),
        });
        Ok(ListBackupsOutput { backup_summaries: Some(shown.collect()), last_evaluated_backup_arn: last })
    }
}

impl Handler<RestoreTableFromBackup> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: RestoreTableFromBackupInput,
    ) -> Result<RestoreTableFromBackupOutput, DynamodbError> {
        if input.vector_index_override.is_some() {
            return Err(errors::not_emulated("vector indexes"));
        }
        let (there, (table, id)) = backup::locate(cx, &input.backup_arn)?;
        let found: Option<Backup> =
            self.store.read(&there, |tx| tx.get(&BACKUPS, &(table.as_str(), id.as_str())))?;
        let found = found.ok_or_else(|| backup::not_found(&input.backup_arn))?;
        let (scope, name) = names::locate(cx, &input.target_table_name)?;
        let overrides = Overrides {
            billing: input.billing_mode_override.as_ref(),
            globals: input.global_secondary_index_override.as_deref(),
            locals: input.local_secondary_index_override.as_deref(),
            throughput: input.provisioned_throughput_override.as_ref(),
            most: input.on_demand_throughput_override.as_ref(),
            encryption: input.sse_specification_override.as_ref(),
        };
        let summary = Restored {
            backup: Some(input.backup_arn.clone()),
            table: names::table_arn(&there, &found.table.name),
            at: found.created,
        };
        let table = backup::restored(cx, &scope, &found.table, &name, &overrides, summary)?;

        let table =
            self.store.write(&scope, |tx| backup::create(tx, &table, found.items.clone(), false)).await?;
        self.settle_soon(&scope, &name).await?;

        let description = describe(&scope, &table, &Tally::default());
        Ok(RestoreTableFromBackupOutput { table_description: Some(description) })
    }
}
