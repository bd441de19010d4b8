//! `AddPermission`, `GetPolicy` and `RemovePermission`: the statements of a function, a version or an alias.

use api_lambda::{
    AddPermission, AddPermissionInput, AddPermissionOutput, GetPolicy, GetPolicyInput, GetPolicyOutput,
    LambdaError, RemovePermission, RemovePermissionInput, RemovePermissionOutput,
};
use kernel::{Context, Fault, Handler};
use store::{ReadTx, WriteTx};

use crate::alias::{ALIASES, Alias};
use crate::function::Function;
use crate::names::{FunctionName, Qualifier};
use crate::policy::{self, Statement};
use crate::{Lambda, alias, errors};

impl Handler<AddPermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: AddPermissionInput,
    ) -> Result<AddPermissionOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;
        if !policy::is_principal(&input.principal) {
            return Err(errors::invalid(
                "The provided principal was invalid. Please check the principal and try again.",
            ));
        }
        let statement = Statement::of(&input, &name.arn());

        self.store
            .write(&name.scope, |tx| {
                if !name.key().contains('$') && Function::find(tx, &name.plain())?.is_some() {
                    alias::require(tx, &name)?;
                }
                let subject = Subject::find(tx, &name)?;
                let mut subject = subject.ok_or_else(|| errors::no_such_function(&name.arn()))?;
                subject.require_revision(input.revision_id.as_deref())?;
                if subject.policy().iter().any(|known| known.id == statement.id) {
                    return Err(errors::statement_exists(&statement.id));
                }
                subject.policy().push(statement.clone());
                subject.save(cx, tx, &name)
            })
            .await?;

        Ok(AddPermissionOutput { statement: Some(statement.text) })
    }
}

impl Handler<GetPolicy> for Lambda {
    async fn handle(&self, cx: &Context, input: GetPolicyInput) -> Result<GetPolicyOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        let subject = self.store.read(&name.scope, |tx| Subject::find(tx, &name))?;
        let mut subject = subject.ok_or_else(errors::no_such_resource)?;
        if subject.policy().is_empty() {
            return Err(errors::no_such_resource());
        }

        let policy = policy::document(subject.policy());
        Ok(GetPolicyOutput { policy: Some(policy), revision_id: Some(subject.revision().to_owned()) })
    }
}

impl Handler<RemovePermission> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: RemovePermissionInput,
    ) -> Result<RemovePermissionOutput, LambdaError> {
        let name = named(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                if Function::find(tx, &name.plain())?.is_none() {
                    return Err(errors::no_policy_for(&name.arn()));
                }
                alias::require(tx, &name)?;
                let subject = Subject::find(tx, &name)?;
                let mut subject = subject.ok_or_else(|| errors::no_such_function(&name.arn()))?;
                if subject.policy().is_empty() {
                    return Err(errors::no_policy());
                }
                subject.require_revision(input.revision_id.as_deref())?;
                let before = subject.policy().len();
                subject.policy().retain(|statement| statement.id != input.statement_id);
                if subject.policy().len() == before {
                    return Err(errors::no_such_statement(&input.statement_id));
                }
                subject.save(cx, tx, &name)
            })
            .await?;

        Ok(RemovePermissionOutput {})
    }
}

fn named(cx: &Context, text: &str, qualifier: Option<&str>) -> Result<FunctionName, LambdaError> {
    let name = FunctionName::parse(cx, text, qualifier)?;
    match name.qualifier.as_deref() {
        Some("$LATEST") => Err(errors::invalid("We currently do not support adding policies for $LATEST.")),
        _ => Ok(name),
    }
}

/// What has a policy.
enum Subject {
    Function(Box<Function>),
    Alias(Box<Alias>),
}

impl Subject {
    fn find(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Option<Self>, Fault> {
        match name.kind() {
            Qualifier::Alias(alias) => {
                let alias = tx.get(&ALIASES, &(name.name.as_str(), alias))?;
                Ok(alias.map(|alias| Self::Alias(Box::new(alias))))
            }
            _ => Ok(Function::find(tx, name)?.map(|function| Self::Function(Box::new(function)))),
        }
    }

    fn policy(&mut self) -> &mut Vec<Statement> {
        match self {
            Self::Function(function) => &mut function.policy,
            Self::Alias(alias) => &mut alias.policy,
        }
    }

    fn revision(&self) -> &str {
        match self {
            Self::Function(function) => &function.revision,
            Self::Alias(alias) => &alias.revision,
        }
    }

    fn require_revision(&self, revision: Option<&str>) -> Result<(), LambdaError> {
        match revision {
            Some(revision) if revision != self.revision() => Err(errors::other_revision_than("GetPolicy")),
            _ => Ok(()),
        }
    }

    fn save(self, cx: &Context, tx: &mut WriteTx<'_>, name: &FunctionName) -> Result<(), LambdaError> {
        match self {
            Self::Function(mut function) => {
                function.revision = cx.ids.uuid();
                Ok(function.put(tx, &name.name)?)
            }
            Self::Alias(mut alias) => {
                alias.revision = cx.ids.uuid();
                let key = (name.name.as_str(), alias.name.as_str());
                Ok(tx.put(&ALIASES, &key, &*alias)?)
            }
        }
    }
}
