//! `BatchExecuteStatement`: many statements of PartiQL, each by itself.

use api_dynamodb::{
    BatchExecuteStatement, BatchExecuteStatementInput, BatchExecuteStatementOutput, BatchStatementError,
    BatchStatementErrorCodeEnum as Code, BatchStatementRequest, BatchStatementResponse, ConsumedCapacity,
    DynamodbError, ReturnConsumedCapacity,
};
use kernel::{Context, Handler};
use store::{ReadTx, WriteTx};

use crate::capacity::{Kind, Usage};
use crate::item::Attributes;
use crate::partiql::{self, Selection, Statement, Write};
use crate::table::Table;
use crate::{Dynamodb, errors, names};

/// What a statement answers, and what it consumed.
type Done = (Option<Attributes>, Usage);

impl Handler<BatchExecuteStatement> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: BatchExecuteStatementInput,
    ) -> Result<BatchExecuteStatementOutput, DynamodbError> {
        let parse =
            |given: &mut BatchStatementRequest| partiql::parse(&given.statement, given.parameters.as_mut());
        let statements: Vec<_> = input.statements.iter_mut().map(parse).collect();
        check_mix(&statements)?;

        let mut answered = Answered::new(input.return_consumed_capacity.as_ref());
        for (statement, given) in statements.into_iter().zip(&input.statements) {
            match statement {
                Ok(Statement::Select(select)) => {
                    let done = Selection::new(&select).map_err(DynamodbError::from).and_then(|selection| {
                        let (scope, name) = names::locate(cx, selection.table)?;
                        self.store.read(&scope, |tx| get(tx, &name, &selection, given))
                    });
                    answered.add(Some(&select.table), done)?;
                }
                Ok(statement) => {
                    let done = self.write_one(cx, &statement, given).await;
                    answered.add(Some(statement.table()), done)?;
                }
                Err(error) => answered.add(None, Err(error))?,
            }
        }
        Ok(BatchExecuteStatementOutput {
            responses: Some(answered.responses),
            consumed_capacity: Some(answered.consumed).filter(|consumed| !consumed.is_empty()),
        })
    }
}

/// A batch has either reads or writes.
fn check_mix(statements: &[Result<Statement, DynamodbError>]) -> Result<(), DynamodbError> {
    let mut parsed = statements.iter().flatten();
    let is_read = |statement: &Statement| matches!(statement, Statement::Select(_));
    let Some(first) = parsed.next().map(is_read) else { return Ok(()) };
    if parsed.all(|statement| is_read(statement) == first) {
        return Ok(());
    }
    Err(errors::validation(
        "BatchExecuteStatement API does not support both read and write operations in the same request.",
    ))
}

fn get(
    tx: &ReadTx<'_>,
    name: &str,
    selection: &Selection<'_>,
    given: &BatchStatementRequest,
) -> Result<Done, DynamodbError> {
    let table = Table::get(tx, name)?;
    let point = selection.point(tx, &table)?.ok_or_else(|| {
        errors::validation(
            "Select statements within BatchExecuteStatement must specify the primary key in the where clause.",
        )
    })?;
    let usage = point.usage(given.consistent_read == Some(true));
    Ok((point.item, usage))
}

fn put(
    tx: &mut WriteTx<'_>,
    name: &str,
    write: &Write<'_>,
    given: &BatchStatementRequest,
) -> Result<Done, DynamodbError> {
    let table = Table::get(tx, name)?;
    let ready = write.prepare(tx, &table, given.return_values_on_condition_check_failure.as_ref())?;
    let usage = ready.commit(tx, &table)?;
    Ok((ready.answer, usage))
}

impl Dynamodb {
    async fn write_one(
        &self,
        cx: &Context,
        statement: &Statement,
        given: &BatchStatementRequest,
    ) -> Result<Done, DynamodbError> {
        let write = match statement {
            Statement::Exists(_) => None,
            statement => Write::new(statement)?,
        };
        let Some(write) = write else {
            return Err(errors::validation(
                "EXISTS can only be used as a statement of its own in a transaction",
            ));
        };
        let (scope, name) = names::locate(cx, write.table)?;
        let now = cx.clock.now();
        let done = self.store.write(&scope, |tx| {
            self.meter.admit_write(&scope, now, &*Table::get(tx, &name)?)?;
            put(tx, &name, &write, given)
        });
        let (item, usage) = done.await?;
        self.meter.charge(&scope, &name, Kind::Write, &usage);
        Ok((item, usage))
    }
}

/// The answers to the statements, in their order.
struct Answered<'a> {
    wanted: Option<&'a ReturnConsumedCapacity>,
    responses: Vec<BatchStatementResponse>,
    consumed: Vec<ConsumedCapacity>,
}

impl<'a> Answered<'a> {
    fn new(wanted: Option<&'a ReturnConsumedCapacity>) -> Self {
        Self { wanted, responses: Vec::new(), consumed: Vec::new() }
    }

    /// Adds the answer to one statement; only faults of our own end the batch.
    fn add(&mut self, table: Option<&str>, done: Result<Done, DynamodbError>) -> Result<(), DynamodbError> {
        let mut response =
            BatchStatementResponse { table_name: table.map(str::to_owned), ..Default::default() };
        match done {
            Ok((item, usage)) => {
                response.item = item;
                self.consumed.extend(usage.answer(self.wanted, table.unwrap_or_default()));
            }
            Err(error) => {
                let error = refusal(error)?;
                if error.code == Some(Code::ResourceNotFound) {
                    response.table_name = None;
                }
                response.error = Some(error);
            }
        }
        self.responses.push(response);
        Ok(())
    }
}

fn refusal(error: DynamodbError) -> Result<BatchStatementError, DynamodbError> {
    let (code, message, item) = match error {
        DynamodbError::ConditionalCheckFailedException(failed) => {
            (Code::ConditionalCheckFailed, failed.message, failed.item)
        }
        DynamodbError::DuplicateItemException(duplicate) => (Code::DuplicateItem, duplicate.message, None),
        DynamodbError::ResourceNotFoundException(missing) => (Code::ResourceNotFound, missing.message, None),
        DynamodbError::ProvisionedThroughputExceededException(error) => {
            (Code::ProvisionedThroughputExceeded, error.message, None)
        }
        DynamodbError::ThrottlingException(error) => (Code::ThrottlingError, error.message, None),
        DynamodbError::Other(fault) if fault.status() == 400 => {
            (Code::ValidationError, Some(fault.message().to_owned()), None)
        }
        other => return Err(other),
    };
    Ok(BatchStatementError { code: Some(code), message, item })
}
