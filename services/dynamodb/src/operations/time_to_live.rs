//! `UpdateTimeToLive`, `DescribeTimeToLive`: by which attribute the items of a table expire.

use api_dynamodb::{
    DescribeTimeToLive, DescribeTimeToLiveInput, DescribeTimeToLiveOutput, DynamodbError,
    TimeToLiveDescription, TimeToLiveSpecification, TimeToLiveStatus, UpdateTimeToLive,
    UpdateTimeToLiveInput, UpdateTimeToLiveOutput,
};
use kernel::{Context, Handler};
use store::WriteTx;

use crate::table::{Expiry, Filling, TABLES, Table};
use crate::upkeep::forget_expiries;
use crate::{Dynamodb, errors, names};

impl Handler<UpdateTimeToLive> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateTimeToLiveInput,
    ) -> Result<UpdateTimeToLiveOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let wanted = input.time_to_live_specification;
        if wanted.attribute_name.is_empty() {
            return Err(errors::validation("TimeToLiveSpecification.AttributeName must be non empty"));
        }

        self.store
            .write(&scope, |tx| {
                let mut table = Table::idle(tx, &name)?;
                match (&table.expiry, wanted.enabled) {
                    (None, false) => return Err(errors::validation("TimeToLive is already disabled")),
                    (Some(expiry), true) if expiry.attribute == wanted.attribute_name => {
                        return Err(errors::validation("TimeToLive is already enabled"));
                    }
                    (Some(expiry), _) if expiry.attribute != wanted.attribute_name => {
                        return Err(errors::validation(format!(
                            "TimeToLive is active on a different AttributeName: current AttributeName is {}",
                            expiry.attribute
                        )));
                    }
                    _ => {}
                }
                set(tx, &mut table, &wanted)?;
                let here = tx.scope().clone();
                // Replicas share it.
                for scope in table.replica_scopes(&here) {
                    let tx = &mut tx.in_scope(&scope);
                    if let Some(mut replica) = tx.get(&TABLES, &name)? {
                        set(tx, &mut replica, &wanted)?;
                    }
                }
                Ok(())
            })
            .await?;
        self.settle_soon(&scope, &name).await?;
        self.expiry_set.notify_one();

        Ok(UpdateTimeToLiveOutput { time_to_live_specification: Some(wanted) })
    }
}

fn set(
    tx: &mut WriteTx<'_>,
    table: &mut Table,
    wanted: &TimeToLiveSpecification,
) -> Result<(), DynamodbError> {
    if wanted.enabled {
        let attribute = wanted.attribute_name.clone();
        table.expiry = Some(Expiry { attribute, filling: Filling::UpTo(None) });
    } else {
        table.expiry = None;
        forget_expiries(tx, table)?;
    }
    Ok(tx.put(&TABLES, &table.name, table)?)
}

impl Handler<DescribeTimeToLive> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeTimeToLiveInput,
    ) -> Result<DescribeTimeToLiveOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let table = self.store.read(&scope, |tx| Table::find(tx, &name))?;

        let status = match &table.expiry {
            None => TimeToLiveStatus::Disabled,
            Some(_) => TimeToLiveStatus::Enabled,
        };
        Ok(DescribeTimeToLiveOutput {
            time_to_live_description: Some(TimeToLiveDescription {
                time_to_live_status: Some(status),
                attribute_name: table.expiry.map(|expiry| expiry.attribute),
            }),
        })
    }
}
