//! `CreateGlobalTable`, `DescribeGlobalTable`, `ListGlobalTables`, `UpdateGlobalTable`: global tables of the first version.

use api_dynamodb::{
    CreateGlobalTable, CreateGlobalTableInput, CreateGlobalTableOutput, DescribeGlobalTable,
    DescribeGlobalTableInput, DescribeGlobalTableOutput, DynamodbError, GlobalTable as Shown,
    GlobalTableStatus, ListGlobalTables, ListGlobalTablesInput, ListGlobalTablesOutput, Replica,
    UpdateGlobalTable, UpdateGlobalTableInput, UpdateGlobalTableOutput,
};
use kernel::{Context, Fault, Handler};

use crate::global_table::{GLOBAL_TABLES, GlobalTable};
use crate::{Dynamodb, errors};

/// The most lines of a page.
const PAGE: i32 = 100;

impl Handler<CreateGlobalTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateGlobalTableInput,
    ) -> Result<CreateGlobalTableOutput, DynamodbError> {
        let name = input.global_table_name;
        let regions: Vec<String> =
            input.replication_group.into_iter().filter_map(|replica| replica.region_name).collect();

        let global = self
            .store
            .write(&cx.scope, |tx| {
                if tx.contains(&GLOBAL_TABLES, &name)? {
                    return Err(DynamodbError::global_table_already_exists_exception(format!(
                        "Global table with name: '{name}' already exists."
                    )));
                }
                let created = cx.clock.now();
                let mut global = GlobalTable { name: name.clone(), created, regions: Vec::new() };
                for region in &regions {
                    global.join(tx, region)?;
                }
                tx.put(&GLOBAL_TABLES, &name, &global)?;
                Ok(global)
            })
            .await?;

        let description = global.describe(&cx.scope, GlobalTableStatus::Creating);
        Ok(CreateGlobalTableOutput { global_table_description: Some(description) })
    }
}

impl Handler<DescribeGlobalTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeGlobalTableInput,
    ) -> Result<DescribeGlobalTableOutput, DynamodbError> {
        let global = self.store.read(&cx.scope, |tx| GlobalTable::find(tx, &input.global_table_name))?;

        let description = global.describe(&cx.scope, GlobalTableStatus::Active);
        Ok(DescribeGlobalTableOutput { global_table_description: Some(description) })
    }
}

impl Handler<ListGlobalTables> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListGlobalTablesInput,
    ) -> Result<ListGlobalTablesOutput, DynamodbError> {
        let most = usize::try_from(input.limit.unwrap_or(PAGE)).unwrap_or_default();
        let region = input.region_name.as_ref();
        let is_wanted = |global: &GlobalTable| region.is_none_or(|region| global.regions.contains(region));

        let mut globals: Vec<GlobalTable> = self.store.read(&cx.scope, |tx| {
            let mut rows = tx.range(&GLOBAL_TABLES, ..);
            if let Some(start) = &input.exclusive_start_global_table_name {
                rows = rows.after(start);
            }
            let all = rows.map(|row| row.map(|(_, global)| global));
            all.filter(|row| row.as_ref().map_or(true, is_wanted))
                .take(most + 1)
                .collect::<Result<_, Fault>>()
        })?;

        let has_more = globals.len() > most;
        globals.truncate(most);
        let last = globals.last().filter(|_| has_more).map(|global| global.name.clone());
        let replica = |region: &String| Replica { region_name: Some(region.clone()) };
        let shown = globals.iter().map(|global| Shown {
            global_table_name: Some(global.name.clone()),
            replication_group: Some(global.regions.iter().map(replica).collect()),
        });
        Ok(ListGlobalTablesOutput {
            global_tables: Some(shown.collect()),
            last_evaluated_global_table_name: last,
        })
    }
}

impl Handler<UpdateGlobalTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateGlobalTableInput,
    ) -> Result<UpdateGlobalTableOutput, DynamodbError> {
        let name = input.global_table_name;

        let global = self
            .store
            .write(&cx.scope, |tx| {
                let mut global = GlobalTable::find(tx, &name)?;
                for update in &input.replica_updates {
                    match (&update.create, &update.delete) {
                        (Some(create), None) if global.regions.contains(&create.region_name) => {
                            return Err(DynamodbError::replica_already_exists_exception(format!(
                                "Replica already exists: A replica in region: '{}' is already part of the global table.",
                                create.region_name
                            )));
                        }
                        (Some(create), None) => global.join(tx, &create.region_name)?,
                        (None, Some(delete)) if global.regions.contains(&delete.region_name) => {
                            global.part(tx, &delete.region_name)?;
                        }
                        (None, Some(delete)) => {
                            return Err(DynamodbError::replica_not_found_exception(format!(
                                "Replica not found: A replica in region: '{}' is not part of the global table.",
                                delete.region_name
                            )));
                        }
                        _ => {
                            return Err(errors::invalid(
                                "Exactly one of ReplicaUpdate.Create and ReplicaUpdate.Delete must be specified",
                            ));
                        }
                    }
                }
                tx.put(&GLOBAL_TABLES, &name, &global)?;
                Ok(global)
            })
            .await?;

        let description = global.describe(&cx.scope, GlobalTableStatus::Updating);
        Ok(UpdateGlobalTableOutput { global_table_description: Some(description) })
    }
}
