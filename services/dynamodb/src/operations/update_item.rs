//! `UpdateItem`: changes an item, or makes it.

use api_dynamodb::{DynamodbError, ReturnValue, UpdateItem, UpdateItemInput, UpdateItemOutput};
use kernel::{Context, Handler};

use crate::capacity::Kind;
use crate::conditional::{Given, Guard};
use crate::expression::{Compiler, Styles, Update};
use crate::item::{ITEMS, Item};
use crate::table::Table;
use crate::{Dynamodb, errors, expression, legacy, names, updating, value, writing};

impl Handler<UpdateItem> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: UpdateItemInput,
    ) -> Result<UpdateItemOutput, DynamodbError> {
        check_styles(&input)?;
        normalise(&mut input)?;
        let (update, guard) = compile(&input)?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (old, new, usage, metrics) = self
            .store
            .write(&scope, |tx| {
                let table = Table::get(tx, &name)?;
                self.meter.admit_write(&scope, cx.clock.now(), &table)?;
                table.key.check(&input.key)?;
                updating::check(&table, &update)?;
                guard.check_scalars(&table)?;
                let address = table.address(&input.key)?;
                let old: Option<Item> = tx.get(&ITEMS, &address)?;
                guard.check(old.as_ref())?;
                let new = updating::apply(&table, &input.key, &update, old.as_ref())?;
                let usage = writing::replace(tx, &table, &address, old.as_ref(), Some(&new))?;
                let wanted = input.return_item_collection_metrics.as_ref();
                Ok::<_, DynamodbError>((old, new, usage, writing::metrics(&table, &input.key, wanted)))
            })
            .await?;
        self.meter.charge(&scope, &name, Kind::Write, &usage);

        let attributes = match input.return_values.as_ref().unwrap_or(&ReturnValue::None) {
            ReturnValue::AllOld => old.map(|old| old.0),
            ReturnValue::AllNew => Some(new.0),
            ReturnValue::UpdatedOld => old.map(|old| update.changed(old.0)),
            ReturnValue::UpdatedNew => Some(update.changed(new.0)),
            _ => None,
        };
        Ok(UpdateItemOutput {
            attributes: attributes.filter(|attributes| !attributes.is_empty()),
            consumed_capacity: usage.answer(input.return_consumed_capacity.as_ref(), &input.table_name),
            item_collection_metrics: metrics,
        })
    }
}

fn check_styles(input: &UpdateItemInput) -> Result<(), DynamodbError> {
    Styles {
        expressions: &[
            ("UpdateExpression", input.update_expression.is_some()),
            ("ConditionExpression", input.condition_expression.is_some()),
        ],
        others: &[
            ("AttributeUpdates", input.attribute_updates.is_some()),
            ("Expected", input.expected.is_some()),
            ("ConditionalOperator", input.conditional_operator.is_some()),
        ],
        names: input.expression_attribute_names.is_some(),
        values: input.expression_attribute_values.is_some(),
    }
    .check()
}

fn normalise(input: &mut UpdateItemInput) -> Result<(), DynamodbError> {
    value::normalise_all(&mut input.key).map_err(errors::validation)?;
    let updates = input.attribute_updates.iter_mut().flat_map(|updates| updates.values_mut());
    for value in updates.filter_map(|update| update.value.as_mut()) {
        value::normalise(value).map_err(errors::validation)?;
    }
    legacy::normalise_expected(input.expected.as_mut())?;
    let names = input.expression_attribute_names.as_ref();
    expression::prepare(names, input.expression_attribute_values.as_mut())
}

fn compile(input: &UpdateItemInput) -> Result<(Update<'_>, Guard<'_>), DynamodbError> {
    let given = Given {
        condition: input.condition_expression.as_ref(),
        expected: input.expected.as_ref(),
        operator: input.conditional_operator.as_ref(),
        names: input.expression_attribute_names.as_ref(),
        values: input.expression_attribute_values.as_ref(),
    };
    let mut compiler = Compiler::new(given.names, given.values);
    let update = match (&input.update_expression, &input.attribute_updates) {
        (Some(text), _) => compiler.update(text)?,
        (None, Some(updates)) => legacy::update(updates)?,
        (None, None) => Update::default(),
    };
    let on_failure = input.return_values_on_condition_check_failure.as_ref();
    let guard = given.guard_with(&mut compiler, on_failure)?;
    compiler.finish()?;
    Ok((update, guard))
}
