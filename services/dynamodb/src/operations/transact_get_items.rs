//! `TransactGetItems`: up to a hundred items, as they were at one moment.

use api_dynamodb::{
    DynamodbError, Get, ItemResponse, TransactGetItems, TransactGetItemsInput, TransactGetItemsOutput,
};
use kernel::{Context, Handler};

use crate::capacity::{Kind, Usage, read_units};
use crate::expression::{self, Compiler, Styles};
use crate::transaction::{self, Consumed, Place, Read};
use crate::{Dynamodb, errors, value};

impl Handler<TransactGetItems> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: TransactGetItemsInput,
    ) -> Result<TransactGetItemsOutput, DynamodbError> {
        let gets = input.transact_items.iter_mut().map(|item| &mut item.get);
        let reads = gets.map(|get| planned(cx, get)).collect::<Result<Vec<_>, _>>()?;

        let got = self.store.read(&cx.scope, |tx| {
            self.admit(tx, cx.clock.now(), Kind::Read, reads.iter().map(|read| &read.place))?;
            transaction::read(tx, &reads)
        })?;

        let mut consumed = Consumed::default();
        for (read, got) in reads.iter().zip(&got) {
            self.charge(&read.place, Kind::Read, &Usage::of_table(read_units(got.bytes, true)));
            consumed.add_read(&read.place, got.bytes);
        }
        Ok(TransactGetItemsOutput {
            consumed_capacity: consumed.answer(input.return_consumed_capacity.as_ref(), Kind::Read),
            responses: Some(got.into_iter().map(|got| ItemResponse { item: got.item }).collect()),
        })
    }
}

fn planned<'a>(cx: &Context, get: &'a mut Get) -> Result<Read<'a>, DynamodbError> {
    let names = get.expression_attribute_names.is_some();
    let expressions = &[("ProjectionExpression", get.projection_expression.is_some())];
    Styles { expressions, others: &[], names, values: false }.check()?;
    value::normalise_all(&mut get.key).map_err(errors::validation)?;
    expression::prepare(get.expression_attribute_names.as_ref(), None)?;
    let get = &*get;
    let mut compiler = Compiler::new(get.expression_attribute_names.as_ref(), None);
    let projection = get.projection_expression.as_ref();
    let projection = projection.map(|text| compiler.projection(text)).transpose()?;
    compiler.finish()?;
    Ok(Read { place: Place::new(cx, &get.table_name)?, key: &get.key, projection })
}
