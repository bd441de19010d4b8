//! `NextToken`: where a page ended, for that statement alone.

use api_dynamodb::{AttributeValue, DynamodbError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use crate::item::Attributes;
use crate::{codec, errors};

/// Where a page ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The partition to go on with, of those that were asked for.
    pub partition: usize,
    /// The last key read there, if any was.
    pub last: Option<Attributes>,
}

/// What tells a statement and its parameters from others.
pub struct Mark([u8; 16]);

impl Mark {
    /// The mark of a statement.
    pub fn new(statement: &str, parameters: &[AttributeValue]) -> Self {
        let mut bytes = statement.as_bytes().to_vec();
        let named = [(String::new(), AttributeValue::L(parameters.to_vec()))];
        codec::encode(&named.into_iter().collect(), &mut bytes);
        Self(Md5::digest(&bytes).into())
    }

    /// The token that callers get.
    pub fn token(&self, cursor: &Cursor) -> String {
        let mut bytes = self.0.to_vec();
        bytes.push(u8::try_from(cursor.partition).unwrap_or(u8::MAX));
        if let Some(last) = &cursor.last {
            codec::encode(last, &mut bytes);
        }
        STANDARD.encode(bytes)
    }

    /// Where the page ended that gave a token.
    pub fn cursor(&self, token: &str) -> Result<Cursor, DynamodbError> {
        let bytes = STANDARD.decode(token).map_err(|_| errors::validation("Invalid NextToken"))?;
        let (mark, rest) =
            bytes.split_at_checked(16).ok_or_else(|| errors::validation("Invalid NextToken"))?;
        if mark != self.0 {
            return Err(errors::validation("NextToken does not match request"));
        }
        let invalid = || errors::validation("Invalid NextToken");
        let (partition, mut rest) = rest.split_first().ok_or_else(invalid)?;
        let last = match rest {
            [] => None,
            _ => Some(codec::decode(&mut rest).ok_or_else(invalid)?),
        };
        Ok(Cursor { partition: usize::from(*partition), last })
    }
}
