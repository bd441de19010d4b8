//! Backups, and tables that are made of them.

use api_dynamodb::{
    BackupDescription, BackupDetails, BackupStatus, BackupType, DynamodbError, GlobalSecondaryIndex,
    GlobalSecondaryIndexInfo, LocalSecondaryIndex, LocalSecondaryIndexInfo, ProvisionedThroughput,
    SourceTableDetails, SourceTableFeatureDetails, StreamSpecification, TimeToLiveDescription,
    TimeToLiveStatus,
};
use kernel::{Arn, Context, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Table as Rows, WriteTx};

use crate::description::{encryption_description, key_schema, on_demand, projection, some};
use crate::spool::{Loading, Spooled};
use crate::table::{Billing, Filling, Index, Restored, Status, TABLES, Table, Throughput, most};
use crate::{Dynamodb, encryption, errors, names};

/// Backups by the table's name and their id.
pub static BACKUPS: Rows<(String, String), Backup> = Rows::regional("dynamodb.backups");

/// A backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// The last part of its ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it goes by itself: those that DynamoDB makes of deleted tables.
    pub expires: Option<Timestamp>,
    /// The table as it was.
    pub table: Table,
    /// Its items.
    pub items: Spooled,
}

/// What a restored table has in the place of what its source had.
#[derive(Default)]
pub struct Overrides<'a> {
    /// The billing mode.
    pub billing: Option<&'a api_dynamodb::BillingMode>,
    /// The global indexes, of those there were.
    pub globals: Option<&'a [GlobalSecondaryIndex]>,
    /// The local indexes, of those there were.
    pub locals: Option<&'a [LocalSecondaryIndex]>,
    /// The units of throughput.
    pub throughput: Option<&'a ProvisionedThroughput>,
    /// The most units by request.
    pub most: Option<&'a api_dynamodb::OnDemandThroughput>,
    /// The encryption.
    pub encryption: Option<&'a api_dynamodb::SSESpecification>,
}

/// The ARN of a backup.
pub fn arn(scope: &Scope, table: &str, id: &str) -> String {
    format!("{}/backup/{id}", names::table_arn(scope, table))
}

/// Where the backup of an ARN is.
pub fn locate(cx: &Context, arn: &str) -> Result<(Scope, (String, String)), DynamodbError> {
    let parsed = Arn::parse(arn).and_then(|parsed| {
        let (table, id) = parsed.resource.strip_prefix("table/")?.split_once("/backup/")?;
        Some((parsed.scope(&cx.scope), (table.to_owned(), id.to_owned())))
    });
    parsed.ok_or_else(|| errors::validation(format!("Invalid BackupArn: {arn}")))
}

/// No backup of that ARN.
pub fn not_found(arn: &str) -> DynamodbError {
    DynamodbError::backup_not_found_exception(format!("Backup not found: {arn}"))
}

impl Dynamodb {
    /// Backs a table up.
    pub async fn back_up(
        &self,
        cx: &Context,
        scope: &Scope,
        table: Table,
        name: String,
        expires: Option<Timestamp>,
    ) -> Result<Backup, DynamodbError> {
        let items = self.spool(scope, &table, None).await?;
        let created = cx.clock.now();
        let id = format!("{:014}-{}", created.as_millisecond(), cx.ids.hex(8));
        let backup = Backup { id, name, created, expires, table, items };
        self.store
            .write(scope, |tx| {
                tx.keep_blob(&backup.items.blob.id)?;
                tx.put(&BACKUPS, &(backup.table.name.as_str(), backup.id.as_str()), &backup)
            })
            .await?;
        Ok(backup)
    }
}

/// The table that a restore makes of another.
pub fn restored(
    cx: &Context,
    scope: &Scope,
    source: &Table,
    name: &str,
    overrides: &Overrides<'_>,
    restored: Restored,
) -> Result<Table, DynamodbError> {
    let mut table = Table {
        name: name.to_owned(),
        id: cx.ids.uuid(),
        number: 0,
        created: cx.clock.now(),
        status: Status::Creating(None),
        deletion_protection: false,
        stream: None,
        stream_label: None,
        expiry: None,
        replicas: Vec::new(),
        kinesis: Vec::new(),
        recovery: None,
        restored: Some(restored),
        insights: Vec::new(),
        is_first_version: false,
        ..source.clone()
    };
    if let Some(mode) = overrides.billing {
        let on_demand = *mode == api_dynamodb::BillingMode::PayPerRequest;
        let on_demand_since = on_demand.then(|| cx.clock.now());
        let throughput = if on_demand { Throughput::default() } else { table.billing.throughput };
        table.billing = Billing { on_demand, on_demand_since, named: true, throughput, ..table.billing };
    }
    if let Some(units) = overrides.throughput {
        table.billing.throughput = Throughput::from(units);
    }
    if overrides.most.is_some() {
        table.billing.most = most(overrides.most);
    }
    if overrides.encryption.is_some() {
        table.encryption = encryption::of(scope, overrides.encryption);
    }
    let globals = overrides.globals.map(|all| all.iter().map(|index| index.index_name.as_str()).collect());
    let locals = overrides.locals.map(|all| all.iter().map(|index| index.index_name.as_str()).collect());
    keep(&mut table.indexes, true, globals)?;
    keep(&mut table.indexes, false, locals)?;
    for index in &mut table.indexes {
        index.filling = Filling::Done;
        let given = overrides.globals.into_iter().flatten().find(|given| given.index_name == index.name);
        if let Some(units) = given.and_then(|given| given.provisioned_throughput.as_ref()) {
            index.throughput = Throughput::from(units);
        }
        if table.billing.on_demand {
            index.throughput = Throughput::default();
        }
    }
    crate::index_changes::forget_unused(&mut table);
    Ok(table)
}

/// Keeps the indexes that are wanted, which must be among those there were.
fn keep(indexes: &mut Vec<Index>, is_global: bool, wanted: Option<Vec<&str>>) -> Result<(), DynamodbError> {
    let Some(wanted) = wanted else { return Ok(()) };
    let has = |name: &&str| indexes.iter().any(|index| index.is_global == is_global && index.name == **name);
    if let Some(unknown) = wanted.iter().find(|name| !has(name)) {
        return Err(errors::invalid(format_args!(
            "Index overrides must be a subset of the indexes of the source table: {unknown}"
        )));
    }
    indexes.retain(|index| index.is_global != is_global || wanted.contains(&index.name.as_str()));
    Ok(())
}

/// Makes a table that is filled from a blob.
pub fn create(
    tx: &mut WriteTx<'_>,
    table: &Table,
    from: Spooled,
    is_own: bool,
) -> Result<Table, DynamodbError> {
    if tx.contains(&TABLES, &table.name)? {
        return Err(DynamodbError::table_already_exists_exception(format!(
            "Table already exists: {}",
            table.name
        )));
    }
    if is_own {
        tx.keep_blob(&from.blob.id)?;
    }
    let number = Table::next_number(tx)?;
    let table = Table { number, loading: Some(Loading { from, done: 0, is_own }), ..table.clone() };
    tx.put(&TABLES, &table.name, &table)?;
    Ok(table)
}

impl Backup {
    /// What is told of the backup itself.
    pub fn details(&self, scope: &Scope, status: BackupStatus) -> BackupDetails {
        BackupDetails {
            backup_arn: arn(scope, &self.table.name, &self.id),
            backup_name: self.name.clone(),
            backup_size_bytes: Some(self.items.bytes),
            backup_status: status,
            backup_type: self.kind(),
            backup_creation_date_time: self.created,
            backup_expiry_date_time: self.expires,
        }
    }

    /// Who made it.
    pub fn kind(&self) -> BackupType {
        if self.expires.is_some() { BackupType::System } else { BackupType::User }
    }

    /// Everything that is told of the backup.
    pub fn describe(&self, scope: &Scope, status: BackupStatus) -> BackupDescription {
        BackupDescription {
            backup_details: Some(self.details(scope, status)),
            source_table_details: Some(self.source(scope)),
            source_table_feature_details: Some(self.features()),
        }
    }

    fn source(&self, scope: &Scope) -> SourceTableDetails {
        let table = &self.table;
        SourceTableDetails {
            table_name: table.name.clone(),
            table_id: table.id.clone(),
            table_arn: Some(names::table_arn(scope, &table.name)),
            table_size_bytes: Some(self.items.bytes),
            key_schema: key_schema(&table.key),
            table_creation_date_time: table.created,
            provisioned_throughput: units(&table.billing.throughput),
            on_demand_throughput: on_demand(table.billing.most),
            item_count: Some(self.items.items),
            billing_mode: Some(table.billing.mode()),
        }
    }

    fn features(&self) -> SourceTableFeatureDetails {
        let table = &self.table;
        let locals = table.indexes_of(false).map(|index| LocalSecondaryIndexInfo {
            index_name: Some(index.name.clone()),
            key_schema: Some(key_schema(&index.key)),
            projection: Some(projection(index)),
        });
        let globals = table.indexes_of(true).map(|index| GlobalSecondaryIndexInfo {
            index_name: Some(index.name.clone()),
            key_schema: Some(key_schema(&index.key)),
            projection: Some(projection(index)),
            provisioned_throughput: Some(units(&index.throughput)),
            on_demand_throughput: on_demand(index.most),
        });
        SourceTableFeatureDetails {
            local_secondary_indexes: some(locals.collect()),
            global_secondary_indexes: some(globals.collect()),
            stream_description: table
                .stream
                .clone()
                .map(|view| StreamSpecification { stream_enabled: true, stream_view_type: Some(view) }),
            time_to_live_description: table.expiry.as_ref().map(|expiry| TimeToLiveDescription {
                time_to_live_status: Some(TimeToLiveStatus::Enabled),
                attribute_name: Some(expiry.attribute.clone()),
            }),
            sse_description: encryption_description(table),
            vector_indexes: None,
        }
    }
}

fn units(throughput: &Throughput) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: throughput.read, write_capacity_units: throughput.write }
}
