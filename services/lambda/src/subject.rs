//! What has a resource policy: functions, versions and aliases.

use api_lambda::LambdaError;
use kernel::{Context, Fault};
use store::{ReadTx, WriteTx};

use crate::alias::{ALIASES, Alias};
use crate::errors;
use crate::function::Function;
use crate::names::{FunctionName, Qualifier};
use crate::policy::Statement;

/// What has a policy.
pub enum Subject {
    /// A function or a version.
    Function(Box<Function>),
    /// An alias.
    Alias(Box<Alias>),
}

impl Subject {
    /// What a caller names, if it is there.
    pub fn find(tx: &ReadTx<'_>, name: &FunctionName) -> Result<Option<Self>, Fault> {
        match name.kind() {
            Qualifier::Alias(alias) => {
                let alias = tx.get(&ALIASES, &(name.name.as_str(), alias))?;
                Ok(alias.map(|alias| Self::Alias(Box::new(alias))))
            }
            _ => Ok(Function::find(tx, name)?.map(|function| Self::Function(Box::new(function)))),
        }
    }

    /// Its statements.
    pub fn policy(&mut self) -> &mut Vec<Statement> {
        match self {
            Self::Function(function) => &mut function.policy,
            Self::Alias(alias) => &mut alias.policy,
        }
    }

    /// Changes with every change.
    pub fn revision(&self) -> &str {
        match self {
            Self::Function(function) => &function.revision,
            Self::Alias(alias) => &alias.revision,
        }
    }

    /// Refuses if the caller has seen another revision with that operation.
    pub fn require_revision(&self, revision: Option<&str>, operation: &str) -> Result<(), LambdaError> {
        match revision {
            Some(revision) if revision != self.revision() => Err(errors::other_revision_than(operation)),
            _ => Ok(()),
        }
    }

    /// Writes it back; answers its new revision.
    pub fn save(
        self,
        cx: &Context,
        tx: &mut WriteTx<'_>,
        name: &FunctionName,
    ) -> Result<String, LambdaError> {
        let revision = cx.ids.uuid();
        match self {
            Self::Function(mut function) => {
                function.revision.clone_from(&revision);
                function.put(tx, &name.name)?;
            }
            Self::Alias(mut alias) => {
                alias.revision.clone_from(&revision);
                let key = (name.name.as_str(), alias.name.as_str());
                tx.put(&ALIASES, &key, &*alias)?;
            }
        }
        Ok(revision)
    }
}
