//! The encryption of tables, as they show it.

use api_dynamodb::{SSESpecification, SSEType};
use kernel::{Arn, Scope};

use crate::table::Encryption;

/// Only keys of KMS are seen; AWS's own key is not.
pub fn of(scope: &Scope, given: Option<&SSESpecification>) -> Option<Encryption> {
    let given = given.filter(|given| given.enabled == Some(true))?;
    let id = given.kms_master_key_id.as_deref().unwrap_or("alias/aws/dynamodb");
    let key = match id {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => Arn::new("kms", scope, alias).to_string(),
        id => Arn::new("kms", scope, format!("key/{id}")).to_string(),
    };
    Some(Encryption { kind: given.sse_type.clone().unwrap_or(SSEType::Kms), key })
}
