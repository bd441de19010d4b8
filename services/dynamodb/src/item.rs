//! Items: attributes by name, and how they are kept.

use std::fmt;

use api_dynamodb::AttributeValue;
use kernel::Map;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::Table;

use crate::key::Address;
use crate::{codec, value};

/// Attributes by name.
pub type Attributes = Map<String, AttributeValue>;

/// Items, and the entries of indexes, by their address.
pub static ITEMS: Table<Address, Item> = Table::regional("dynamodb.items");

/// An item, or as much of it as an index has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item(pub Attributes);

impl Item {
    /// The bytes AWS counts.
    pub fn size(&self) -> usize {
        value::item_size(&self.0)
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(256);
        codec::encode(&self.0, &mut bytes);
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(ItemVisitor)
    }
}

struct ItemVisitor;

impl Visitor<'_> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of an item")
    }

    fn visit_bytes<E: Error>(self, mut bytes: &[u8]) -> Result<Item, E> {
        codec::decode(&mut bytes).map(Item).ok_or_else(|| E::custom("the bytes are no item"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_survives_its_bytes() {
        let nested = Attributes::from_iter([("x".to_owned(), AttributeValue::N("1.5".into()))]);
        let values = [
            AttributeValue::S("long ".repeat(100)),
            AttributeValue::N("-0.5".into()),
            AttributeValue::B(vec![0, 255].into()),
            AttributeValue::Ss(vec![String::new(), "a".into()]),
            AttributeValue::Ns(vec!["1".into()]),
            AttributeValue::Bs(vec![vec![1].into()]),
            AttributeValue::M(nested),
            AttributeValue::L(vec![AttributeValue::Bool(false), AttributeValue::Null(true)]),
            AttributeValue::Bool(true),
        ];
        let item: Attributes =
            values.into_iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect();
        let mut bytes = Vec::new();
        codec::encode(&item, &mut bytes);
        assert_eq!(codec::decode(&mut bytes.as_slice()), Some(item));
        assert_eq!(codec::decode(&mut &bytes[..bytes.len() - 1]), None);
    }
}
