//! What a condition says of a key, and what else it says.

use api_dynamodb::{AttributeValue, DynamodbError};

use crate::expression::{Comparison, Condition, KeyTest, Operand};
use crate::item::Attributes;
use crate::key::{KeyAttribute, KeySchema};
use crate::{errors, limits};

/// A condition, split by a key.
pub struct Split<'a> {
    /// The partition keys that are asked for; none when a scan is needed.
    pub hashes: Vec<&'a AttributeValue>,
    /// What sort keys must be.
    pub range: Option<KeyTest<'a>>,
    /// What else items must be.
    pub rest: Option<Condition<'a>>,
}

/// Splits a condition by the key of the table or index that is read.
pub fn split<'a>(key: &KeySchema, condition: Option<&Condition<'a>>) -> Result<Split<'a>, DynamodbError> {
    let mut terms = terms(condition);
    let hashes = take(&mut terms, |term| hashes(term, &key.hash.name)).unwrap_or_default();
    let range = match &key.range {
        Some(range) if !hashes.is_empty() => take(&mut terms, |term| test(term, &range.name)),
        _ => None,
    };
    if hashes.len() > limits::PARTIQL_PARTITIONS {
        let count = hashes.len();
        return Err(errors::validation(format!(
            "The IN operator is provided with too many operands; number of operands: {count}"
        )));
    }
    let fits = |attribute: &KeyAttribute, test: &KeyTest<'_>| match test {
        KeyTest::Compare(_, value) | KeyTest::BeginsWith(value) => attribute.kind.fits(value),
        KeyTest::Between(low, high) => attribute.kind.fits(low) && attribute.kind.fits(high),
    };
    let is_typed = hashes.iter().all(|value| key.hash.kind.fits(value))
        && key.range.iter().zip(&range).all(|(attribute, test)| fits(attribute, test));
    if !is_typed {
        return Err(errors::invalid("Condition parameter type does not match schema type"));
    }
    Ok(Split { hashes, range, rest: joined(terms) })
}

/// The whole key that a condition demands, and what else it demands; nothing when it leaves part of the key open.
pub fn whole<'a>(
    key: &KeySchema,
    condition: Option<&Condition<'a>>,
) -> Option<(Attributes, Option<Condition<'a>>)> {
    let mut terms = terms(condition);
    let mut whole = Attributes::new();
    for attribute in key.attributes() {
        let value = take(&mut terms, |term| equal(term, &attribute.name))?;
        whole.insert(attribute.name.clone(), value.clone());
    }
    Some((whole, joined(terms)))
}

/// What holds together.
fn terms<'a>(condition: Option<&Condition<'a>>) -> Vec<Condition<'a>> {
    let mut terms = Vec::new();
    let mut left: Vec<_> = condition.into_iter().collect();
    while let Some(condition) = left.pop() {
        match condition {
            Condition::And(one, two) => left.extend([&**two, &**one]),
            other => terms.push(other.clone()),
        }
    }
    terms
}

fn joined(terms: Vec<Condition<'_>>) -> Option<Condition<'_>> {
    terms.into_iter().reduce(|one, two| Condition::And(Box::new(one), Box::new(two)))
}

/// Takes out the first term of which something is found.
fn take<'a, T>(terms: &mut Vec<Condition<'a>>, find: impl Fn(&Condition<'a>) -> Option<T>) -> Option<T> {
    let (at, found) = terms.iter().enumerate().find_map(|(at, term)| Some((at, find(term)?)))?;
    terms.remove(at);
    Some(found)
}

fn is(operand: &Operand<'_>, name: &str) -> bool {
    matches!(operand, Operand::Path(path) if path.head == name && !path.is_nested())
}

/// The value that an attribute must equal.
fn equal<'a>(term: &Condition<'a>, name: &str) -> Option<&'a AttributeValue> {
    match test(term, name)? {
        KeyTest::Compare(Comparison::Equal, value) => Some(value),
        _ => None,
    }
}

/// The values that an attribute must have one of.
fn hashes<'a>(term: &Condition<'a>, name: &str) -> Option<Vec<&'a AttributeValue>> {
    let mut all = match term {
        Condition::In(operand, choices) if is(operand, name) => {
            let value = |choice: &Operand<'a>| match choice {
                Operand::Value(value) => Some(*value),
                _ => None,
            };
            choices.iter().map(value).collect::<Option<Vec<_>>>()?
        }
        Condition::Or(one, two) => [hashes(one, name)?, hashes(two, name)?].concat(),
        term => vec![equal(term, name)?],
    };
    let mut seen: Vec<&AttributeValue> = Vec::with_capacity(all.len());
    all.retain(|value| {
        let is_new = !seen.contains(value);
        seen.push(value);
        is_new
    });
    Some(all).filter(|all| !all.is_empty())
}

/// What a term demands of an attribute, if a key can be found by that.
fn test<'a>(term: &Condition<'a>, name: &str) -> Option<KeyTest<'a>> {
    match term {
        Condition::Compare(Comparison::NotEqual, ..) => None,
        Condition::Compare(comparison, one, Operand::Value(value)) if is(one, name) => {
            Some(KeyTest::Compare(*comparison, value))
        }
        Condition::Compare(comparison, Operand::Value(value), two) if is(two, name) => {
            Some(KeyTest::Compare(comparison.turned(), value))
        }
        Condition::Between(one, Operand::Value(low), Operand::Value(high)) if is(one, name) => {
            Some(KeyTest::Between(low, high))
        }
        Condition::BeginsWith(one, Operand::Value(start)) if is(one, name) => {
            Some(KeyTest::BeginsWith(start))
        }
        _ => None,
    }
}
