//! Provisioned concurrency: environments that versions and aliases have for themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Fault, Timestamp};
use runner::{FunctionSpec, Runner};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::alias::ALIASES;
use crate::function::FUNCTIONS;
use crate::limits;

/// By function and qualifier.
pub static PROVISIONED: Table<(String, String), Provisioned> = Table::regional("lambda.provisioned");

/// The environments of a version or an alias.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provisioned {
    /// How many there are to be.
    pub count: i32,
    /// When it was said.
    pub modified: Timestamp,
}

/// All environments that a function has for itself, but for those of one qualifier.
pub fn total(tx: &ReadTx<'_>, function: &str, except: Option<&str>) -> Result<i32, Fault> {
    let mut total = 0;
    for row in tx.prefix(&PROVISIONED, &(function,)) {
        let ((_, qualifier), provisioned) = row?;
        if Some(qualifier.as_str()) != except {
            total += provisioned.count;
        }
    }
    Ok(total)
}

/// How many invocations of the account belong to functions, but for one of them.
pub fn claimed(tx: &ReadTx<'_>, except: Option<&str>) -> Result<i32, Fault> {
    let mut claimed = 0;
    for row in tx.range(&FUNCTIONS, ..) {
        let (name, function) = row?;
        if Some(name.as_str()) != except {
            claimed += match function.reserved {
                Some(reserved) => reserved,
                None => total(tx, &name, None)?,
            };
        }
    }
    Ok(claimed)
}

/// Forgets what a function has, or one of its qualifiers.
pub fn forget(tx: &mut WriteTx<'_>, function: &str, qualifier: Option<&str>) -> Result<(), Fault> {
    if let Some(qualifier) = qualifier {
        return tx.delete(&PROVISIONED, &(function, qualifier)).map(drop);
    }
    let keys = tx.prefix(&PROVISIONED, &(function,)).keys().collect::<Result<Vec<_>, Fault>>()?;
    keys.iter().try_for_each(|key| tx.delete(&PROVISIONED, key).map(drop))
}

/// The qualifier that has environments for a version, be it the version itself or an alias, and how many.
pub fn of(tx: &ReadTx<'_>, function: &str, version: &str) -> Result<Option<(String, i32)>, Fault> {
    for row in tx.prefix(&PROVISIONED, &(function,)) {
        let ((_, qualifier), provisioned) = row?;
        let alias = tx.get(&ALIASES, &(function, qualifier.as_str()))?;
        if qualifier == version || alias.is_some_and(|alias| alias.version == version) {
            return Ok(Some((qualifier, provisioned.count)));
        }
    }
    Ok(None)
}

/// How far the environments of a version or an alias are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warmth {
    /// They are being started.
    Starting,
    /// They are there, or started when they are needed after a restart of the server.
    Ready,
    /// The code could not be started.
    Failed,
}

/// What is being started, by ARN; what is not here is ready.
#[derive(Clone, Default)]
pub struct Warming(Arc<Mutex<HashMap<String, (u64, Warmth)>>>);

impl Warming {
    /// How far they are.
    pub fn state(&self, arn: &str) -> Warmth {
        let states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        states.get(arn).map_or(Warmth::Ready, |(_, state)| *state)
    }

    /// Whether environments of that ARN were ever started.
    pub fn knows(&self, arn: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(arn)
    }

    /// A function is gone, with its versions and aliases, or one of them.
    pub fn forget(&self, arn: &str) {
        let concerns = |other: &str| {
            other.strip_prefix(arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|other, _| !concerns(other));
    }

    /// Starts environments behind the caller's back.
    pub fn start(&self, runner: Runner, spec: FunctionSpec, arn: String, count: i32) {
        let round = self.begin(&arn);
        let warming = self.clone();
        tokio::spawn(async move {
            for _ in 0..count.min(limits::WARMED) {
                if !matches!(runner.warm(&spec).await, Ok(true)) {
                    return warming.end(&arn, round, Warmth::Failed);
                }
            }
            warming.end(&arn, round, Warmth::Ready);
        });
    }

    /// Starts more environments of what is there already.
    pub fn grow(runner: Runner, spec: FunctionSpec, count: i32) {
        tokio::spawn(async move {
            for _ in 0..count.min(limits::WARMED) {
                if !matches!(runner.warm(&spec).await, Ok(true)) {
                    return;
                }
            }
        });
    }

    fn begin(&self, arn: &str) -> u64 {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let round = states.get(arn).map_or(0, |(round, _)| round + 1);
        states.insert(arn.to_owned(), (round, Warmth::Starting));
        round
    }

    /// What was said again in the meantime is told by the later round.
    fn end(&self, arn: &str, round: u64, state: Warmth) {
        let mut states = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = states.get_mut(arn).filter(|(known, _)| *known == round) {
            known.1 = state;
        }
    }
}
