//! `BatchGetItem`: many items by their keys.

use api_dynamodb::{BatchGetItem, BatchGetItemInput, BatchGetItemOutput, DynamodbError, KeysAndAttributes};
use kernel::{Context, Handler, Map, Scope};
use store::ReadTx;

use crate::capacity::{Kind, Usage, read_units};
use crate::expression::{Compiler, Projection, Styles};
use crate::item::{Attributes, ITEMS, Item};
use crate::table::Table;
use crate::{Dynamodb, errors, expression, legacy, limits, names, value};

/// What one table's part of a batch gets.
struct Got {
    items: Vec<Attributes>,
    unprocessed: Vec<Attributes>,
    usage: Usage,
}

impl Got {
    fn nothing_of(request: &Request<'_>) -> Self {
        Self { items: Vec::new(), unprocessed: request.wanted.keys.clone(), usage: Usage::default() }
    }
}

impl Handler<BatchGetItem> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: BatchGetItemInput,
    ) -> Result<BatchGetItemOutput, DynamodbError> {
        if input.request_items.values().map(|request| request.keys.len()).sum::<usize>() > limits::BATCH_GET {
            return Err(errors::validation("Too many items requested for the BatchGetItem call"));
        }
        let requests = input.request_items.iter_mut().map(|(given, wanted)| Request::new(cx, given, wanted));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;

        let got = self.store.read(&cx.scope, |tx| {
            let mut room = limits::BATCH;
            let mut refused = None;
            let mut get = |request: &Request<'_>| {
                let tx = &tx.in_scope(&request.scope);
                let table = Table::get(tx, &request.table)?;
                match self.meter.admit_read(&request.scope, cx.clock.now(), &table, None) {
                    Ok(()) => request.get(tx, &table, &mut room),
                    Err(error) => {
                        refused = Some(error);
                        Ok(Got::nothing_of(request))
                    }
                }
            };
            let got = requests.iter().map(&mut get).collect::<Result<Vec<Got>, DynamodbError>>()?;
            // Where there were units for nothing, the batch itself is refused.
            match refused {
                Some(error) if got.iter().all(|got| got.usage.table == 0.0) => Err(error),
                _ => Ok(got),
            }
        })?;

        let wanted = input.return_consumed_capacity.as_ref();
        let (mut responses, mut unprocessed, mut consumed) = (Map::new(), Map::new(), Vec::new());
        for (request, got) in requests.iter().zip(got) {
            self.meter.charge(&request.scope, &request.table, Kind::Read, &got.usage);
            responses.insert(request.given.to_owned(), got.items);
            if !got.unprocessed.is_empty() {
                let rest = KeysAndAttributes { keys: got.unprocessed, ..request.wanted.clone() };
                unprocessed.insert(request.given.to_owned(), rest);
            }
            consumed.extend(got.usage.answer(wanted, request.given));
        }
        Ok(BatchGetItemOutput {
            responses: Some(responses),
            unprocessed_keys: Some(unprocessed),
            consumed_capacity: Some(consumed).filter(|consumed| !consumed.is_empty()),
        })
    }
}

/// Checks the keys, of which no two are the same.
fn check_keys(keys: &mut [Attributes]) -> Result<(), DynamodbError> {
    for at in 0..keys.len() {
        let (before, rest) = keys.split_at_mut(at);
        value::normalise_all(&mut rest[0]).map_err(errors::validation)?;
        if before.contains(&rest[0]) {
            return Err(errors::duplicate_keys());
        }
    }
    Ok(())
}

/// One table's part of a batch.
struct Request<'a> {
    given: &'a str,
    wanted: &'a KeysAndAttributes,
    projection: Option<Projection<'a>>,
    scope: Scope,
    table: String,
}

impl<'a> Request<'a> {
    fn new(cx: &Context, given: &'a str, wanted: &'a mut KeysAndAttributes) -> Result<Self, DynamodbError> {
        let names = wanted.expression_attribute_names.as_ref();
        Styles {
            expressions: &[("ProjectionExpression", wanted.projection_expression.is_some())],
            others: &[("AttributesToGet", wanted.attributes_to_get.is_some())],
            names: names.is_some(),
            values: false,
        }
        .check()?;
        check_keys(&mut wanted.keys)?;
        let wanted = &*wanted;
        let names = wanted.expression_attribute_names.as_ref();
        expression::prepare(names, None)?;
        let mut compiler = Compiler::new(names, None);
        let projection = match (&wanted.projection_expression, &wanted.attributes_to_get) {
            (Some(text), _) => Some(compiler.projection(text)?),
            (None, Some(names)) => Some(legacy::projection(names)?),
            (None, None) => None,
        };
        compiler.finish()?;
        let (scope, table) = names::locate(cx, given)?;
        Ok(Self { given, wanted, projection, scope, table })
    }

    /// Gets items as long as there is room for them.
    fn get(&self, tx: &ReadTx<'_>, table: &Table, room: &mut usize) -> Result<Got, DynamodbError> {
        let mut got = Got { items: Vec::new(), unprocessed: Vec::new(), usage: Usage::default() };
        self.projection.iter().try_for_each(|projection| projection.check_scalars(table))?;
        for key in &self.wanted.keys {
            table.key.check(key)?;
            let address = table.address(key)?;
            let item: Option<Item> = tx.get(&ITEMS, &address)?;
            let size = item.as_ref().map_or(0, Item::size);
            *room = room.saturating_sub(size);
            if *room == 0 {
                got.unprocessed.push(key.clone());
                continue;
            }
            got.usage.table += read_units(size, self.wanted.consistent_read == Some(true));
            got.items.extend(item.map(|item| match &self.projection {
                Some(projection) => projection.apply(item.0),
                None => item.0,
            }));
        }
        Ok(got)
    }
}
