//! Updates, as trees, and what they make of an item.

use api_dynamodb::AttributeValue;

use super::path::{Path, Step};
use super::projection::Projection;
use crate::item::Attributes;
use crate::number::Number;
use crate::value;

/// An update.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update<'a> {
    /// `SET`.
    pub sets: Vec<(Path<'a>, SetValue<'a>)>,
    /// `REMOVE`.
    pub removes: Vec<Path<'a>>,
    /// `ADD`.
    pub adds: Vec<(Path<'a>, &'a AttributeValue)>,
    /// `DELETE`.
    pub deletes: Vec<(Path<'a>, &'a AttributeValue)>,
    /// Whether `AttributeUpdates` makes the update, which AWS words otherwise.
    pub is_legacy: bool,
}

/// What an attribute is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum SetValue<'a> {
    /// What stands at the path, or else the other.
    IfNotExists(Path<'a>, Box<SetValue<'a>>),
    /// Both lists, one after the other.
    ListAppend(Box<SetValue<'a>>, Box<SetValue<'a>>),
    /// The difference of two numbers.
    Minus(Box<SetValue<'a>>, Box<SetValue<'a>>),
    /// What the item has there.
    Path(Path<'a>),
    /// The sum of two numbers.
    Plus(Box<SetValue<'a>>, Box<SetValue<'a>>),
    /// A value of the request.
    Value(&'a AttributeValue),
}

const WRONG_TYPE: &str = "An operand in the update expression has an incorrect data type";
const LEGACY_WRONG_TYPE: &str = "Type mismatch for attribute to update";
const NO_ATTRIBUTE: &str = "The provided expression refers to an attribute that does not exist in the item";
const WRONG_PATH: &str = "The document path provided in the update expression is invalid for update";

impl<'a> Update<'a> {
    /// Every path that the update changes.
    pub fn paths(&self) -> impl Iterator<Item = &Path<'a>> {
        let sets = self.sets.iter().map(|(path, _)| path);
        let others = self.adds.iter().chain(&self.deletes).map(|(path, _)| path);
        sets.chain(&self.removes).chain(others)
    }

    /// Calls `see` with every path of the update, also those it only reads.
    pub fn all_paths<'p>(&'p self, see: &mut dyn FnMut(&'p Path<'a>)) {
        self.paths().for_each(&mut *see);
        self.sets.iter().for_each(|(_, value)| value.paths(see));
    }

    /// The type of what the update sets an attribute to, or adds to it, where that is known before there is an item.
    pub fn type_set(&self, name: &str) -> Option<&'static str> {
        let added = || self.adds.iter().find(|(path, _)| path.is_attribute(name));
        self.set(name).and_then(SetValue::kind).or_else(|| added().map(|(_, value)| value::type_name(value)))
    }

    /// The value that the update sets an attribute to, if the request has it.
    pub fn value_set(&self, name: &str) -> Option<&'a AttributeValue> {
        match self.set(name) {
            Some(SetValue::Value(value)) => Some(value),
            _ => None,
        }
    }

    fn set(&self, name: &str) -> Option<&SetValue<'a>> {
        self.sets.iter().find(|(path, _)| path.is_attribute(name)).map(|(_, value)| value)
    }

    /// The changed parts of an item, as `UPDATED_OLD` and `UPDATED_NEW` answer them.
    pub fn changed(&self, item: Attributes) -> Attributes {
        Projection { paths: self.paths().cloned().collect() }.apply(item)
    }

    /// The item after the update. All operands are those of the item before.
    pub fn apply(&self, before: &Attributes) -> Result<Attributes, String> {
        let mut item = before.clone();
        for (path, operand) in &self.sets {
            set(&mut item, path, operand.of(before)?)?;
        }
        for (path, operand) in &self.adds {
            let sum = added(path.get(before), operand).map_err(|problem| self.worded(problem))?;
            set(&mut item, path, sum)?;
        }
        for (path, operand) in &self.deletes {
            match deleted(path.get(before), operand).map_err(|problem| self.worded(problem))? {
                Some(rest) => set(&mut item, path, rest)?,
                None => remove(&mut item, path)?,
            }
        }
        // Indexes are those of the list before: the last goes first.
        let mut removes: Vec<_> = self.removes.iter().collect();
        removes.sort_by_key(|path| std::cmp::Reverse(last_index(path)));
        removes.into_iter().try_for_each(|path| remove(&mut item, path))?;
        Ok(item)
    }
}

impl Update<'_> {
    fn worded(&self, problem: String) -> String {
        if self.is_legacy && problem == WRONG_TYPE { LEGACY_WRONG_TYPE.to_owned() } else { problem }
    }
}

fn last_index(path: &Path<'_>) -> usize {
    match path.rest.last() {
        Some(Step::Index(index)) => *index,
        _ => 0,
    }
}

impl<'a> SetValue<'a> {
    fn paths<'p>(&'p self, see: &mut dyn FnMut(&'p Path<'a>)) {
        match self {
            Self::Path(path) => see(path),
            Self::IfNotExists(path, other) => {
                see(path);
                other.paths(see);
            }
            Self::ListAppend(one, two) | Self::Minus(one, two) | Self::Plus(one, two) => {
                one.paths(see);
                two.paths(see);
            }
            Self::Value(_) => {}
        }
    }

    /// The type of the value, where it is known before there is an item.
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Value(value) => Some(value::type_name(value)).filter(|name| !name.is_empty()),
            Self::ListAppend(..) => Some("L"),
            Self::Plus(..) | Self::Minus(..) => Some("N"),
            Self::Path(_) | Self::IfNotExists(..) => None,
        }
    }

    fn of(&self, item: &Attributes) -> Result<AttributeValue, String> {
        match self {
            Self::Value(value) => Ok((*value).clone()),
            Self::Path(path) => path.get(item).cloned().ok_or_else(|| NO_ATTRIBUTE.to_owned()),
            Self::IfNotExists(path, other) => path.get(item).cloned().map_or_else(|| other.of(item), Ok),
            Self::ListAppend(one, two) => match (one.of(item)?, two.of(item)?) {
                (AttributeValue::L(mut one), AttributeValue::L(two)) => {
                    one.extend(two);
                    Ok(AttributeValue::L(one))
                }
                _ => Err(WRONG_TYPE.to_owned()),
            },
            Self::Plus(one, two) => sum(&one.of(item)?, &two.of(item)?, |two| two),
            Self::Minus(one, two) => sum(&one.of(item)?, &two.of(item)?, Number::negated),
        }
    }
}

fn sum(
    one: &AttributeValue,
    two: &AttributeValue,
    turned: fn(Number) -> Number,
) -> Result<AttributeValue, String> {
    let (AttributeValue::N(one), AttributeValue::N(two)) = (one, two) else {
        return Err(WRONG_TYPE.to_owned());
    };
    let sum = Number::parse(one)?.plus(&turned(Number::parse(two)?))?;
    Ok(AttributeValue::N(sum.text()))
}

/// What `ADD` makes of a value: a sum, or the union of two sets.
fn added(value: Option<&AttributeValue>, operand: &AttributeValue) -> Result<AttributeValue, String> {
    let Some(value) = value else { return Ok(operand.clone()) };
    fn union<T: Clone + PartialEq>(one: &[T], two: &[T]) -> Vec<T> {
        let new = two.iter().filter(|member| !one.contains(member));
        one.iter().chain(new).cloned().collect()
    }
    match (value, operand) {
        (AttributeValue::N(_), AttributeValue::N(_)) => sum(value, operand, |two| two),
        (AttributeValue::Ss(one), AttributeValue::Ss(two)) => Ok(AttributeValue::Ss(union(one, two))),
        (AttributeValue::Ns(one), AttributeValue::Ns(two)) => Ok(AttributeValue::Ns(union(one, two))),
        (AttributeValue::Bs(one), AttributeValue::Bs(two)) => Ok(AttributeValue::Bs(union(one, two))),
        // The older `AttributeUpdates` also add to lists.
        (AttributeValue::L(one), AttributeValue::L(two)) => {
            Ok(AttributeValue::L(one.iter().chain(two).cloned().collect()))
        }
        _ => Err(WRONG_TYPE.to_owned()),
    }
}

/// What `DELETE` leaves of a set: nothing when no member is left.
fn deleted(
    value: Option<&AttributeValue>,
    operand: &AttributeValue,
) -> Result<Option<AttributeValue>, String> {
    let Some(value) = value else { return Ok(None) };
    fn rest<T: Clone + PartialEq>(one: &[T], two: &[T]) -> Vec<T> {
        one.iter().filter(|member| !two.contains(member)).cloned().collect()
    }
    let rest = match (value, operand) {
        (AttributeValue::Ss(one), AttributeValue::Ss(two)) => AttributeValue::Ss(rest(one, two)),
        (AttributeValue::Ns(one), AttributeValue::Ns(two)) => AttributeValue::Ns(rest(one, two)),
        (AttributeValue::Bs(one), AttributeValue::Bs(two)) => AttributeValue::Bs(rest(one, two)),
        _ => return Err(WRONG_TYPE.to_owned()),
    };
    Ok(Some(rest).filter(|rest| value::length(rest) != Some(0)))
}

fn set(item: &mut Attributes, path: &Path<'_>, value: AttributeValue) -> Result<(), String> {
    let Some((last, way)) = path.rest.split_last() else {
        item.insert(path.head.to_owned(), value);
        return Ok(());
    };
    let wrong = || WRONG_PATH.to_owned();
    match (last, parent(item, path.head, way).ok_or_else(wrong)?) {
        (Step::Name(name), AttributeValue::M(map)) => {
            map.insert((*name).to_owned(), value);
        }
        // An index behind the end appends.
        (Step::Index(index), AttributeValue::L(list)) => match list.get_mut(*index) {
            Some(element) => *element = value,
            None => list.push(value),
        },
        _ => return Err(wrong()),
    }
    Ok(())
}

fn remove(item: &mut Attributes, path: &Path<'_>) -> Result<(), String> {
    let Some((last, way)) = path.rest.split_last() else {
        item.shift_remove(path.head);
        return Ok(());
    };
    let wrong = || WRONG_PATH.to_owned();
    match (last, parent(item, path.head, way).ok_or_else(wrong)?) {
        (Step::Name(name), AttributeValue::M(map)) => {
            map.shift_remove(*name);
        }
        (Step::Index(index), AttributeValue::L(list)) => {
            if *index < list.len() {
                list.remove(*index);
            }
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

fn parent<'v>(item: &'v mut Attributes, head: &str, way: &[Step<'_>]) -> Option<&'v mut AttributeValue> {
    way.iter().try_fold(item.get_mut(head)?, |value, step| match (step, value) {
        (Step::Name(name), AttributeValue::M(map)) => map.get_mut(*name),
        (Step::Index(index), AttributeValue::L(list)) => list.get_mut(*index),
        _ => None,
    })
}
