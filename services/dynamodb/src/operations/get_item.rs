//! `GetItem`: one item by its key.

use api_dynamodb::{DynamodbError, GetItem, GetItemInput, GetItemOutput};
use kernel::{Context, Handler};

use crate::capacity::{Kind, Usage, read_units};
use crate::expression::{Compiler, Projection, Styles};
use crate::item::{ITEMS, Item};
use crate::table::Table;
use crate::{Dynamodb, errors, expression, legacy, names, value};

impl Handler<GetItem> for Dynamodb {
    async fn handle(&self, cx: &Context, mut input: GetItemInput) -> Result<GetItemOutput, DynamodbError> {
        check_styles(&input)?;
        value::normalise_all(&mut input.key).map_err(errors::validation)?;
        let projection = projection(&input)?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let item: Option<Item> = self.store.read(&scope, |tx| {
            let table = Table::get(tx, &name)?;
            self.meter.admit_read(&scope, cx.clock.now(), &table, None)?;
            table.key.check(&input.key)?;
            projection.iter().try_for_each(|projection| projection.check_scalars(&table))?;
            let address = table.address(&input.key)?;
            Ok::<_, DynamodbError>(tx.get(&ITEMS, &address)?)
        })?;

        let wanted = input.return_consumed_capacity.as_ref();
        let usage = (wanted.is_some() || self.meter.is_on()).then(|| {
            let size = item.as_ref().map_or(0, Item::size);
            Usage::of_table(read_units(size, input.consistent_read == Some(true)))
        });
        if let Some(usage) = &usage {
            self.meter.charge(&scope, &name, Kind::Read, usage);
        }
        let consumed_capacity = usage.and_then(|usage| usage.answer(wanted, &input.table_name));
        let item = item.map(|item| match &projection {
            Some(projection) => projection.apply(item.0),
            None => item.0,
        });
        Ok(GetItemOutput { item, consumed_capacity })
    }
}

fn check_styles(input: &GetItemInput) -> Result<(), DynamodbError> {
    Styles {
        expressions: &[("ProjectionExpression", input.projection_expression.is_some())],
        others: &[("AttributesToGet", input.attributes_to_get.is_some())],
        names: input.expression_attribute_names.is_some(),
        values: false,
    }
    .check()
}

fn projection(input: &GetItemInput) -> Result<Option<Projection<'_>>, DynamodbError> {
    let (names, projection) = (&input.expression_attribute_names, &input.projection_expression);
    if let Some(attributes) = &input.attributes_to_get {
        return legacy::projection(attributes).map(Some);
    }
    expression::prepare(names.as_ref(), None)?;
    let mut compiler = Compiler::new(names.as_ref(), None);
    let projection = projection.as_ref().map(|text| compiler.projection(text)).transpose()?;
    compiler.finish()?;
    Ok(projection)
}
