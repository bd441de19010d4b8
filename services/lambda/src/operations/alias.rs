//! `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `GetAlias` and `ListAliases`.

use api_lambda::{
    AliasConfiguration, CreateAlias, CreateAliasInput, DeleteAlias, DeleteAliasInput, DeleteAliasOutput,
    GetAlias, GetAliasInput, LambdaError, ListAliases, ListAliasesInput, ListAliasesOutput, UpdateAlias,
    UpdateAliasInput,
};
use kernel::{Context, Handler};

use crate::alias::{ALIASES, Alias};
use crate::function::Function;
use crate::names::FunctionName;
use crate::{Lambda, errors, invoke_config, paging, provisioned, url};

const LIST: &str = "lambda.aliases";

impl Handler<CreateAlias> for Lambda {
    async fn handle(&self, cx: &Context, input: CreateAliasInput) -> Result<AliasConfiguration, LambdaError> {
        // Numbers are versions.
        if input.name.bytes().all(|byte| byte.is_ascii_digit()) {
            let pattern = "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)";
            return Err(errors::breaks(&input.name, "name", pattern));
        }
        let name = FunctionName::parse(cx, &input.function_name, None)?;
        let weights = input.routing_config.and_then(|routing| routing.additional_version_weights);
        let alias = Alias {
            name: input.name,
            version: input.function_version,
            description: input.description.unwrap_or_default(),
            weights: weights.unwrap_or_default(),
            revision: cx.ids.uuid(),
            policy: Vec::new(),
        };

        self.store
            .write(&name.scope, |tx| {
                alias.check(tx, &name)?;
                let key = (name.name.as_str(), alias.name.as_str());
                if tx.contains(&ALIASES, &key)? {
                    let arn = name.with(&alias.name).arn();
                    return Err(errors::conflict(format!("Alias already exists: {arn}")));
                }
                Ok(tx.put(&ALIASES, &key, &alias)?)
            })
            .await?;

        Ok(alias.describe(&name))
    }
}

impl Handler<UpdateAlias> for Lambda {
    async fn handle(&self, cx: &Context, input: UpdateAliasInput) -> Result<AliasConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;
        let weights = input.routing_config.clone();
        let weights = weights.map(|routing| routing.additional_version_weights.unwrap_or_default());

        let alias = self
            .store
            .write(&name.scope, |tx| {
                let key = (name.name.as_str(), input.name.as_str());
                let missing =
                    || errors::not_found(format!("Alias not found: {}", name.with(&input.name).arn()));
                let mut alias = tx.get(&ALIASES, &key)?.ok_or_else(missing)?;
                if input.revision_id.as_ref().is_some_and(|revision| *revision != alias.revision) {
                    return Err(errors::other_revision());
                }
                change(&mut alias, &input);
                if let Some(weights) = &weights {
                    alias.weights.clone_from(weights);
                }
                alias.check(tx, &name)?;
                alias.revision = cx.ids.uuid();
                tx.put(&ALIASES, &key, &alias)?;
                Ok(alias)
            })
            .await?;

        Ok(alias.describe(&name))
    }
}

fn change(alias: &mut Alias, input: &UpdateAliasInput) {
    if let Some(version) = &input.function_version {
        alias.version.clone_from(version);
    }
    if let Some(description) = &input.description {
        alias.description.clone_from(description);
    }
}

impl Handler<DeleteAlias> for Lambda {
    async fn handle(&self, cx: &Context, input: DeleteAliasInput) -> Result<DeleteAliasOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        // An alias that is not there is deleted too.
        self.store
            .write(&name.scope, |tx| {
                tx.delete(&ALIASES, &(name.name.as_str(), input.name.as_str()))?;
                invoke_config::forget(tx, &name.name, Some(&input.name))?;
                provisioned::forget(tx, &name.name, Some(&input.name))?;
                url::forget(tx, &name.name, Some(&input.name))?;
                Ok::<_, LambdaError>(())
            })
            .await?;

        Ok(DeleteAliasOutput {})
    }
}

impl Handler<GetAlias> for Lambda {
    async fn handle(&self, cx: &Context, input: GetAliasInput) -> Result<AliasConfiguration, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?;

        let key = (name.name.as_str(), input.name.as_str());
        let alias = self.store.read(&name.scope, |tx| tx.get(&ALIASES, &key))?;
        let alias = alias.ok_or_else(|| errors::no_such_alias(&name.with(&input.name).arn()))?;

        Ok(alias.describe(&name))
    }
}

impl Handler<ListAliases> for Lambda {
    async fn handle(&self, cx: &Context, input: ListAliasesInput) -> Result<ListAliasesOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, None)?.plain();

        let page = self.store.read(&name.scope, |tx| {
            Function::get(tx, &name)?;
            let is_asked = |alias: &Alias| {
                input.function_version.as_ref().is_none_or(|version| alias.version == *version)
            };
            let rows = tx.prefix(&ALIASES, &(name.name.as_str(),)).map(|row| row.map(|(_, alias)| alias));
            let rows = rows.filter(|row| row.as_ref().is_ok_and(is_asked) || row.is_err());
            paging::cut(rows, LIST, input.marker.as_deref(), input.max_items, |alias| alias.name.clone())
        })?;

        let aliases = page.items.iter().map(|alias| alias.describe(&name)).collect();
        Ok(ListAliasesOutput { aliases: Some(aliases), next_marker: page.next })
    }
}
