//! Keys: which attributes they are, and where an item lies in the store.

use api_dynamodb::{AttributeValue, DynamodbError};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use store::{Key, KeyRef, Stem};

use crate::item::Attributes;
use crate::{errors, limits, number, value};

/// The attributes of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySchema {
    /// The partition key.
    pub hash: KeyAttribute,
    /// The sort key.
    pub range: Option<KeyAttribute>,
}

/// One attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Scalar,
}

/// The types a key attribute can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scalar {
    /// A string.
    S,
    /// A number.
    N,
    /// Bytes.
    B,
}

/// The address of an item's row: number of the table, index, hash of the partition key, partition key, sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address(pub Vec<u8>);

impl KeyRef for Address {
    type Key = Self;

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Key for Address {
    type Parts = (Self,);

    fn decode(input: &mut &[u8]) -> Option<Self> {
        Some(Self(std::mem::take(input).to_vec()))
    }
}

impl Scalar {
    /// The type as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }

    /// Whether a value has this type.
    pub fn fits(self, value: &AttributeValue) -> bool {
        value::type_name(value) == self.as_str()
    }
}

impl KeySchema {
    /// The attributes, the partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    /// Whether the key has an attribute of that name.
    pub fn has(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    /// The key's attributes of an item.
    pub fn of(&self, item: &Attributes) -> Attributes {
        let part = |key: &KeyAttribute| Some((key.name.clone(), item.get(&key.name)?.clone()));
        self.attributes().filter_map(part).collect()
    }

    /// Checks a key as callers give it: all of its attributes and no others.
    pub fn check(&self, key: &Attributes) -> Result<(), DynamodbError> {
        if key.len() != self.attributes().count() {
            return Err(errors::key_mismatch());
        }
        for attribute in self.attributes() {
            let value = key.get(&attribute.name).filter(|value| attribute.kind.fits(value));
            let value = value.ok_or_else(errors::key_mismatch)?;
            self.check_value(attribute, value)?;
        }
        Ok(())
    }

    /// Checks the key of an item that is to be put.
    pub fn check_item(&self, item: &Attributes) -> Result<(), DynamodbError> {
        for attribute in self.attributes() {
            let name = &attribute.name;
            let value = item
                .get(name)
                .ok_or_else(|| errors::invalid(format_args!("Missing the key {name} in the item")))?;
            if !attribute.kind.fits(value) {
                let (expected, actual) = (attribute.kind.as_str(), value::type_name(value));
                return Err(errors::invalid(format_args!(
                    "Type mismatch for key {name} expected: {expected} actual: {actual}"
                )));
            }
            self.check_value(attribute, value)?;
        }
        Ok(())
    }

    /// Checks that no part of the key is empty.
    pub fn check_filled(&self, item: &Attributes) -> Result<(), DynamodbError> {
        for attribute in self.attributes() {
            if let Some(kind) = item.get(&attribute.name).and_then(value::empty_kind) {
                return Err(errors::empty_key(kind, &attribute.name));
            }
        }
        Ok(())
    }

    fn check_value(&self, attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), DynamodbError> {
        match value::empty_kind(value) {
            Some(kind) => Err(errors::empty_key(kind, &attribute.name)),
            None => self.check_size(attribute, value),
        }
    }

    /// Checks the length of one part of the key.
    pub fn check_size(&self, attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), DynamodbError> {
        let length = match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::B(bytes) => bytes.len(),
            _ => 0,
        };
        if attribute.name == self.hash.name {
            return if length > limits::PARTITION_KEY { Err(errors::long_partition_key()) } else { Ok(()) };
        }
        if length > limits::SORT_KEY { Err(errors::long_sort_key()) } else { Ok(()) }
    }

    /// The address of an item in the index of that number; 0 is the table itself.
    pub fn address(&self, table: u32, index: u16, item: &Attributes) -> Option<Address> {
        let mut bytes = partition(table, index, item.get(&self.hash.name)?);
        if let Some(range) = &self.range {
            end(item.get(&range.name)?, &mut bytes);
        }
        Some(Address(bytes))
    }
}

/// The beginning of all addresses of a table, or of one index of it.
pub fn place(table: u32, index: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    table.encode(&mut bytes);
    index.encode(&mut bytes);
    bytes
}

/// The beginning of the addresses of all items with that partition key.
pub fn partition(table: u32, index: u16, hash: &AttributeValue) -> Vec<u8> {
    let mut bytes = place(table, index);
    let key = encoded(hash);
    bytes.extend_from_slice(&bucket(&key));
    key.as_ref().encode(&mut bytes);
    bytes
}

/// Where a partition lies: the first bytes of a digest. That DynamoDB spreads partitions by this one is a public
/// implementation's account (dynalite), not AWS's word.
fn bucket(key: &[u8]) -> [u8; 4] {
    let digest = Md5::new().chain_update(b"Outliers").chain_update(key).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Appends a key's value so that values sort and one ends before the next begins.
pub fn end(value: &AttributeValue, out: &mut Vec<u8>) {
    encoded(value).as_ref().encode(out);
}

/// Appends the beginning of a key's value.
pub fn stem(value: &AttributeValue, out: &mut Vec<u8>) {
    encoded(value).as_ref().encode_stem(out);
}

/// A key's value as bytes that sort as DynamoDB sorts.
fn encoded(value: &AttributeValue) -> std::borrow::Cow<'_, [u8]> {
    match value {
        AttributeValue::S(text) => text.as_bytes().into(),
        AttributeValue::B(bytes) => bytes.as_ref().into(),
        AttributeValue::N(text) => number::encoded(text).into(),
        _ => Vec::new().into(),
    }
}
