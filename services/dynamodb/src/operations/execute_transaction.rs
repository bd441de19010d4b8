//! `ExecuteTransaction`: many statements of PartiQL, all or none.

use api_dynamodb::{
    DynamodbError, ExecuteTransaction, ExecuteTransactionInput, ExecuteTransactionOutput, ItemResponse,
};
use kernel::{Context, Handler};

use crate::Dynamodb;
use crate::capacity::{Kind, Usage, read_units};
use crate::partiql::{self, transaction};
use crate::transaction::{Consumed, Seen, Token, seen};

impl Handler<ExecuteTransaction> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: ExecuteTransactionInput,
    ) -> Result<ExecuteTransactionOutput, DynamodbError> {
        let text = format!("{:?}", input.transact_statements);
        let token = input.client_request_token.take().map(|token| Token::of_text(token, &text));
        let statements = input
            .transact_statements
            .iter_mut()
            .map(|given| partiql::parse(&given.statement, given.parameters.as_mut()))
            .collect::<Result<Vec<_>, _>>()?;
        let plan = transaction::Plan::new(cx, &statements, &input.transact_statements)?;

        let mut consumed = Consumed::default();
        let (items, kind) = match &plan {
            transaction::Plan::Reads(reads) => {
                let read = self.store.read(&cx.scope, |tx| {
                    self.admit(tx, cx.clock.now(), Kind::Read, reads.iter().map(|read| &read.place))?;
                    transaction::read(tx, reads)
                })?;
                for (one, (_, bytes)) in reads.iter().zip(&read) {
                    self.charge(&one.place, Kind::Read, &Usage::of_table(read_units(*bytes, true)));
                    consumed.add_read(&one.place, *bytes);
                }
                (read.into_iter().map(|(item, _)| item).collect(), Kind::Read)
            }
            transaction::Plan::Writes(writes) => {
                let done = self
                    .store
                    .write(&cx.scope, |tx| match seen(tx, token.as_ref(), cx.clock.now())? {
                        Seen::Before => transaction::look(tx, writes).map(Err),
                        Seen::Never => {
                            let places = writes.iter().map(|(write, _)| &write.place);
                            self.admit(tx, cx.clock.now(), Kind::Write, places)?;
                            transaction::write(tx, writes).map(Ok)
                        }
                    })
                    .await?;
                let places = writes.iter().map(|(write, _)| &write.place);
                match done {
                    Ok(done) => {
                        for (place, (_, usage)) in places.zip(&done) {
                            self.charge(place, Kind::Write, usage);
                            consumed.add(place, usage);
                        }
                        (answers(done.into_iter().map(|(item, _)| item).collect()), Kind::Write)
                    }
                    Err(sizes) => {
                        places.zip(sizes).for_each(|(place, bytes)| consumed.add_read(place, bytes));
                        (Vec::new(), Kind::Read)
                    }
                }
            }
        };

        Ok(ExecuteTransactionOutput {
            responses: Some(items.into_iter().map(|item| ItemResponse { item }).collect()),
            consumed_capacity: consumed.answer(input.return_consumed_capacity.as_ref(), kind),
        })
    }
}

/// Writes that answer nothing have no answers, not empty ones.
fn answers<T>(items: Vec<Option<T>>) -> Vec<Option<T>> {
    if items.iter().all(Option::is_none) { Vec::new() } else { items }
}
