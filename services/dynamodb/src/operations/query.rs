//! `Query`: the items of one partition, in the order of their sort keys.

use api_dynamodb::{AttributeValue, DynamodbError, Query, QueryInput, QueryOutput};
use kernel::{Context, Handler};

use crate::capacity::Kind;
use crate::expression::{Comparison, Compiler, KeyTerm, KeyTest, Styles};
use crate::item::Attributes;
use crate::key::{KeySchema, end, partition, stem};
use crate::reading::{self, Range, Reading, after_prefix, under};
use crate::table::{Index, Table};
use crate::{Dynamodb, errors, expression, legacy, names, value};

impl Handler<Query> for Dynamodb {
    async fn handle(&self, cx: &Context, mut input: QueryInput) -> Result<QueryOutput, DynamodbError> {
        check_styles(&input)?;
        legacy::normalise_conditions(input.key_conditions.as_mut())?;
        legacy::normalise_conditions(input.query_filter.as_mut())?;
        reading::normalise_start(input.exclusive_start_key.as_mut())?;
        expression::prepare(
            input.expression_attribute_names.as_ref(),
            input.expression_attribute_values.as_mut(),
        )?;
        let (reading, terms) = compile(&input)?;
        reading.check_select()?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let page = self.store.read(&scope, |tx| {
            let table = Table::get(tx, &name)?;
            let index = reading.index(&table)?;
            self.meter.admit_read(&scope, cx.clock.now(), &table, index)?;
            let key = index.map_or(&table.key, |index| &index.key);
            let (hash, test) = split(key, index, &terms)?;
            reading.check_filter(key)?;
            reading.check_scalars(&table)?;
            check_start(key, reading.start, hash, test)?;
            let partition = partition(table.number, index.map_or(0, |index| index.id), hash);
            reading.page(tx, &table, index, range(partition, test))
        })?;
        self.meter.charge(&scope, &name, Kind::Read, &page.usage);

        Ok(QueryOutput {
            items: reading.answers_items().then_some(page.items),
            count: Some(page.count),
            scanned_count: Some(page.scanned),
            last_evaluated_key: page.last,
            consumed_capacity: page.usage.answer(input.return_consumed_capacity.as_ref(), &input.table_name),
        })
    }
}

fn check_styles(input: &QueryInput) -> Result<(), DynamodbError> {
    let is_expression = input.key_condition_expression.is_some();
    Styles {
        expressions: &[
            ("ProjectionExpression", input.projection_expression.is_some()),
            ("FilterExpression", input.filter_expression.is_some()),
            ("KeyConditionExpression", is_expression),
        ],
        others: &[
            ("AttributesToGet", input.attributes_to_get.is_some()),
            ("QueryFilter", input.query_filter.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
            ("KeyConditions", input.key_conditions.is_some() && is_expression),
        ],
        names: input.expression_attribute_names.is_some(),
        values: input.expression_attribute_values.is_some(),
    }
    .check()
}

fn compile(input: &QueryInput) -> Result<(Reading<'_>, Vec<KeyTerm<'_>>), DynamodbError> {
    let names = input.expression_attribute_names.as_ref();
    let mut compiler = Compiler::new(names, input.expression_attribute_values.as_ref());
    let terms = match (&input.key_condition_expression, &input.key_conditions) {
        (Some(text), _) => compiler.key_condition(text)?,
        (None, Some(conditions)) => legacy::key_terms(conditions)?,
        (None, None) => {
            return Err(errors::validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
            ));
        }
    };
    let filter = match (&input.filter_expression, &input.query_filter) {
        (Some(text), _) => Some((compiler.condition("FilterExpression", text)?, "Filter Expression")),
        (None, Some(filter)) => {
            legacy::filter(filter, input.conditional_operator.as_ref())?.map(|filter| (filter, "QueryFilter"))
        }
        (None, None) => {
            legacy::check_operator(input.conditional_operator.as_ref(), None)?;
            None
        }
    };
    let projection = match (&input.projection_expression, &input.attributes_to_get) {
        (Some(text), _) => Some((compiler.projection(text)?, false)),
        (None, Some(names)) => Some((legacy::projection(names)?, true)),
        (None, None) => None,
    };
    compiler.finish()?;
    let reading = Reading {
        index: input.index_name.as_deref(),
        select: input.select.as_ref(),
        projection,
        filter,
        is_consistent: input.consistent_read == Some(true),
        limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
        start: input.exclusive_start_key.as_ref(),
        is_backward: input.scan_index_forward == Some(false),
    };
    Ok((reading, terms))
}

type Split<'a, 't> = (&'a AttributeValue, Option<&'t KeyTest<'a>>);

/// The partition key's value and the sort key's test.
fn split<'a, 't>(
    key: &KeySchema,
    index: Option<&Index>,
    terms: &'t [KeyTerm<'a>],
) -> Result<Split<'a, 't>, DynamodbError> {
    let find = |name: &str| terms.iter().find(|term| term.name == name).map(|term| &term.test);
    if key.range.is_none() && terms.len() > 1 {
        return Err(errors::validation("Query key condition not supported"));
    }
    let missed =
        |name: &str| errors::validation(format!("Query condition missed key schema element: {name}"));
    let hash = find(&key.hash.name).ok_or_else(|| missed(&key.hash.name))?;
    let range = match &key.range {
        Some(range) => find(&range.name).map(|test| (range, test)),
        None => None,
    };
    if let Some(range) = key.range.as_ref().filter(|_| range.is_none() && terms.len() > 1) {
        return Err(missed(&range.name));
    }
    for (attribute, test) in std::iter::once((&key.hash, hash)).chain(range) {
        for value in test.values() {
            if !attribute.kind.fits(value) {
                return Err(errors::invalid("Condition parameter type does not match schema type"));
            }
            match (value::empty_kind(value), index) {
                (Some(kind), Some(index)) => {
                    return Err(errors::empty_index_key(kind, &index.name, &attribute.name));
                }
                (Some(kind), None) => return Err(errors::empty_key(kind, &attribute.name)),
                (None, _) => key.check_size(attribute, value)?,
            }
        }
    }
    match hash {
        KeyTest::Compare(Comparison::Equal, value) => Ok((value, range.map(|(_, test)| test))),
        _ => Err(errors::validation("Query key condition not supported")),
    }
}

/// A starting key must be one that the query could have answered.
fn check_start(
    key: &KeySchema,
    start: Option<&Attributes>,
    hash: &AttributeValue,
    test: Option<&KeyTest<'_>>,
) -> Result<(), DynamodbError> {
    let Some(start) = start else { return Ok(()) };
    if start.get(&key.hash.name).is_some_and(|value| value != hash) {
        return Err(errors::validation(
            "The provided starting key is outside query boundaries based on provided conditions",
        ));
    }
    let value = key.range.as_ref().and_then(|range| start.get(&range.name));
    match (value, test) {
        (Some(value), Some(test)) if !holds(test, value) => {
            Err(errors::validation("The provided starting key does not match the range key predicate"))
        }
        _ => Ok(()),
    }
}

fn holds(test: &KeyTest<'_>, value: &AttributeValue) -> bool {
    match test {
        KeyTest::Compare(comparison, other) => comparison.holds(Some(value), Some(other)),
        KeyTest::Between(low, high) => {
            Comparison::GreaterOrEqual.holds(Some(value), Some(low))
                && Comparison::LessOrEqual.holds(Some(value), Some(high))
        }
        KeyTest::BeginsWith(start) => value::begins_with(value, start),
    }
}

/// The rows of a partition whose sort keys pass the test.
pub fn range(partition: Vec<u8>, test: Option<&KeyTest<'_>>) -> Range {
    let at = |value: &AttributeValue| {
        let mut bytes = partition.clone();
        end(value, &mut bytes);
        bytes
    };
    let all = under(partition.clone());
    match test {
        None => all,
        Some(KeyTest::Between(low, high)) => Range { start: at(low), end: after_prefix(at(high)) },
        Some(KeyTest::BeginsWith(start)) => {
            let mut bytes = partition;
            stem(start, &mut bytes);
            under(bytes)
        }
        Some(KeyTest::Compare(comparison, value)) => match comparison {
            Comparison::Less => Range { end: at(value), ..all },
            Comparison::LessOrEqual => Range { end: after_prefix(at(value)), ..all },
            Comparison::Greater => Range { start: after_prefix(at(value)), ..all },
            Comparison::GreaterOrEqual => Range { start: at(value), ..all },
            Comparison::Equal | Comparison::NotEqual => under(at(value)),
        },
    }
}
