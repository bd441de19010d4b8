//! Provisioned concurrency: environments that versions and aliases have for themselves.

use kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::function::FUNCTIONS;

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
