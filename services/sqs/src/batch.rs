//! What all batches share: their limits, and entries that fail by themselves.

use api_sqs::{BatchResultErrorEntry, SqsError};
use kernel::Fault;
use kernel::schema::ProtocolKind;

use crate::{errors, limits};

/// Checks the ids of a batch's entries.
pub fn check<'a>(ids: impl Iterator<Item = &'a str>, entry: &str) -> Result<(), SqsError> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return Err(errors::empty_batch(entry));
    }
    if ids.len() > limits::BATCH {
        return Err(errors::too_many_entries(ids.len()));
    }
    if !ids.iter().all(|id| limits::is_entry_id(id)) {
        return Err(errors::invalid_entry_id());
    }
    let repeated = ids.iter().enumerate().find(|(at, id)| ids[..*at].contains(id));
    repeated.map_or(Ok(()), |(_, id)| Err(errors::repeated_entry_id(id)))
}

/// What is told of an entry that failed. Faults of ours fail the whole batch.
pub fn failed(
    id: &str,
    error: SqsError,
    protocol: Option<ProtocolKind>,
) -> Result<BatchResultErrorEntry, SqsError> {
    let fault = Fault::from(error);
    if !fault.is_sender() {
        return Err(fault.into());
    }
    let is_query = protocol == Some(ProtocolKind::Query);
    // Within a batch's answer the JSON protocol has the short codes too, but for those of the model.
    let code = if is_query || fault.shape().is_none() { fault.code_in_query() } else { fault.code() };
    Ok(BatchResultErrorEntry {
        id: id.to_owned(),
        sender_fault: true,
        code: code.to_owned(),
        message: Some(fault.message().to_owned()),
    })
}

/// Lists without entries are left out.
pub fn some<T>(entries: Vec<T>) -> Option<Vec<T>> {
    (!entries.is_empty()).then_some(entries)
}
