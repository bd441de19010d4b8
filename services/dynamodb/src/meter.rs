//! Throughput that runs out, where the settings ask for it.
//!
//! A table, and each global index, has a bucket of read units and one of write units, which fill by what is provisioned
//! a second and hold five minutes' worth. A request is refused while a bucket that it needs is empty.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use api_dynamodb::{
    DynamodbError, ProvisionedThroughputExceededException, ThrottlingException, ThrottlingReason,
};
use kernel::{Scope, Timestamp};

use crate::capacity::{Kind, Usage};
use crate::names;
use crate::table::{Index, Table};

/// Seconds of unused throughput that a table keeps.
const BURST: f64 = 300.0;

/// What of a table a bucket is of.
type Place = (Scope, String, Option<String>, bool);

/// The buckets of all tables.
#[derive(Default)]
pub struct Meter {
    is_on: bool,
    buckets: Mutex<HashMap<Place, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    units: f64,
    filled: Timestamp,
}

/// What a bucket is filled by, and whether that is the most a table paid by request may use.
struct Rate {
    units: i64,
    is_maximum: bool,
}

impl Meter {
    /// Buckets, or none where throughput never runs out.
    pub fn new(is_on: bool) -> Self {
        Self { is_on, buckets: Mutex::default() }
    }

    /// Whether throughput runs out at all.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Refuses a read of a table or of an index whose units are used up.
    pub fn admit_read(
        &self,
        scope: &Scope,
        now: Timestamp,
        table: &Table,
        index: Option<&Index>,
    ) -> Result<(), DynamodbError> {
        self.admit(scope, now, table, index.filter(|index| index.is_global), false)
    }

    /// Refuses a write to a table of which the units, or those of a global index, are used up.
    pub fn admit_write(&self, scope: &Scope, now: Timestamp, table: &Table) -> Result<(), DynamodbError> {
        if !self.is_on {
            return Ok(());
        }
        self.admit(scope, now, table, None, true)?;
        table.indexes_of(true).try_for_each(|index| self.admit(scope, now, table, Some(index), true))
    }

    fn admit(
        &self,
        scope: &Scope,
        now: Timestamp,
        table: &Table,
        index: Option<&Index>,
        is_write: bool,
    ) -> Result<(), DynamodbError> {
        if !self.is_on {
            return Ok(());
        }
        let Some(rate) = rate(table, index, is_write) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = units(rate.units) * BURST;
        let name = index.map(|index| index.name.clone());
        let place = (scope.clone(), table.name.clone(), name, is_write);
        let bucket = buckets.entry(place).or_insert(Bucket { units: full, filled: now });
        let passed = now.duration_since(bucket.filled).as_secs_f64().max(0.0);
        bucket.units = (bucket.units + passed * units(rate.units)).min(full);
        bucket.filled = now;
        if bucket.units > 0.0 { Ok(()) } else { Err(exceeded(scope, table, index, is_write, &rate)) }
    }

    /// Takes what an operation consumed.
    pub fn charge(&self, scope: &Scope, table: &str, kind: Kind, usage: &Usage) {
        if !self.is_on {
            return;
        }
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, units) in usage.by_resource() {
            let place = (scope.clone(), table.to_owned(), index.cloned(), kind == Kind::Write);
            if let Some(bucket) = buckets.get_mut(&place) {
                bucket.units -= units;
            }
        }
    }
}

fn units(units: i64) -> f64 {
    f64::from(u32::try_from(units).unwrap_or(u32::MAX))
}

/// By how many units a second the table or index may be used; none if there is no bound.
fn rate(table: &Table, index: Option<&Index>, is_write: bool) -> Option<Rate> {
    if table.billing.on_demand {
        let most = match index {
            Some(index) => index.most,
            None => table.billing.most,
        };
        let most =
            most.and_then(|(read, write)| if is_write { write } else { read }).filter(|units| *units > 0);
        return most.map(|units| Rate { units, is_maximum: true });
    }
    let throughput = index.map_or(&table.billing.throughput, |index| &index.throughput);
    let units = if is_write { throughput.write } else { throughput.read };
    Some(Rate { units, is_maximum: false })
}

fn exceeded(
    scope: &Scope,
    table: &Table,
    index: Option<&Index>,
    is_write: bool,
    rate: &Rate,
) -> DynamodbError {
    let resource = match index {
        Some(index) => names::index_arn(scope, &table.name, &index.name),
        None => names::table_arn(scope, &table.name),
    };
    let which = if index.is_some() { "Index" } else { "Table" };
    let access = if is_write { "Write" } else { "Read" };
    let limit =
        if rate.is_maximum { "MaxOnDemandThroughputExceeded" } else { "ProvisionedThroughputExceeded" };
    let reasons =
        vec![ThrottlingReason { reason: Some(format!("{which}{access}{limit}")), resource: Some(resource) }];
    if rate.is_maximum {
        let message = "Throughput exceeds the maximum OnDemandThroughput configured on table or index";
        return DynamodbError::ThrottlingException(Box::new(ThrottlingException {
            message: Some(message.to_owned()),
            throttling_reasons: Some(reasons),
        }));
    }
    let message = match index {
        None => {
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
             provisioning level with the UpdateTable API."
        }
        Some(_) => {
            "The level of configured provisioned throughput for one or more global secondary indexes of the table was \
             exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes \
             with the UpdateTable API"
        }
    };
    DynamodbError::ProvisionedThroughputExceededException(Box::new(ProvisionedThroughputExceededException {
        message: Some(message.to_owned()),
        throttling_reasons: Some(reasons),
    }))
}
