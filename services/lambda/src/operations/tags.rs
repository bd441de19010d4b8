//! `TagResource`, `UntagResource` and `ListTags`: of functions, capacity providers, code signing configurations and event source mappings.

use api_lambda::{
    LambdaError, ListTags, ListTagsInput, ListTagsOutput, TagResource, TagResourceInput, TagResourceOutput,
    UntagResource, UntagResourceInput, UntagResourceOutput,
};
use kernel::tags::Tags;
use kernel::{Arn, Context, Handler, Scope};
use store::{ReadTx, WriteTx};

use crate::capacity::PROVIDERS;
use crate::function::{FUNCTIONS, Function};
use crate::mapping::MAPPINGS;
use crate::names::FunctionName;
use crate::signing::SIGNING;
use crate::{Lambda, errors, limits};

impl Handler<TagResource> for Lambda {
    async fn handle(&self, cx: &Context, input: TagResourceInput) -> Result<TagResourceOutput, LambdaError> {
        if input.tags.is_empty() {
            return Err(errors::invalid("An error occurred and the request cannot be processed."));
        }
        let tagged = Tagged::parse(cx, &input.resource)?;

        self.store
            .write(tagged.scope(), |tx| {
                let mut tags = tagged.tags(tx)?;
                tags.extend(input.tags.clone());
                if tags.len() > limits::TAGS {
                    return Err(errors::invalid("Number of tags exceeds resource tag limit."));
                }
                tagged.set(cx, tx, tags)
            })
            .await?;

        Ok(TagResourceOutput {})
    }
}

impl Handler<UntagResource> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UntagResourceInput,
    ) -> Result<UntagResourceOutput, LambdaError> {
        let tagged = Tagged::parse(cx, &input.resource)?;

        self.store
            .write(tagged.scope(), |tx| {
                let mut tags = tagged.tags(tx)?;
                tags.retain(|key, _| !input.tag_keys.contains(key));
                tagged.set(cx, tx, tags)
            })
            .await?;

        Ok(UntagResourceOutput {})
    }
}

impl Handler<ListTags> for Lambda {
    async fn handle(&self, cx: &Context, input: ListTagsInput) -> Result<ListTagsOutput, LambdaError> {
        let tagged = Tagged::parse(cx, &input.resource)?;

        let tags = self.store.read(tagged.scope(), |tx| tagged.tags(tx))?;

        Ok(ListTagsOutput { tags: Some(tags) })
    }
}

/// What has tags.
struct Tagged {
    arn: String,
    kind: Kind,
}

enum Kind {
    Function(FunctionName),
    Mapping(Scope, String),
    Provider(Scope, String),
    Signing(Scope, String),
}

impl Tagged {
    /// What an ARN names, whether it is there or not.
    fn parse(cx: &Context, text: &str) -> Result<Self, LambdaError> {
        let of = |kind| Ok(Self { arn: text.to_owned(), kind });
        let Some(arn) = Arn::parse(text) else { return Err(missing(text)) };
        let (kind, id) = arn.resource.split_once(':').unwrap_or((arn.resource.as_str(), ""));
        let is_here = arn.scope(&cx.scope) == cx.scope;
        match kind {
            "function" => {
                let name = FunctionName::parse(cx, text, None)?;
                if name.qualifier.is_some() {
                    return Err(errors::invalid(
                        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
                    ));
                }
                of(Kind::Function(name))
            }
            "event-source-mapping" if is_here => of(Kind::Mapping(cx.scope.clone(), id.to_owned())),
            "capacity-provider" if is_here => of(Kind::Provider(cx.scope.clone(), id.to_owned())),
            "code-signing-config" if is_here => of(Kind::Signing(cx.scope.clone(), id.to_owned())),
            _ => Err(missing(text)),
        }
    }

    fn scope(&self) -> &Scope {
        match &self.kind {
            Kind::Function(name) => &name.scope,
            Kind::Mapping(scope, _) | Kind::Provider(scope, _) | Kind::Signing(scope, _) => scope,
        }
    }

    fn tags(&self, tx: &ReadTx<'_>) -> Result<Tags, LambdaError> {
        let found = match &self.kind {
            Kind::Function(name) => return Ok(Function::get(tx, name)?.tags),
            Kind::Mapping(_, id) => tx.get(&MAPPINGS, id)?.map(|mapping| mapping.tags),
            Kind::Provider(_, name) => tx.get(&PROVIDERS, name)?.map(|provider| provider.tags),
            Kind::Signing(_, id) => tx.get(&SIGNING, id)?.map(|signing| signing.tags),
        };
        found.ok_or_else(|| missing(&self.arn))
    }

    fn set(&self, cx: &Context, tx: &mut WriteTx<'_>, tags: Tags) -> Result<(), LambdaError> {
        match &self.kind {
            Kind::Function(name) => {
                let function = Function::get(tx, name)?;
                let changed = Function { tags, revision: cx.ids.uuid(), ..function };
                tx.put(&FUNCTIONS, &name.name, &changed)?;
            }
            Kind::Mapping(_, id) => {
                let mut mapping = tx.get(&MAPPINGS, id)?.ok_or_else(|| missing(&self.arn))?;
                mapping.tags = tags;
                tx.put(&MAPPINGS, id, &mapping)?;
            }
            Kind::Provider(_, name) => {
                let mut provider = tx.get(&PROVIDERS, name)?.ok_or_else(|| missing(&self.arn))?;
                provider.tags = tags;
                tx.put(&PROVIDERS, name, &provider)?;
            }
            Kind::Signing(_, id) => {
                let mut signing = tx.get(&SIGNING, id)?.ok_or_else(|| missing(&self.arn))?;
                signing.tags = tags;
                tx.put(&SIGNING, id, &signing)?;
            }
        }
        Ok(())
    }
}

/// Nothing of that ARN.
fn missing(arn: &str) -> LambdaError {
    let kind = arn.split(':').nth(5).unwrap_or_default();
    match kind {
        "event-source-mapping" => errors::not_found(format!("Event source mapping not found: {arn}")),
        "capacity-provider" => errors::no_such_provider(arn),
        "code-signing-config" => errors::no_such_signing(arn),
        _ => errors::no_such_resource(),
    }
}
