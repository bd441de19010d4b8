//! `DescribeLimits`, `DescribeEndpoints`: what is told of an account without looking at its tables.

use api_dynamodb::{
    DescribeEndpoints, DescribeEndpointsInput, DescribeEndpointsOutput, DescribeLimits, DescribeLimitsInput,
    DescribeLimitsOutput, DynamodbError, Endpoint,
};
use kernel::{Context, Handler};

use crate::Dynamodb;
use crate::limits::{ACCOUNT_UNITS, ENDPOINT_MINUTES, TABLE_UNITS};

impl Handler<DescribeLimits> for Dynamodb {
    async fn handle(
        &self,
        _: &Context,
        _: DescribeLimitsInput,
    ) -> Result<DescribeLimitsOutput, DynamodbError> {
        Ok(DescribeLimitsOutput {
            account_max_read_capacity_units: Some(ACCOUNT_UNITS),
            account_max_write_capacity_units: Some(ACCOUNT_UNITS),
            table_max_read_capacity_units: Some(TABLE_UNITS),
            table_max_write_capacity_units: Some(TABLE_UNITS),
        })
    }
}

impl Handler<DescribeEndpoints> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        _: DescribeEndpointsInput,
    ) -> Result<DescribeEndpointsOutput, DynamodbError> {
        // Clients that discover endpoints send what follows to the address they are told: this one.
        let address = match cx.request.host.as_str() {
            "" => format!("dynamodb.{}.amazonaws.com", cx.scope.region),
            host => host.to_owned(),
        };
        Ok(DescribeEndpointsOutput {
            endpoints: vec![Endpoint { address, cache_period_in_minutes: ENDPOINT_MINUTES }],
        })
    }
}
