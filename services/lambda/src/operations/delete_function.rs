//! `DeleteFunction`: removes a function with all that belongs to it, or one of its versions.

use api_lambda::{DeleteFunction, DeleteFunctionInput, DeleteFunctionOutput, LambdaError};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::alias::{ALIASES, Alias};
use crate::function::{Function, VERSIONS};
use crate::names::{FunctionName, Qualifier};
use crate::{Lambda, errors, invoke_config, provisioned, url};

impl Handler<DeleteFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionInput,
    ) -> Result<DeleteFunctionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
        if name.qualifier.as_deref() == Some("$LATEST") {
            return Err(errors::invalid("$LATEST version cannot be deleted without deleting the function."));
        }

        self.store
            .write(&name.scope, |tx| match name.kind() {
                Qualifier::Latest => delete_all(tx, &name),
                Qualifier::Published | Qualifier::Version(_) => delete_version(tx, &name),
                Qualifier::Alias(_) => {
                    Err(errors::invalid("Deletion of aliases is not currently supported."))
                }
            })
            .await?;

        self.litter();
        self.warming.forget(&name.arn());
        self.runner.retire(&name.arn()).await;
        Ok(DeleteFunctionOutput { status_code: Some(204) })
    }
}

fn delete_all(tx: &mut WriteTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
    let function = Function::get(tx, name)?;
    let versions = tx.prefix(&VERSIONS, &(name.name.as_str(),)).collect::<Result<Vec<_>, Fault>>()?;
    function.remove(tx, &name.name)?;
    for (_, version) in versions {
        version.remove(tx, &name.name)?;
    }
    let aliases = tx.prefix(&ALIASES, &(name.name.as_str(),)).keys().collect::<Result<Vec<_>, Fault>>()?;
    for key in aliases {
        tx.delete(&ALIASES, &key)?;
    }
    invoke_config::forget(tx, &name.name, None)?;
    provisioned::forget(tx, &name.name, None)?;
    Ok(url::forget(tx, &name.name, None)?)
}

/// A version that is not there is deleted too, as long as the function is there.
fn delete_version(tx: &mut WriteTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
    if Function::find(tx, &name.plain())?.is_none() {
        return Err(errors::no_such_function(&name.plain_arn()));
    }
    let number = name.key();
    let uses = |alias: &Alias| alias.version == number || alias.weights.contains_key(number);
    let mut users = Vec::new();
    for row in tx.prefix(&ALIASES, &(name.name.as_str(),)) {
        let (_, alias) = row?;
        if uses(&alias) {
            users.push(alias.name);
        }
    }
    if !users.is_empty() {
        let users = users.join(", ");
        return Err(errors::conflict(format!(
            "Version {number} is currently referenced by alias {users}. Please remove the alias before deleting it."
        )));
    }
    if let Some(version) = Function::find(tx, name)? {
        version.remove(tx, &name.name)?;
    }
    invoke_config::forget(tx, &name.name, Some(name.key()))?;
    Ok(provisioned::forget(tx, &name.name, Some(name.key()))?)
}
