//! `PublishVersion` and `ListVersionsByFunction`: what is worked on, kept under a number.

use api_lambda::{
    FunctionConfiguration, LambdaError, ListVersionsByFunction, ListVersionsByFunctionInput,
    ListVersionsByFunctionOutput, PublishVersion, PublishVersionInput,
};
use kernel::{Context, Fault, Handler};
use store::WriteTx;

use crate::function::{FUNCTIONS, Function, LATEST, PUBLISHED, VERSIONS};
use crate::names::FunctionName;
use crate::{Lambda, capacity, errors, paging};

const LIST: &str = "lambda.versions";

impl Handler<PublishVersion> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PublishVersionInput,
    ) -> Result<FunctionConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();

        let version = self
            .store
            .write(&name.scope, |tx| {
                let mut function = Function::get(tx, &name)?;
                function.require_revision(input.revision_id.as_deref())?;
                require_code(&function, input.code_sha256.as_deref())?;
                let description = input.description.clone();
                match input.publish_to {
                    Some(_) => publish_latest(cx, tx, &name, &mut function, description),
                    None => publish(cx, tx, &name, &mut function, description),
                }
            })
            .await?;

        self.publish_managed(cx, &name, &version).await?;
        let name = name.with(&version.version);
        Ok(version.describe(&name, self.moment(&name, &version)))
    }
}

impl Handler<ListVersionsByFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListVersionsByFunctionInput,
    ) -> Result<ListVersionsByFunctionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();

        let page = self.store.read(&name.scope, |tx| {
            let latest = Function::get(tx, &name)?;
            let published = tx.prefix(&VERSIONS, &(name.name.as_str(),)).map(|row| row.map(|(_, row)| row));
            let rows = std::iter::once(Ok::<_, Fault>(latest)).chain(published);
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |row| row.version.clone())
        })?;

        let versions = page.items.iter().map(|version| version.list(&name.with(&version.version))).collect();
        Ok(ListVersionsByFunctionOutput { versions: Some(versions), next_marker: page.next })
    }
}

fn require_code(function: &Function, sha256: Option<&str>) -> Result<(), LambdaError> {
    match sha256.filter(|sha256| !sha256.is_empty()) {
        Some(sha256) if sha256 != function.code.sha256 => {
            let current = &function.code.sha256;
            Err(errors::invalid(format!(
                "CodeSHA256 ({sha256}) is different from current CodeSHA256 in $LATEST ({current}). Please try again \
                 with the CodeSHA256 in $LATEST."
            )))
        }
        _ => Ok(()),
    }
}

/// Keeps the function under the next number, unless nothing has changed since the last.
pub fn publish(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    name: &FunctionName,
    function: &mut Function,
    description: Option<String>,
) -> Result<Function, LambdaError> {
    if function.last_version > 0
        && let Some(last) = tx.get(&VERSIONS, &(name.name.as_str(), function.last_version))?
        && is_same(&last, function)
    {
        return Ok(last);
    }
    capacity::require_room(tx, &function.configuration)?;
    function.last_version += 1;
    function.revision = cx.ids.uuid();
    tx.put(&FUNCTIONS, &name.name, function)?;
    let mut version = Function {
        version: function.last_version.to_string(),
        revision: cx.ids.uuid(),
        policy: Vec::new(),
        ..function.clone()
    };
    if let Some(description) = description.filter(|description| !description.is_empty()) {
        version.configuration.description = description;
    }
    version.put(tx, &name.name)?;
    debug_assert_ne!(version.version, LATEST);
    Ok(version)
}

/// Puts the function in the place of what was published last without a number.
pub fn publish_latest(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    name: &FunctionName,
    function: &mut Function,
    description: Option<String>,
) -> Result<Function, LambdaError> {
    if function.configuration.managed.is_none() {
        return Err(errors::managed_only("PublishTo"));
    }
    let before = Function::find(tx, &name.with(PUBLISHED))?;
    if before.is_none() {
        capacity::require_room(tx, &function.configuration)?;
    }
    function.revision = cx.ids.uuid();
    tx.put(&FUNCTIONS, &name.name, function)?;
    let mut version = Function {
        version: PUBLISHED.to_owned(),
        revision: cx.ids.uuid(),
        policy: before.as_ref().map(|before| before.policy.clone()).unwrap_or_default(),
        // Settings of scaling stay with the next versions of that name.
        scaling: before.as_ref().and_then(|before| before.scaling),
        ..function.clone()
    };
    if let Some(description) = description.filter(|description| !description.is_empty()) {
        version.configuration.description = description;
    }
    version.put(tx, &name.name)?;
    if let Some(before) = before {
        before.code.release(tx, &name.name)?;
    }
    Ok(version)
}

/// A description alone makes no version.
fn is_same(last: &Function, function: &Function) -> bool {
    last.edition == function.edition
}
