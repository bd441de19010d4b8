//! `TransactWriteItems`: up to a hundred writes, all or none.

use api_dynamodb::{DynamodbError, TransactWriteItems, TransactWriteItemsInput, TransactWriteItemsOutput};
use kernel::{Context, Handler, Map};

use crate::Dynamodb;
use crate::capacity::Kind;
use crate::transaction::{self, Consumed, Done, Seen, Token, Write, planned};

/// What became of a transaction.
enum Outcome {
    /// It was done now.
    Done(Vec<Done>),
    /// It was done before; its items have so many bytes.
    Repeated(Vec<usize>),
}

impl Handler<TransactWriteItems> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        mut input: TransactWriteItemsInput,
    ) -> Result<TransactWriteItemsOutput, DynamodbError> {
        let token = Token::new(input.client_request_token.as_ref(), &input.transact_items);
        let items = input.transact_items.iter_mut();
        let writes = items.map(|item| planned(cx, item)).collect::<Result<Vec<_>, _>>()?;

        let outcome = self
            .store
            .write(&cx.scope, |tx| match transaction::seen(tx, token.as_ref(), cx.clock.now())? {
                Seen::Before => transaction::look(tx, &writes).map(Outcome::Repeated),
                Seen::Never => {
                    let metrics = input.return_item_collection_metrics.as_ref();
                    self.admit(tx, cx.clock.now(), Kind::Write, writes.iter().map(|write| &write.place))?;
                    transaction::write(tx, &writes, metrics).map(Outcome::Done)
                }
            })
            .await?;

        let (mut consumed, mut metrics) = (Consumed::default(), Map::<String, Vec<_>>::new());
        let kind = match outcome {
            Outcome::Repeated(sizes) => {
                writes.iter().zip(sizes).for_each(|(write, bytes)| consumed.add_read(&write.place, bytes));
                Kind::Read
            }
            Outcome::Done(done) => {
                for (Write { place, .. }, done) in writes.iter().zip(done) {
                    self.charge(place, Kind::Write, &done.usage);
                    consumed.add(place, &done.usage);
                    if let Some(size) = done.metrics {
                        metrics.entry(place.given.clone()).or_default().push(size);
                    }
                }
                Kind::Write
            }
        };
        Ok(TransactWriteItemsOutput {
            consumed_capacity: consumed.answer(input.return_consumed_capacity.as_ref(), kind),
            item_collection_metrics: Some(metrics).filter(|metrics| !metrics.is_empty()),
        })
    }
}
