//! Whose request it is and where: account and region.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A 12-digit AWS account number.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AccountId(Arc<str>);

/// An AWS region, such as `us-east-1`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Region(Arc<str>);

/// The account and region in which a request acts; tables add it to their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

macro_rules! text {
    ($name:ident, $default:literal) => {
        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(AccountId, "000000000000");
text!(Region, "us-east-1");

impl Scope {
    /// The scope of that account and region.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.into(), region: region.into() }
    }
}
