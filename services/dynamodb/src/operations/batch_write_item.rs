//! `BatchWriteItem`: puts and deletes many items, each by itself.

use std::collections::HashSet;

use api_dynamodb::{
    BatchWriteItem, BatchWriteItemInput, BatchWriteItemOutput, DeleteRequest, DynamodbError, PutRequest,
    WriteRequest,
};
use kernel::{Context, Handler, Map, Scope};
use store::WriteTx;

use crate::capacity::{Kind, Usage};
use crate::item::{Attributes, ITEMS, Item};
use crate::key::Address;
use crate::table::Table;
use crate::{Dynamodb, errors, limits, names, value, writing};

/// One table's part of a batch.
struct Request {
    given: String,
    scope: Scope,
    table: String,
    changes: Vec<Change>,
}

/// A put or a delete.
enum Change {
    Put(Item),
    Delete(Attributes),
}

impl Handler<BatchWriteItem> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: BatchWriteItemInput,
    ) -> Result<BatchWriteItemOutput, DynamodbError> {
        let requests = requests(cx, input.request_items)?;
        let metrics = input.return_item_collection_metrics.as_ref();

        let done = self
            .store
            .write(&cx.scope, |tx| {
                let (mut done, mut seen) = (Vec::with_capacity(requests.len()), HashSet::new());
                let mut refused = None;
                for request in &requests {
                    let tx = &mut tx.in_scope(&request.scope);
                    let table = Table::get(tx, &request.table)?;
                    if let Err(error) = self.meter.admit_write(&request.scope, cx.clock.now(), &table) {
                        refused = Some(error);
                        done.push(None);
                        continue;
                    }
                    let usage = request.write(tx, &table, &mut seen)?;
                    let of = |change: &Change| writing::metrics(&table, change.attributes(), metrics);
                    done.push(Some((usage, request.changes.iter().filter_map(of).collect::<Vec<_>>())));
                }
                // Where there were units for nothing, the batch itself is refused.
                match refused {
                    Some(error) if done.iter().all(Option::is_none) => Err(error),
                    _ => Ok::<_, DynamodbError>(done),
                }
            })
            .await?;

        let (mut consumed, mut metrics) = (Vec::new(), Map::new());
        let mut unprocessed = Map::new();
        for (request, done) in requests.into_iter().zip(done) {
            let Some((usage, of_table)) = done else {
                unprocessed.insert(request.given, request.changes.into_iter().map(Change::again).collect());
                continue;
            };
            self.meter.charge(&request.scope, &request.table, Kind::Write, &usage);
            consumed.extend(usage.answer(input.return_consumed_capacity.as_ref(), &request.given));
            if !of_table.is_empty() {
                metrics.insert(request.given.clone(), of_table);
            }
        }
        Ok(BatchWriteItemOutput {
            unprocessed_items: Some(unprocessed),
            item_collection_metrics: Some(metrics).filter(|metrics| !metrics.is_empty()),
            consumed_capacity: Some(consumed).filter(|consumed| !consumed.is_empty()),
        })
    }
}

fn requests(cx: &Context, given: Map<String, Vec<WriteRequest>>) -> Result<Vec<Request>, DynamodbError> {
    if given.values().map(Vec::len).sum::<usize>() > limits::BATCH_WRITE {
        return Err(errors::validation("Too many items requested for the BatchWriteItem call"));
    }
    let mut requests = Vec::with_capacity(given.len());
    for (given, changes) in given {
        let (scope, table) = names::locate(cx, &given)?;
        let changes = changes.into_iter().map(change).collect::<Result<_, _>>()?;
        requests.push(Request { given, scope, table, changes });
    }
    Ok(requests)
}

fn change(request: WriteRequest) -> Result<Change, DynamodbError> {
    match (request.put_request, request.delete_request) {
        (Some(mut put), None) => {
            value::normalise_all(&mut put.item).map_err(errors::validation)?;
            writing::check_size(&put.item)?;
            Ok(Change::Put(Item(put.item)))
        }
        (None, Some(mut delete)) => {
            value::normalise_all(&mut delete.key).map_err(errors::validation)?;
            Ok(Change::Delete(delete.key))
        }
        (Some(_), Some(_)) => Err(errors::many_datatypes()),
        (None, None) => Err(errors::no_datatype()),
    }
}

impl Change {
    /// The request that it was.
    fn again(self) -> WriteRequest {
        match self {
            Self::Put(item) => {
                WriteRequest { put_request: Some(PutRequest { item: item.0 }), delete_request: None }
            }
            Self::Delete(key) => {
                WriteRequest { put_request: None, delete_request: Some(DeleteRequest { key }) }
            }
        }
    }

    fn attributes(&self) -> &Attributes {
        match self {
            Self::Put(item) => &item.0,
            Self::Delete(key) => key,
        }
    }
}

impl Request {
    /// Does the changes. `seen` has the rows that the batch changed before: a table may come by name and by ARN.
    fn write(
        &self,
        tx: &mut WriteTx<'_>,
        table: &Table,
        seen: &mut HashSet<(Scope, Address)>,
    ) -> Result<Usage, DynamodbError> {
        let mut usage = Usage::default();
        for change in &self.changes {
            let item = match change {
                Change::Put(item) => {
                    // A batch words a wrong key of an item as that of a key.
                    table.key.check(&table.key.of(&item.0))?;
                    writing::check_index_keys(table, &item.0)?;
                    Some(item)
                }
                Change::Delete(key) => {
                    table.key.check(key)?;
                    None
                }
            };
            let address = table.address(change.attributes())?;
            if !seen.insert((self.scope.clone(), address.clone())) {
                return Err(errors::duplicate_keys());
            }
            let old: Option<Item> = tx.get(&ITEMS, &address)?;
            usage.add(&writing::replace(tx, table, &address, old.as_ref(), item)?);
        }
        Ok(usage)
    }
}
