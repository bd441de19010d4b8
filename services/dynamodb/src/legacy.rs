//! The parameters from before there were expressions, as the same trees.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html>

use api_dynamodb::{
    AttributeAction, AttributeValue, AttributeValueUpdate, ComparisonOperator, Condition as Given,
    ConditionalOperator, DynamodbError, ExpectedAttributeValue,
};
use kernel::Map;

use crate::expression::{
    Comparison, Condition, KeyTerm, KeyTest, Operand, Path, Projection, SetValue, Update,
};
use crate::{errors, value};

/// Checks the values of filters and key conditions.
pub fn normalise_conditions(given: Option<&mut Map<String, Given>>) -> Result<(), DynamodbError> {
    let values = given.into_iter().flat_map(Map::values_mut).flat_map(|one| &mut one.attribute_value_list);
    values.flatten().try_for_each(|one| value::normalise(one).map_err(errors::validation))
}

/// Checks the values of `Expected`.
pub fn normalise_expected(
    given: Option<&mut Map<String, ExpectedAttributeValue>>,
) -> Result<(), DynamodbError> {
    for one in given.into_iter().flat_map(Map::values_mut) {
        let values = one.value.iter_mut().chain(one.attribute_value_list.iter_mut().flatten());
        values.into_iter().try_for_each(|one| value::normalise(one).map_err(errors::validation))?;
    }
    Ok(())
}

/// The condition of `Expected`.
pub fn expected<'a>(
    given: &'a Map<String, ExpectedAttributeValue>,
    operator: Option<&ConditionalOperator>,
) -> Result<Option<Condition<'a>>, DynamodbError> {
    let all = given.iter().map(|(name, one)| expectation(name, one)).collect::<Result<Vec<_>, _>>()?;
    check_operator(operator, Some(all.len()))?;
    Ok(joined(all, operator))
}

fn expectation<'a>(name: &'a str, given: &'a ExpectedAttributeValue) -> Result<Condition<'a>, DynamodbError> {
    let invalid = |what: String| Err(errors::invalid(format_args!("{what} for Attribute: {name}")));
    if given.value.is_some() && given.attribute_value_list.is_some() {
        return invalid("Value and AttributeValueList cannot be used together".to_owned());
    }
    let values: Vec<&AttributeValue> =
        given.value.iter().chain(given.attribute_value_list.iter().flatten()).collect();
    let Some(operator) = &given.comparison_operator else {
        if given.attribute_value_list.is_some() {
            return invalid("AttributeValueList can only be used with a ComparisonOperator".to_owned());
        }
        return match (given.exists, values.first()) {
            (Some(false), None) => Ok(Condition::Not(Box::new(Condition::Exists(Path::attribute(name))))),
            (Some(false), Some(_)) => invalid("Value cannot be used when Exists is false".to_owned()),
            (_, Some(value)) => Ok(compared(Comparison::Equal, name, value)),
            (exists, None) => {
                let exists = if exists.is_some() { "true" } else { "null" };
                invalid(format!("Value must be provided when Exists is {exists}"))
            }
        };
    };
    if given.exists.is_some() {
        return invalid("Exists and ComparisonOperator cannot be used together".to_owned());
    }
    let needs_none = matches!(operator, ComparisonOperator::Null | ComparisonOperator::NotNull);
    if !needs_none && given.value.is_none() && given.attribute_value_list.is_none() {
        let operator = operator.as_str();
        return invalid(format!(
            "Value or AttributeValueList must be used with ComparisonOperator: {operator}"
        ));
    }
    condition(name, operator, &values)
}

/// The condition of `QueryFilter` and `ScanFilter`.
pub fn filter<'a>(
    given: &'a Map<String, Given>,
    operator: Option<&ConditionalOperator>,
) -> Result<Option<Condition<'a>>, DynamodbError> {
    let one = |(name, given): (&'a String, &'a Given)| {
        let values: Vec<_> = given.attribute_value_list.iter().flatten().collect();
        condition(name, &given.comparison_operator, &values)
    };
    let all = given.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    check_operator(operator, Some(all.len()))?;
    Ok(joined(all, operator))
}

/// `ConditionalOperator` needs something to join: `conditions` is how many there are, if any are given.
pub fn check_operator(
    operator: Option<&ConditionalOperator>,
    conditions: Option<usize>,
) -> Result<(), DynamodbError> {
    match (operator, conditions) {
        (Some(_), None) => {
            Err(errors::validation("ConditionalOperator cannot be used without Filter or Expected"))
        }
        (Some(_), Some(0 | 1)) => Err(errors::validation(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        )),
        _ => Ok(()),
    }
}

fn joined<'a>(all: Vec<Condition<'a>>, operator: Option<&ConditionalOperator>) -> Option<Condition<'a>> {
    let is_or = operator == Some(&ConditionalOperator::Or);
    all.into_iter().reduce(|one, two| {
        let (one, two) = (Box::new(one), Box::new(two));
        if is_or { Condition::Or(one, two) } else { Condition::And(one, two) }
    })
}

fn compared<'a>(comparison: Comparison, name: &'a str, value: &'a AttributeValue) -> Condition<'a> {
    Condition::Compare(comparison, Operand::Path(Path::attribute(name)), Operand::Value(value))
}

fn condition<'a>(
    name: &'a str,
    operator: &ComparisonOperator,
    values: &[&'a AttributeValue],
) -> Result<Condition<'a>, DynamodbError> {
    check(operator, values)?;
    let path = || Operand::Path(Path::attribute(name));
    let exists = || Condition::Exists(Path::attribute(name));
    let not = |condition| Condition::Not(Box::new(condition));
    Ok(match (operator, values) {
        (ComparisonOperator::Null, _) => not(exists()),
        (ComparisonOperator::NotNull, _) => exists(),
        (ComparisonOperator::Contains, [value]) => Condition::Contains(path(), Operand::Value(value)),
        (ComparisonOperator::NotContains, [value]) => not(Condition::Contains(path(), Operand::Value(value))),
        (ComparisonOperator::BeginsWith, [value]) => Condition::BeginsWith(path(), Operand::Value(value)),
        (ComparisonOperator::Between, [low, high]) => {
            Condition::Between(path(), Operand::Value(low), Operand::Value(high))
        }
        (ComparisonOperator::In, values) => {
            Condition::In(path(), values.iter().map(|value| Operand::Value(value)).collect())
        }
        (operator, [value]) => compared(comparison(operator), name, value),
        _ => exists(),
    })
}

fn comparison(operator: &ComparisonOperator) -> Comparison {
    match operator {
        ComparisonOperator::Ne => Comparison::NotEqual,
        ComparisonOperator::Lt => Comparison::Less,
        ComparisonOperator::Le => Comparison::LessOrEqual,
        ComparisonOperator::Gt => Comparison::Greater,
        ComparisonOperator::Ge => Comparison::GreaterOrEqual,
        _ => Comparison::Equal,
    }
}

/// The number and the types of an operator's values.
fn check(operator: &ComparisonOperator, values: &[&AttributeValue]) -> Result<(), DynamodbError> {
    let is_right = match operator {
        ComparisonOperator::Null | ComparisonOperator::NotNull => values.is_empty(),
        ComparisonOperator::In => !values.is_empty(),
        ComparisonOperator::Between => values.len() == 2,
        _ => values.len() == 1,
    };
    let name = operator.as_str();
    if !is_right {
        return Err(errors::invalid(format_args!(
            "Invalid number of argument(s) for the {name} ComparisonOperator"
        )));
    }
    let kinds: Vec<_> = values.iter().map(|value| value::type_name(value)).collect();
    if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(errors::invalid("AttributeValues inside AttributeValueList must be of same type"));
    }
    let allowed: &[&str] = match operator {
        ComparisonOperator::Eq | ComparisonOperator::Ne => return Ok(()),
        ComparisonOperator::BeginsWith => &["S", "B"],
        _ => &["S", "N", "B"],
    };
    if let Some(kind) = kinds.iter().find(|kind| !allowed.contains(kind)) {
        return Err(errors::invalid(format_args!(
            "ComparisonOperator {name} is not valid for {kind} AttributeValue type"
        )));
    }
    if let (ComparisonOperator::Between, [low, high]) = (operator, values)
        && value::compare(low, high).is_some_and(std::cmp::Ordering::is_gt)
    {
        let message = "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound";
        return Err(errors::validation(message));
    }
    Ok(())
}

/// The tests of `KeyConditions`.
pub fn key_terms(given: &Map<String, Given>) -> Result<Vec<KeyTerm<'_>>, DynamodbError> {
    if !(1..=2).contains(&given.len()) {
        return Err(errors::validation("Conditions can be of length 1 or 2 only"));
    }
    given.iter().map(|(name, one)| Ok(KeyTerm { name, test: key_test(one)? })).collect()
}

fn key_test(given: &Given) -> Result<KeyTest<'_>, DynamodbError> {
    let values: Vec<_> = given.attribute_value_list.iter().flatten().collect();
    check(&given.comparison_operator, &values)?;
    match (&given.comparison_operator, values.as_slice()) {
        (ComparisonOperator::Between, [low, high]) => Ok(KeyTest::Between(low, high)),
        (ComparisonOperator::BeginsWith, [start]) => Ok(KeyTest::BeginsWith(start)),
        (
            ComparisonOperator::Ne
            | ComparisonOperator::Contains
            | ComparisonOperator::NotContains
            | ComparisonOperator::In,
            _,
        )
        | (_, []) => {
            Err(errors::validation("Attempted conditional constraint is not an indexable operation"))
        }
        (operator, [value, ..]) => Ok(KeyTest::Compare(comparison(operator), value)),
    }
}

/// The projection of `AttributesToGet`.
pub fn projection(names: &[String]) -> Result<Projection<'_>, DynamodbError> {
    let duplicate = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    if let Some((_, name)) = duplicate {
        return Err(errors::invalid(format_args!("Duplicate value in attribute name: {name}")));
    }
    Ok(Projection { paths: names.iter().map(|name| Path::attribute(name)).collect() })
}

/// The update of `AttributeUpdates`.
pub fn update(given: &Map<String, AttributeValueUpdate>) -> Result<Update<'_>, DynamodbError> {
    let mut update = Update { is_legacy: true, ..Update::default() };
    for (name, one) in given {
        let path = Path::attribute(name);
        match (one.action.as_ref().unwrap_or(&AttributeAction::Put), &one.value) {
            (AttributeAction::Delete, None) => update.removes.push(path),
            (_, None) => {
                return Err(errors::invalid(
                    "Only DELETE action is allowed when no attribute value is specified",
                ));
            }
            (AttributeAction::Delete, Some(value)) => {
                let kind = value::type_name(value);
                if !matches!(kind, "SS" | "NS" | "BS") {
                    return Err(errors::invalid(format_args!(
                        "DELETE action with value is not supported for the type {kind}"
                    )));
                }
                update.deletes.push((path, value));
            }
            (AttributeAction::Add, Some(value)) => {
                let kind = value::type_name(value);
                if !matches!(kind, "N" | "SS" | "NS" | "BS" | "L") {
                    return Err(errors::invalid(format_args!(
                        "ADD action is not supported for the type {kind}"
                    )));
                }
                update.adds.push((path, value));
            }
            (_, Some(value)) => update.sets.push((path, SetValue::Value(value))),
        }
    }
    Ok(update)
}
