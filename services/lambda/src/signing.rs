//! Code signing configurations: whose signatures functions ask for.
//!
//! Archives are not signed here: a function that refers to a configuration which enforces signatures takes no code.

use api_lambda::{AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CodeSigningPolicy, LambdaError};
use kernel::tags::Tags;
use kernel::{Arn, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::describe::moment_text;
use crate::errors;

/// By id.
pub static SIGNING: Table<String, Signing> = Table::regional("lambda.signing");

/// A code signing configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signing {
    /// What it is for.
    pub description: Option<String>,
    /// The ARNs of the profiles that may sign.
    pub publishers: Vec<String>,
    /// What becomes of other code.
    pub policy: CodeSigningPolicy,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Signing {
    /// The configuration as callers see it.
    pub fn describe(&self, scope: &Scope, id: &str) -> CodeSigningConfig {
        CodeSigningConfig {
            code_signing_config_id: id.to_owned(),
            code_signing_config_arn: arn(scope, id),
            description: self.description.clone(),
            allowed_publishers: AllowedPublishers { signing_profile_version_arns: self.publishers.clone() },
            code_signing_policies: CodeSigningPolicies {
                untrusted_artifact_on_deployment: Some(self.policy.clone()),
            },
            last_modified: moment_text(self.modified),
        }
    }
}

/// Refuses code where signatures are enforced: there are none here.
pub fn require_signature(tx: &ReadTx<'_>, arn: Option<&str>) -> Result<(), LambdaError> {
    let Some(arn) = arn.filter(|arn| !arn.is_empty()) else { return Ok(()) };
    let row = tx.get(&SIGNING, id(arn))?.ok_or_else(|| errors::unknown_signing(arn))?;
    if row.policy == CodeSigningPolicy::Enforce { Err(errors::not_signed()) } else { Ok(()) }
}

/// The ARN of a configuration.
pub fn arn(scope: &Scope, id: &str) -> String {
    Arn::new("lambda", scope, format!("code-signing-config:{id}")).to_string()
}

/// The id in an ARN.
pub fn id(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
