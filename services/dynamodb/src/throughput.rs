//! The rules of billing modes and provisioned throughput.

use api_dynamodb::{BillingMode, DynamodbError, ProvisionedThroughput};
use kernel::Timestamp;

use crate::table::Throughput;
use crate::{errors, limits};

/// Checks the throughput of a new table against its billing mode.
pub fn check_new(
    mode: Option<&BillingMode>,
    units: Option<&ProvisionedThroughput>,
) -> Result<(), DynamodbError> {
    match (mode, units) {
        (Some(BillingMode::PayPerRequest), Some(_)) => Err(provisioned_on_demand()),
        (Some(BillingMode::PayPerRequest), None) => Ok(()),
        (_, Some(units)) => within(units),
        (_, None) => Err(errors::invalid(
            "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        )),
    }
}

/// Checks the throughput of a new global index against the table's billing mode.
pub fn check_index(
    is_on_demand: bool,
    index: &str,
    units: Option<&ProvisionedThroughput>,
) -> Result<(), DynamodbError> {
    match units {
        Some(_) if is_on_demand => Err(errors::invalid(format_args!(
            "ProvisionedThroughput should not be specified for index: {index} when BillingMode is PAY_PER_REQUEST"
        ))),
        Some(units) => within(units),
        None if is_on_demand => Ok(()),
        None => {
            Err(errors::invalid(format_args!("ProvisionedThroughput must be specified for index: {index}")))
        }
    }
}

/// Units for a table that is paid by request.
pub fn provisioned_on_demand() -> DynamodbError {
    errors::invalid(
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    )
}

/// Checks that units are not too many; that they are not too few is the model's.
pub fn within(units: &ProvisionedThroughput) -> Result<(), DynamodbError> {
    let both = [
        ("ReadCapacityUnits", units.read_capacity_units),
        ("WriteCapacityUnits", units.write_capacity_units),
    ];
    match both.iter().find(|(_, units)| *units > limits::UNITS) {
        Some((name, units)) => {
            Err(errors::validation(format!("Given value {units} for {name} is out of bounds")))
        }
        None => Ok(()),
    }
}

impl Throughput {
    /// Sets the units and notes when they rose or fell.
    pub fn set(&mut self, units: &ProvisionedThroughput, now: Timestamp) {
        let (read, write) = (units.read_capacity_units, units.write_capacity_units);
        if read > self.read || write > self.write {
            self.increased = Some(now);
        }
        if read < self.read || write < self.write {
            self.decreased = Some(now);
        }
        (self.read, self.write) = (read, write);
    }

    /// Whether these are the units already.
    pub fn is(&self, units: &ProvisionedThroughput) -> bool {
        (self.read, self.write) == (units.read_capacity_units, units.write_capacity_units)
    }
}

/// The units a second that AWS keeps ready: what was warmed up, and no less than any table has.
pub fn ready(is_on_demand: bool, provisioned: &Throughput, warm: Option<(i64, i64)>) -> (i64, i64) {
    let least = if is_on_demand { ON_DEMAND } else { (provisioned.read, provisioned.write) };
    warm.map_or(least, |warm| (warm.0.max(least.0), warm.1.max(least.1)))
}

/// What every table that is paid by request can do at once.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>
const ON_DEMAND: (i64, i64) = (12_000, 4_000);
