//! `PutItem`: puts an item in the place of one with the same key.

use api_dynamodb::{DynamodbError, PutItem, PutItemInput, PutItemOutput, ReturnValue};
use kernel::{Context, Handler};

use crate::capacity::Kind;
use crate::conditional::Given;
use crate::item::{ITEMS, Item};
use crate::table::Table;
use crate::{Dynamodb, errors, expression, legacy, names, value, writing};

impl Handler<PutItem> for Dynamodb {
    async fn handle(&self, cx: &Context, mut input: PutItemInput) -> Result<PutItemOutput, DynamodbError> {
        given(&input).check_styles()?;
        value::normalise_all(&mut input.item).map_err(errors::validation)?;
        let item = Item(std::mem::take(&mut input.item));
        let returns_old = match &input.return_values {
            None | Some(ReturnValue::None) => false,
            Some(ReturnValue::AllOld) => true,
            Some(_) => return Err(errors::validation("ReturnValues can only be ALL_OLD or NONE")),
        };
        writing::check_size(&item.0)?;
        legacy::normalise_expected(input.expected.as_mut())?;
        let names = input.expression_attribute_names.as_ref();
        expression::prepare(names, input.expression_attribute_values.as_mut())?;
        let guard = given(&input).guard(input.return_values_on_condition_check_failure.as_ref())?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (old, usage, metrics) = self
            .store
            .write(&scope, |tx| {
                let table = Table::get(tx, &name)?;
                self.meter.admit_write(&scope, cx.clock.now(), &table)?;
                writing::check_item(&table, &item.0)?;
                guard.check_scalars(&table)?;
                let address = table.address(&item.0)?;
                let old: Option<Item> = tx.get(&ITEMS, &address)?;
                guard.check(old.as_ref())?;
                let usage = writing::replace(tx, &table, &address, old.as_ref(), Some(&item))?;
                let wanted = input.return_item_collection_metrics.as_ref();
                Ok::<_, DynamodbError>((old, usage, writing::metrics(&table, &item.0, wanted)))
            })
            .await?;
        self.meter.charge(&scope, &name, Kind::Write, &usage);

        Ok(PutItemOutput {
            attributes: old.filter(|_| returns_old).map(|old| old.0),
            consumed_capacity: usage.answer(input.return_consumed_capacity.as_ref(), &input.table_name),
            item_collection_metrics: metrics,
        })
    }
}

fn given(input: &PutItemInput) -> Given<'_> {
    Given {
        condition: input.condition_expression.as_ref(),
        expected: input.expected.as_ref(),
        operator: input.conditional_operator.as_ref(),
        names: input.expression_attribute_names.as_ref(),
        values: input.expression_attribute_values.as_ref(),
    }
}
