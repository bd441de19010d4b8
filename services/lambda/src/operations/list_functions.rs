//! `ListFunctions`: all functions of the region, in the order of their names.

use api_lambda::{LambdaError, ListFunctions, ListFunctionsInput, ListFunctionsOutput};
use kernel::{Context, Fault, Handler, page};

use crate::function::{FUNCTIONS, Function, Moment};
use crate::names::FunctionName;
use crate::{Lambda, errors, limits};

const LIST: &str = "lambda.functions";

impl Handler<ListFunctions> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionsInput,
    ) -> Result<ListFunctionsOutput, LambdaError> {
        let most = input
            .max_items
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(limits::PAGE)
            .min(limits::PAGE);
        let marker = input.marker.filter(|marker| !marker.is_empty());
        let invalid = || errors::invalid("Invalid pagination token.");
        let after = marker.map(|marker| page::key(LIST, &marker).ok_or_else(invalid)).transpose()?;

        let rows: Vec<(String, Function)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&FUNCTIONS, ..);
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let describe = |(name, function): (String, Function)| {
            let name = FunctionName { scope: cx.scope.clone(), name, qualifier: None };
            // Lists say nothing of states.
            let described = function.describe(&name, Moment::Settled);
            api_lambda::FunctionConfiguration { state: None, last_update_status: None, ..described }
        };
        let functions = page.items.into_iter().map(describe).collect();
        Ok(ListFunctionsOutput { functions: Some(functions), next_marker: page.next })
    }
}
