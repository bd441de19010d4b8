//! What a function is told of its execution: pages of operations.

use std::collections::HashSet;

use api_lambda::{LambdaError, OperationType};
use kernel::{Bytes, page};
use serde_json::json;
use store::ReadTx;

use super::OPERATIONS;
use super::execution::Execution;
use super::operation::Operation;
use crate::{errors, limits};

const LIST: &str = "lambda.durable.state";

/// A page of operations, and where the next starts.
pub struct Page {
    /// The operations.
    pub operations: Vec<Operation>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// Operations in the order in which they were started. Those in contexts that have ended are left out, unless the context
/// is entered again.
pub fn page(
    tx: &ReadTx<'_>,
    execution: &Execution,
    marker: Option<&str>,
    most: usize,
) -> Result<Page, LambdaError> {
    let invalid = || errors::refused("Invalid marker");
    let marker = marker.filter(|marker| !marker.is_empty());
    let after = marker.map(|marker| page::key(LIST, marker).ok_or_else(invalid)).transpose()?;
    let after = after.map(|after| after.parse::<u64>().map_err(|_| invalid())).transpose()?;
    let mut hidden: HashSet<String> = HashSet::new();
    let (mut operations, mut bytes): (Vec<Operation>, usize) = (Vec::new(), 0);
    for row in tx.prefix(&OPERATIONS, &(execution.id.as_str(),)) {
        let ((_, place), operation) = row?;
        let is_inside = operation.parent.as_ref().is_some_and(|parent| hidden.contains(parent));
        let is_over = operation.is_closed() && !operation.replays_children;
        if is_inside || operation.kind == OperationType::Context && is_over {
            hidden.insert(operation.id.clone());
        }
        if is_inside || after.is_some_and(|after| place <= after) {
            continue;
        }
        // One that is longer than a page has a page for itself.
        if operations.len() == most || !operations.is_empty() && bytes + operation.len() > limits::STATE_BYTES
        {
            let last = operations.last().and_then(|operation| operation.place).unwrap_or_default();
            return Ok(Page { operations, next: Some(page::token(LIST, &last.to_string())) });
        }
        bytes += operation.len() + limits::OPERATION_OVERHEAD;
        operations.push(operation);
    }
    Ok(Page { operations, next: None })
}

/// The event of an invocation.
pub fn of(arn: &str, token: &str, page: &Page, updated: &[String]) -> Bytes {
    let operations: Vec<_> = page.operations.iter().map(Operation::to_json).collect();
    let envelope = json!({
        "DurableExecutionArn": arn,
        "CheckpointToken": token,
        "InitialExecutionState": { "Operations": operations, "NextMarker": page.next.clone().unwrap_or_default() },
        "UpdatedOperationIds": updated,
    });
    Bytes::from(envelope.to_string())
}
