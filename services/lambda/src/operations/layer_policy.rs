//! `AddLayerVersionPermission`, `GetLayerVersionPolicy` and `RemoveLayerVersionPermission`.

use api_lambda::{
    AddLayerVersionPermission, AddLayerVersionPermissionInput, AddLayerVersionPermissionOutput,
    GetLayerVersionPolicy, GetLayerVersionPolicyInput, GetLayerVersionPolicyOutput, LambdaError,
    RemoveLayerVersionPermission, RemoveLayerVersionPermissionInput, RemoveLayerVersionPermissionOutput,
};
use kernel::{Context, Handler};
use serde_json::json;
use store::ReadTx;

use crate::layer::{LAYER_VERSIONS, LayerName, LayerVersion, number};
use crate::policy::{self, Statement};
use crate::{Lambda, errors};

impl Handler<AddLayerVersionPermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: AddLayerVersionPermissionInput,
    ) -> Result<AddLayerVersionPermissionOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let number = number(input.version_number)?;
        let statement = statement(&input, &name.version_arn(number));
        let revision = cx.ids.uuid();

        self.store
            .write(&name.scope, |tx| {
                let mut layer = find(tx, &name, number)?;
                if layer.policy.iter().any(|known| known.id == statement.id) {
                    return Err(errors::statement_exists(&statement.id));
                }
                require_revision(&layer, input.revision_id.as_deref())?;
                layer.policy.push(statement.clone());
                layer.revision.clone_from(&revision);
                Ok(tx.put(&LAYER_VERSIONS, &(name.name.as_str(), number), &layer)?)
            })
            .await?;

        Ok(AddLayerVersionPermissionOutput { statement: Some(statement.text), revision_id: Some(revision) })
    }
}

impl Handler<GetLayerVersionPolicy> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetLayerVersionPolicyInput,
    ) -> Result<GetLayerVersionPolicyOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let number = number(input.version_number)?;

        let layer = self.store.read(&name.scope, |tx| find(tx, &name, number))?;
        if layer.policy.is_empty() {
            return Err(errors::no_policy());
        }

        let policy = policy::document(&layer.policy);
        Ok(GetLayerVersionPolicyOutput { policy: Some(policy), revision_id: Some(layer.revision) })
    }
}

impl Handler<RemoveLayerVersionPermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: RemoveLayerVersionPermissionInput,
    ) -> Result<RemoveLayerVersionPermissionOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let number = number(input.version_number)?;

        self.store
            .write(&name.scope, |tx| {
                let mut layer = find(tx, &name, number)?;
                require_revision(&layer, input.revision_id.as_deref())?;
                let before = layer.policy.len();
                layer.policy.retain(|statement| statement.id != input.statement_id);
                if layer.policy.len() == before {
                    return Err(errors::no_such_statement(&input.statement_id));
                }
                layer.revision = cx.ids.uuid();
                Ok(tx.put(&LAYER_VERSIONS, &(name.name.as_str(), number), &layer)?)
            })
            .await?;

        Ok(RemoveLayerVersionPermissionOutput {})
    }
}

fn find(tx: &ReadTx<'_>, name: &LayerName, number: u64) -> Result<LayerVersion, LambdaError> {
    let layer = LayerVersion::find(tx, name, number)?;
    layer.ok_or_else(|| errors::not_found(errors::no_such_layer(&name.version_arn(number))))
}

fn require_revision(layer: &LayerVersion, revision: Option<&str>) -> Result<(), LambdaError> {
    match revision {
        Some(revision) if revision != layer.revision => Err(errors::other_revision_than("GetLayerPolicy")),
        _ => Ok(()),
    }
}

fn statement(input: &AddLayerVersionPermissionInput, arn: &str) -> Statement {
    let mut statement = json!({
        "Sid": input.statement_id,
        "Effect": "Allow",
        "Principal": policy::principal(&input.principal),
        "Action": input.action,
        "Resource": arn,
    });
    if let Some(organisation) = &input.organization_id {
        statement["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": organisation } });
    }
    Statement { id: input.statement_id.clone(), text: statement.to_string() }
}
