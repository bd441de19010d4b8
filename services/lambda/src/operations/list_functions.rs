//! `ListFunctions`: all functions of the region, in the order of their names, with or without their versions.

use api_lambda::{FunctionVersion, LambdaError, ListFunctions, ListFunctionsInput, ListFunctionsOutput};
use kernel::{Context, Fault, Handler, page};

use crate::function::{FUNCTIONS, Function, VERSIONS};
use crate::names::FunctionName;
use crate::{Lambda, paging};

const LIST: &str = "lambda.functions";

impl Handler<ListFunctions> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionsInput,
    ) -> Result<ListFunctionsOutput, LambdaError> {
        let most = paging::limit(input.max_items);
        let after = paging::after(LIST, input.marker.as_deref())?;
        let with_versions = input.function_version == Some(FunctionVersion::All);

        let rows: Vec<(String, Function)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&FUNCTIONS, ..);
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let mut functions = Vec::new();
        for (name, function) in page.items {
            let name = FunctionName { scope: cx.scope.clone(), name, qualifier: None };
            if !with_versions {
                functions.push(function.list(&name));
                continue;
            }
            functions.push(function.list(&name.with(&function.version)));
            let versions = self.store.read(&cx.scope, |tx| {
                let rows = tx.prefix(&VERSIONS, &(name.name.as_str(),)).map(|row| row.map(|(_, row)| row));
                rows.collect::<Result<Vec<Function>, Fault>>()
            })?;
            functions.extend(versions.iter().map(|version| version.list(&name.with(&version.version))));
        }
        Ok(ListFunctionsOutput { functions: Some(functions), next_marker: page.next })
    }
}
