//! Attribute values: which are valid, how large they are, how they compare.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::Hash;

use api_dynamodb::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::item::Attributes;
use crate::{limits, number};

/// The name of a value's type, as AWS writes it.
pub fn type_name(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::S(_) => "S",
        AttributeValue::N(_) => "N",
        AttributeValue::B(_) => "B",
        AttributeValue::Ss(_) => "SS",
        AttributeValue::Ns(_) => "NS",
        AttributeValue::Bs(_) => "BS",
        AttributeValue::M(_) => "M",
        AttributeValue::L(_) => "L",
        AttributeValue::Null(_) => "NULL",
        AttributeValue::Bool(_) => "BOOL",
        AttributeValue::Unknown => "",
    }
}

/// What an empty string or binary is, in AWS's words: no key can be one.
pub fn empty_kind(value: &AttributeValue) -> Option<&'static str> {
    match value {
        AttributeValue::S(text) if text.is_empty() => Some("string"),
        AttributeValue::B(bytes) if bytes.is_empty() => Some("binary"),
        _ => None,
    }
}

/// Checks all values and writes their numbers as AWS prints them.
pub fn normalise_all(attributes: &mut Attributes) -> Result<(), String> {
    attributes.values_mut().try_for_each(normalise)
}

/// Checks a value and writes its numbers as AWS prints them.
pub fn normalise(value: &mut AttributeValue) -> Result<(), String> {
    nested(value, 0)
}

/// Checks that an item which was updated has no value that is nested too deep.
pub fn check_depth(attributes: &Attributes) -> Result<(), String> {
    fn fits(value: &AttributeValue, room: usize) -> bool {
        let Some(room) = room.checked_sub(1) else { return false };
        match value {
            AttributeValue::M(map) => map.values().all(|value| fits(value, room)),
            AttributeValue::L(list) => list.iter().all(|value| fits(value, room)),
            _ => true,
        }
    }
    let fits = attributes.values().all(|value| fits(value, limits::NESTING));
    if fits { Ok(()) } else { Err(TOO_DEEP.to_owned()) }
}

const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond \
                        supported limit";

fn nested(value: &mut AttributeValue, depth: usize) -> Result<(), String> {
    if depth >= limits::NESTING {
        return Err(TOO_DEEP.to_owned());
    }
    match value {
        AttributeValue::N(text) => number::normalise(text),
        AttributeValue::Null(false) => invalid("Null attribute value types must have the value of true"),
        AttributeValue::Ss(set) if set.is_empty() => invalid("An string set  may not be empty"),
        AttributeValue::Ns(set) if set.is_empty() => invalid("An number set  may not be empty"),
        AttributeValue::Bs(set) if set.is_empty() => invalid("Binary sets should not be empty"),
        AttributeValue::Ss(set) if has_duplicates(set) => {
            invalid(&format!("Input collection [{}] contains duplicates.", set.join(", ")))
        }
        AttributeValue::Ns(set) => {
            set.iter_mut().try_for_each(number::normalise)?;
            if has_duplicates(set) { Err("Input collection contains duplicates".to_owned()) } else { Ok(()) }
        }
        AttributeValue::Bs(set) if has_duplicates(set) => {
            let members: Vec<_> = set.iter().map(|member| STANDARD.encode(member)).collect();
            invalid(&format!("Input collection [{}]of type BS contains duplicates.", members.join(", ")))
        }
        AttributeValue::M(map) => map.values_mut().try_for_each(|value| nested(value, depth + 1)),
        AttributeValue::L(list) => list.iter_mut().try_for_each(|value| nested(value, depth + 1)),
        _ => Ok(()),
    }
}

fn invalid(what: &str) -> Result<(), String> {
    Err(format!("One or more parameter values were invalid: {what}"))
}

fn has_duplicates<T: Eq + Hash>(set: &[T]) -> bool {
    let mut seen = HashSet::with_capacity(set.len());
    !set.iter().all(|member| seen.insert(member))
}

/// The bytes AWS counts for an item: names and values.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
pub fn item_size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + size(value)).sum()
}

/// The bytes AWS counts for a value.
pub fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(text) => number::size(text),
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::Ss(set) => set.iter().map(String::len).sum(),
        AttributeValue::Ns(set) => set.iter().map(|text| number::size(text)).sum(),
        AttributeValue::Bs(set) => set.iter().map(|bytes| bytes.len()).sum(),
        // Lists and maps cost three bytes, and one for each element.
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.len() + item_size(map),
        AttributeValue::Null(_) | AttributeValue::Bool(_) => 1,
        AttributeValue::Unknown => 0,
    }
}

/// Whether two values are the same; sets have no order.
pub fn equal(left: &AttributeValue, right: &AttributeValue) -> bool {
    match (left, right) {
        (AttributeValue::Ss(left), AttributeValue::Ss(right))
        | (AttributeValue::Ns(left), AttributeValue::Ns(right)) => same_members(left, right),
        (AttributeValue::Bs(left), AttributeValue::Bs(right)) => same_members(left, right),
        (AttributeValue::L(left), AttributeValue::L(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (AttributeValue::M(left), AttributeValue::M(right)) => {
            let same = |(name, value)| right.get(name).is_some_and(|other| equal(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => left == right,
    }
}

fn same_members<T: PartialEq>(left: &[T], right: &[T]) -> bool {
    left.len() == right.len() && left.iter().all(|member| right.contains(member))
}

/// The order of two values; only strings, numbers and binaries of the same type have one.
pub fn compare(left: &AttributeValue, right: &AttributeValue) -> Option<Ordering> {
    match (left, right) {
        (AttributeValue::S(left), AttributeValue::S(right)) => Some(left.cmp(right)),
        (AttributeValue::N(left), AttributeValue::N(right)) => Some(number::compare(left, right)),
        (AttributeValue::B(left), AttributeValue::B(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

/// Whether a string or binary begins with another, as `begins_with` tells.
pub fn begins_with(value: &AttributeValue, start: &AttributeValue) -> bool {
    match (value, start) {
        (AttributeValue::S(value), AttributeValue::S(start)) => value.starts_with(start.as_str()),
        (AttributeValue::B(value), AttributeValue::B(start)) => value.starts_with(start),
        _ => false,
    }
}

/// Whether a text has a part, a set a member or a list an element, as `contains` tells.
pub fn contains(value: &AttributeValue, part: &AttributeValue) -> bool {
    match (value, part) {
        (AttributeValue::S(value), AttributeValue::S(part)) => value.contains(part.as_str()),
        (AttributeValue::B(value), AttributeValue::B(part)) => {
            part.is_empty() || value.windows(part.len()).any(|window| window == part)
        }
        (AttributeValue::Ss(set), AttributeValue::S(part))
        | (AttributeValue::Ns(set), AttributeValue::N(part)) => set.contains(part),
        (AttributeValue::Bs(set), AttributeValue::B(part)) => set.contains(part),
        (AttributeValue::L(list), part) => list.iter().any(|element| equal(element, part)),
        _ => false,
    }
}

/// What `size` tells of a value; numbers and booleans have none.
pub fn length(value: &AttributeValue) -> Option<usize> {
    match value {
        AttributeValue::S(text) => Some(text.chars().count()),
        AttributeValue::B(bytes) => Some(bytes.len()),
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => Some(set.len()),
        AttributeValue::Bs(set) => Some(set.len()),
        AttributeValue::L(list) => Some(list.len()),
        AttributeValue::M(map) => Some(map.len()),
        _ => None,
    }
}

/// A value as AWS prints it in its messages.
pub fn printed(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => format!("{{S:{text}}}"),
        AttributeValue::N(text) => format!("{{N:{text}}}"),
        AttributeValue::B(bytes) => format!("{{B:{}}}", STANDARD.encode(bytes)),
        other => format!("{{{}}}", type_name(other)),
    }
}
