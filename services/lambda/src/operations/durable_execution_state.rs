//! `GetDurableExecutionState` and `GetDurableExecutionHistory`: what a function replays, and what people read.

use api_lambda::{
    GetDurableExecutionHistory, GetDurableExecutionHistoryInput, GetDurableExecutionHistoryOutput,
    GetDurableExecutionState, GetDurableExecutionStateInput, GetDurableExecutionStateOutput, LambdaError,
};
use kernel::{Context, Fault, Handler, page};

use super::checkpoint_durable_execution::require_turn;
use super::durable_execution::named;
use crate::durable::execution::Named;
use crate::durable::{EVENTS, envelope};
use crate::{Lambda, errors, limits, paging};

const LIST: &str = "lambda.durable.history";

impl Handler<GetDurableExecutionState> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDurableExecutionStateInput,
    ) -> Result<GetDurableExecutionStateOutput, LambdaError> {
        let named = Named::parse(cx, &input.durable_execution_arn).ok_or_else(errors::invalid_checkpoint)?;
        let most = limit(input.max_items);
        let page = self.store.read(&named.scope, |tx| {
            let execution = named.find(tx)?.ok_or_else(errors::invalid_checkpoint)?;
            require_turn(&execution, &input.checkpoint_token)?;
            envelope::page(tx, &execution, input.marker.as_deref(), most)
        })?;
        let operations = page.operations.iter().map(|operation| operation.describe()).collect();
        Ok(GetDurableExecutionStateOutput { operations, next_marker: page.next })
    }
}

impl Handler<GetDurableExecutionHistory> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDurableExecutionHistoryInput,
    ) -> Result<GetDurableExecutionHistoryOutput, LambdaError> {
        let named = named(cx, &input.durable_execution_arn)?;
        let most = limit(input.max_items);
        let with_data = input.include_execution_data == Some(true);
        let is_reverse = input.reverse_order == Some(true);
        let after = paging::after(LIST, input.marker.as_deref())?.and_then(|after| after.parse::<u64>().ok());

        let rows: Vec<_> = self.store.read(&named.scope, |tx| {
            let execution = named.get(tx)?;
            let number = |place: u64| if is_reverse { execution.events + 1 - place } else { place };
            // Events are numbered without gaps, so either order is a walk along the numbers.
            let first = after.map_or(1, |after| number(after) + 1);
            let places = (first..=execution.events).take(most + 1).map(number);
            let read = places.map(|number| {
                let event = tx.get(&EVENTS, &(execution.id.as_str(), number))?;
                Ok(event.map(|event| (number, event)))
            });
            Ok::<_, LambdaError>(read.filter_map(Result::transpose).collect::<Result<_, Fault>>()?)
        })?;

        let page = page::cut(rows, most, LIST, |(number, _)| number.to_string());
        let events =
            page.items.into_iter().map(|(number, event)| event.describe(number, with_data)).collect();
        Ok(GetDurableExecutionHistoryOutput { events, next_marker: page.next })
    }
}

/// How many items a page has: nought is nothing said.
pub fn limit(max_items: Option<i32>) -> usize {
    let given = max_items.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
    given.unwrap_or(limits::DURABLE_PAGE).min(limits::STATE_PAGE)
}
