//! The tokens by which callers repeat a transaction without doing it twice.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use std::time::Duration;

use api_dynamodb::{AttributeValue, DynamodbError, TransactWriteItem};
use kernel::{Map, Timestamp};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::item::Attributes;
use crate::{errors, limits};

/// The transactions that were done, by their tokens.
static TOKENS: Table<String, Row> = Table::regional("dynamodb.tokens");

/// The tokens by the time at which they end.
static ENDS: Table<(Timestamp, String), ()> = Table::regional("dynamodb.token-ends");

/// Old tokens that a new one takes along.
const SWEPT: usize = 8;

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    digest: [u8; 16],
    end: Timestamp,
}

/// A caller's token and a digest of what it is for.
pub struct Token {
    token: String,
    digest: [u8; 16],
}

/// Whether a transaction was done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was, and only its cost is to be answered.
    Before,
    /// It was not.
    Never,
}

impl Token {
    /// The token of a transaction. The order of attributes makes no difference.
    pub fn new(token: Option<&String>, items: &[TransactWriteItem]) -> Option<Self> {
        let token = token?.clone();
        let mut items = items.to_vec();
        items.iter_mut().for_each(sort);
        Some(Self::of_text(token, &format!("{items:?}")))
    }

    /// The token of a transaction that a text describes.
    pub fn of_text(token: String, text: &str) -> Self {
        Self { token, digest: Md5::digest(text).into() }
    }
}

/// Looks a token up, and keeps it if it is new. A transaction that fails forgets it again.
pub fn seen(tx: &mut WriteTx<'_>, token: Option<&Token>, now: Timestamp) -> Result<Seen, DynamodbError> {
    let Some(token) = token else { return Ok(Seen::Never) };
    if let Some(row) = tx.get(&TOKENS, token.token.as_str())?.filter(|row: &Row| row.end > now) {
        return if row.digest == token.digest { Ok(Seen::Before) } else { Err(errors::other_payload()) };
    }
    sweep(tx, now)?;
    let end = now + Duration::from_secs(limits::TOKEN_SECONDS);
    tx.put(&TOKENS, token.token.as_str(), &Row { digest: token.digest, end })?;
    tx.put(&ENDS, &(end, token.token.as_str()), &())?;
    Ok(Seen::Never)
}

/// Removes some tokens that have ended: more than come in, so that they do not pile up.
fn sweep(tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), DynamodbError> {
    let ended: Vec<(Timestamp, String)> = tx
        .keys(&ENDS)
        .take_while(|key| key.as_ref().map_or(true, |(end, _)| *end <= now))
        .take(SWEPT)
        .collect::<Result<_, _>>()?;
    for (end, token) in ended {
        tx.delete(&ENDS, &(end, token.as_str()))?;
        // A token that was used again ends later.
        if tx.get(&TOKENS, token.as_str())?.is_some_and(|row: Row| row.end <= now) {
            tx.delete(&TOKENS, token.as_str())?;
        }
    }
    Ok(())
}

fn sort(item: &mut TransactWriteItem) {
    if let Some(check) = &mut item.condition_check {
        sort_all(
            &mut check.key,
            &mut check.expression_attribute_names,
            &mut check.expression_attribute_values,
        );
    }
    if let Some(put) = &mut item.put {
        sort_all(&mut put.item, &mut put.expression_attribute_names, &mut put.expression_attribute_values);
    }
    if let Some(delete) = &mut item.delete {
        sort_all(
            &mut delete.key,
            &mut delete.expression_attribute_names,
            &mut delete.expression_attribute_values,
        );
    }
    if let Some(update) = &mut item.update {
        sort_all(
            &mut update.key,
            &mut update.expression_attribute_names,
            &mut update.expression_attribute_values,
        );
    }
}

fn sort_all(
    attributes: &mut Attributes,
    names: &mut Option<Map<String, String>>,
    values: &mut Option<Attributes>,
) {
    sort_attributes(attributes);
    names.iter_mut().for_each(Map::sort_keys);
    values.iter_mut().for_each(sort_attributes);
}

fn sort_attributes(attributes: &mut Attributes) {
    attributes.sort_keys();
    attributes.values_mut().for_each(sort_value);
}

fn sort_value(value: &mut AttributeValue) {
    match value {
        AttributeValue::M(map) => sort_attributes(map),
        AttributeValue::L(list) => list.iter_mut().for_each(sort_value),
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => set.sort(),
        AttributeValue::Bs(set) => set.sort(),
        _ => {}
    }
}
