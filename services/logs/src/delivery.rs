//! Where logs of other services may be delivered to.

use api_logs::{
    DeliveryDestination, DeliveryDestinationConfiguration, DeliveryDestinationType, OutputFormat,
};
use kernel::{Arn, Scope};
use serde::{Deserialize, Serialize};
use store::Table;

/// Delivery destinations by name.
pub static DELIVERY_DESTINATIONS: Table<String, Row> = Table::regional("logs.delivery_destinations");

/// A delivery destination.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// When it was made, in microseconds since 1970: lists go by it.
    #[serde(default)]
    pub created: i64,
    /// The ARN of the bucket, group or delivery stream.
    pub resource: String,
    /// What it is.
    pub kind: DeliveryDestinationType,
    /// How records are written.
    pub format: Option<OutputFormat>,
    /// Who may deliver.
    pub policy: Option<String>,
}

impl Row {
    /// The destination as callers see it.
    pub fn describe(self, scope: &Scope, name: String) -> DeliveryDestination {
        DeliveryDestination {
            arn: Some(Arn::new("logs", scope, format!("delivery-destination:{name}")).to_string()),
            name: Some(name),
            delivery_destination_type: Some(self.kind),
            output_format: self.format,
            delivery_destination_configuration: Some(DeliveryDestinationConfiguration {
                destination_resource_arn: self.resource,
            }),
            ..DeliveryDestination::default()
        }
    }
}
