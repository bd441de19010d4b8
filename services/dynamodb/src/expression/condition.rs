//! Conditions, as trees, and whether they hold for an item.

use std::borrow::Cow;
use std::cmp::Ordering;

use api_dynamodb::AttributeValue;

use super::lexer::{Kind, Token};
use super::path::Path;
use crate::item::Attributes;
use crate::value;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition<'a> {
    /// Both hold.
    And(Box<Condition<'a>>, Box<Condition<'a>>),
    /// The first lies between the second and third, or is one of them.
    Between(Operand<'a>, Operand<'a>, Operand<'a>),
    /// The first begins with the second.
    BeginsWith(Operand<'a>, Operand<'a>),
    /// The two compare so.
    Compare(Comparison, Operand<'a>, Operand<'a>),
    /// The first contains the second.
    Contains(Operand<'a>, Operand<'a>),
    /// The attribute is there.
    Exists(Path<'a>),
    /// The first is one of the others.
    In(Operand<'a>, Vec<Operand<'a>>),
    /// The other does not hold.
    Not(Box<Condition<'a>>),
    /// One holds.
    Or(Box<Condition<'a>>, Box<Condition<'a>>),
    /// The value has that type.
    Type(Operand<'a>, &'a str),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `<>`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// What conditions compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand<'a> {
    /// What the item has there.
    Path(Path<'a>),
    /// The length of another.
    Size(Box<Operand<'a>>),
    /// A value of the request.
    Value(&'a AttributeValue),
}

impl Comparison {
    /// The comparison that a token stands for.
    pub(super) fn of(token: &Token<'_>) -> Option<Self> {
        match token.text {
            _ if token.kind != Kind::Symbol => None,
            "=" => Some(Self::Equal),
            "<>" => Some(Self::NotEqual),
            "<" => Some(Self::Less),
            "<=" => Some(Self::LessOrEqual),
            ">" => Some(Self::Greater),
            ">=" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    /// The same comparison with its sides exchanged.
    pub fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether two values compare so. What is absent is unequal to everything, and neither less nor greater.
    pub fn holds(self, left: Option<&AttributeValue>, right: Option<&AttributeValue>) -> bool {
        let (Some(left), Some(right)) = (left, right) else { return self == Self::NotEqual };
        let order = |is: fn(Ordering) -> bool| value::compare(left, right).is_some_and(is);
        match self {
            Self::Equal => value::equal(left, right),
            Self::NotEqual => !value::equal(left, right),
            Self::Less => order(Ordering::is_lt),
            Self::LessOrEqual => order(Ordering::is_le),
            Self::Greater => order(Ordering::is_gt),
            Self::GreaterOrEqual => order(Ordering::is_ge),
        }
    }
}

impl<'a> Operand<'a> {
    fn of<'v>(&'v self, item: &'v Attributes) -> Option<Cow<'v, AttributeValue>> {
        match self {
            Self::Path(path) => path.get(item).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Size(operand) => {
                let length = value::length(operand.of(item)?.as_ref())?;
                Some(Cow::Owned(AttributeValue::N(length.to_string())))
            }
        }
    }

    /// Calls `see` with the path in the operand, if there is one.
    fn paths<'p>(&'p self, see: &mut dyn FnMut(&'p Path<'a>)) {
        match self {
            Self::Path(path) => see(path),
            Self::Size(operand) => operand.paths(see),
            Self::Value(_) => {}
        }
    }
}

impl<'a> Condition<'a> {
    /// Stands where a problem was noted.
    pub(super) fn never() -> Self {
        Self::Exists(Path::attribute(""))
    }

    /// Whether the condition holds for an item.
    pub fn holds(&self, item: &Attributes) -> bool {
        let both =
            |one: &Operand<'_>, two: &Operand<'_>, test: fn(&AttributeValue, &AttributeValue) -> bool| {
                one.of(item).zip(two.of(item)).is_some_and(|(one, two)| test(&one, &two))
            };
        match self {
            Self::And(one, two) => one.holds(item) && two.holds(item),
            Self::Or(one, two) => one.holds(item) || two.holds(item),
            Self::Not(other) => !other.holds(item),
            Self::Exists(path) => path.get(item).is_some(),
            Self::Compare(comparison, one, two) => {
                comparison.holds(one.of(item).as_deref(), two.of(item).as_deref())
            }
            Self::Between(operand, low, high) => {
                let operand = operand.of(item);
                Comparison::GreaterOrEqual.holds(operand.as_deref(), low.of(item).as_deref())
                    && Comparison::LessOrEqual.holds(operand.as_deref(), high.of(item).as_deref())
            }
            Self::In(operand, choices) => {
                let operand = operand.of(item);
                choices
                    .iter()
                    .any(|choice| Comparison::Equal.holds(operand.as_deref(), choice.of(item).as_deref()))
            }
            Self::BeginsWith(one, two) => both(one, two, value::begins_with),
            Self::Contains(one, two) => both(one, two, value::contains),
            Self::Type(operand, kind) => {
                operand.of(item).is_some_and(|value| value::type_name(&value) == *kind)
            }
        }
    }

    /// Calls `see` with every path of the condition.
    pub fn paths<'p>(&'p self, see: &mut dyn FnMut(&'p Path<'a>)) {
        match self {
            Self::And(one, two) | Self::Or(one, two) => {
                one.paths(see);
                two.paths(see);
            }
            Self::Not(other) => other.paths(see),
            Self::Exists(path) => see(path),
            Self::Compare(_, one, two) | Self::BeginsWith(one, two) | Self::Contains(one, two) => {
                one.paths(see);
                two.paths(see);
            }
            Self::Between(operand, low, high) => {
                [operand, low, high].into_iter().for_each(|one| one.paths(see))
            }
            Self::In(operand, choices) => {
                operand.paths(see);
                choices.iter().for_each(|choice| choice.paths(see));
            }
            Self::Type(operand, _) => operand.paths(see),
        }
    }
}
