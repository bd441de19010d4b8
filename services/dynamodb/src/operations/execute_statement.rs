//! `ExecuteStatement`: one statement of PartiQL.

use api_dynamodb::{DynamodbError, ExecuteStatement, ExecuteStatementInput, ExecuteStatementOutput};
use kernel::{Context, Handler};

use crate::capacity::Kind;
use crate::partiql::{self, Mark, Request, Selection, Statement, Write};
use crate::table::Table;
use crate::{Dynamodb, errors, names};

impl Handler<ExecuteStatement> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: ExecuteStatementInput,
    ) -> Result<ExecuteStatementOutput, DynamodbError> {
        let statement = partiql::parse(&input.statement, input.parameters.as_mut())?;
        match &statement {
            Statement::Select(select) => self.select(cx, &input, &Selection::new(select)?),
            Statement::Exists(_) => {
                Err(errors::validation("EXISTS can only be used as a statement of its own in a transaction"))
            }
            statement => match Write::new(statement)? {
                Some(write) => self.change(cx, &input, &write).await,
                None => Err(errors::validation("Unexpected statement")),
            },
        }
    }
}

impl Dynamodb {
    fn select(
        &self,
        cx: &Context,
        input: &ExecuteStatementInput,
        selection: &Selection<'_>,
    ) -> Result<ExecuteStatementOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, selection.table)?;
        let mark = Mark::new(&input.statement, input.parameters.as_deref().unwrap_or_default());
        let start = input.next_token.as_ref().map(|token| mark.cursor(token)).transpose()?;
        let request = Request {
            selection,
            is_consistent: input.consistent_read == Some(true),
            limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
            start: start.as_ref(),
        };

        let answer = self.store.read(&scope, |tx| {
            let table = Table::get(tx, &name)?;
            let index = selection.index.and_then(|index| table.index(index));
            self.meter.admit_read(&scope, cx.clock.now(), &table, index)?;
            request.run(tx, &table)
        })?;
        self.meter.charge(&scope, &name, Kind::Read, &answer.usage);

        Ok(ExecuteStatementOutput {
            items: Some(answer.items),
            next_token: answer.next.as_ref().map(|next| mark.token(next)),
            last_evaluated_key: answer.next.and_then(|next| next.last),
            consumed_capacity: answer.usage.answer(input.return_consumed_capacity.as_ref(), &name),
        })
    }

    async fn change(
        &self,
        cx: &Context,
        input: &ExecuteStatementInput,
        write: &Write<'_>,
    ) -> Result<ExecuteStatementOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, write.table)?;
        let on_failure = input.return_values_on_condition_check_failure.as_ref();

        let (answer, usage) = self
            .store
            .write(&scope, |tx| {
                let table = Table::get(tx, &name)?;
                self.meter.admit_write(&scope, cx.clock.now(), &table)?;
                let ready = write.prepare(tx, &table, on_failure)?;
                let usage = ready.commit(tx, &table)?;
                Ok::<_, DynamodbError>((ready.answer, usage))
            })
            .await?;
        self.meter.charge(&scope, &name, Kind::Write, &usage);

        Ok(ExecuteStatementOutput {
            items: Some(answer.into_iter().collect()),
            consumed_capacity: usage.answer(input.return_consumed_capacity.as_ref(), &name),
            ..Default::default()
        })
    }
}
