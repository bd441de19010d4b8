//! `Scan`: all items of a table or index, or of one segment of it.

use api_dynamodb::{DynamodbError, Scan, ScanInput, ScanOutput};
use kernel::{Context, Handler};

use crate::capacity::Kind;
use crate::expression::{Compiler, Styles};
use crate::key::{Address, place};
use crate::reading::{self, Range, Reading, after_prefix};
use crate::table::Table;
use crate::{Dynamodb, errors, expression, legacy, names};

impl Handler<Scan> for Dynamodb {
    async fn handle(&self, cx: &Context, mut input: ScanInput) -> Result<ScanOutput, DynamodbError> {
        check_styles(&input)?;
        legacy::normalise_conditions(input.scan_filter.as_mut())?;
        reading::normalise_start(input.exclusive_start_key.as_mut())?;
        let segment = segment(&input)?;
        expression::prepare(
            input.expression_attribute_names.as_ref(),
            input.expression_attribute_values.as_mut(),
        )?;
        let reading = compile(&input)?;
        reading.check_select()?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let page = self.store.read(&scope, |tx| {
            let table = Table::get(tx, &name)?;
            let index = reading.index(&table)?;
            self.meter.admit_read(&scope, cx.clock.now(), &table, index)?;
            reading.check_scalars(&table)?;
            let range = range(place(table.number, index.map_or(0, |index| index.id)), segment);
            check_segment(&reading.start_address(&table, index)?, &range, segment)?;
            reading.page(tx, &table, index, range)
        })?;
        self.meter.charge(&scope, &name, Kind::Read, &page.usage);

        Ok(ScanOutput {
            items: reading.answers_items().then_some(page.items),
            count: Some(page.count),
            scanned_count: Some(page.scanned),
            last_evaluated_key: page.last,
            consumed_capacity: page.usage.answer(input.return_consumed_capacity.as_ref(), &input.table_name),
        })
    }
}

fn check_styles(input: &ScanInput) -> Result<(), DynamodbError> {
    Styles {
        expressions: &[
            ("ProjectionExpression", input.projection_expression.is_some()),
            ("FilterExpression", input.filter_expression.is_some()),
        ],
        others: &[
            ("AttributesToGet", input.attributes_to_get.is_some()),
            ("ScanFilter", input.scan_filter.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
        ],
        names: input.expression_attribute_names.is_some(),
        values: input.expression_attribute_values.is_some(),
    }
    .check()
}

/// The segment's number and how many there are.
fn segment(input: &ScanInput) -> Result<Option<(u64, u64)>, DynamodbError> {
    let lacks = |which: &str, because: &str| {
        Err(errors::validation(format!(
            "The {which} parameter is required but was not present in the request when {because}"
        )))
    };
    match (input.segment, input.total_segments) {
        (None, None) => Ok(None),
        (Some(_), None) => lacks("TotalSegments", "Segment parameter is present"),
        (None, Some(_)) => lacks("Segment", "parameter TotalSegments is present"),
        (Some(segment), Some(total)) if segment >= total => Err(errors::validation(format!(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {segment} is not \
             less than TotalSegments: {total}"
        ))),
        (Some(segment), Some(total)) => Ok(u64::try_from(segment).ok().zip(u64::try_from(total).ok())),
    }
}

fn compile(input: &ScanInput) -> Result<Reading<'_>, DynamodbError> {
    let names = input.expression_attribute_names.as_ref();
    let mut compiler = Compiler::new(names, input.expression_attribute_values.as_ref());
    let filter = match (&input.filter_expression, &input.scan_filter) {
        (Some(text), _) => Some(compiler.condition("FilterExpression", text)?),
        (None, Some(filter)) => legacy::filter(filter, input.conditional_operator.as_ref())?,
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
    Ok(Reading {
        index: input.index_name.as_deref(),
        select: input.select.as_ref(),
        projection,
        filter: filter.map(|filter| (filter, "Filter Expression")),
        is_consistent: input.consistent_read == Some(true),
        limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
        start: input.exclusive_start_key.as_ref(),
        is_backward: false,
    })
}

/// The rows of a segment: those whose hashes lie in its share of all hashes.
fn range(place: Vec<u8>, segment: Option<(u64, u64)>) -> Range {
    let all = reading::under(place.clone());
    let Some((segment, total)) = segment else { return all };
    let bound = |number: u64| {
        let hash = u32::try_from((number << 32).div_ceil(total)).ok()?;
        Some([place.as_slice(), &hash.to_be_bytes()].concat())
    };
    Range {
        start: bound(segment).unwrap_or_else(|| all.end.clone()),
        end: bound(segment + 1).unwrap_or_else(|| after_prefix(place.clone())),
    }
}

/// A starting key must be one of the segment's.
fn check_segment(
    start: &Option<Address>,
    range: &Range,
    segment: Option<(u64, u64)>,
) -> Result<(), DynamodbError> {
    let (Some(start), Some((segment, total))) = (start, segment) else { return Ok(()) };
    if (&range.start..&range.end).contains(&&start.0) {
        return Ok(());
    }
    Err(errors::validation(format!(
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct \
         Segment. TotalSegments: {total} Segment: {segment}"
    )))
}
