//! Why a transaction was cancelled, for each of its actions.

use api_dynamodb::{CancellationReason, DynamodbError, TransactionCanceledException};

/// The error of an action as a reason, or the error itself where none of AWS's reasons says it.
pub fn reason(error: DynamodbError) -> Result<CancellationReason, DynamodbError> {
    let (code, message, item) = match error {
        DynamodbError::ConditionalCheckFailedException(error) => {
            ("ConditionalCheckFailed", error.message, error.item)
        }
        DynamodbError::DuplicateItemException(error) => ("DuplicateItem", error.message, None),
        DynamodbError::ProvisionedThroughputExceededException(error) => {
            ("ProvisionedThroughputExceeded", error.message, None)
        }
        DynamodbError::ThrottlingException(error) => ("ThrottlingError", error.message, None),
        DynamodbError::Other(fault) if fault.code() == "ValidationException" => {
            ("ValidationError", Some(fault.message().to_owned()), None)
        }
        other => return Err(other),
    };
    Ok(CancellationReason { item, code: Some(code.to_owned()), message })
}

/// The cancellation, if any action has a reason for it.
pub fn check(reasons: Vec<Option<CancellationReason>>) -> Result<(), DynamodbError> {
    if reasons.iter().all(Option::is_none) {
        return Ok(());
    }
    let none = || CancellationReason { code: Some("None".to_owned()), ..Default::default() };
    let reasons: Vec<_> = reasons.into_iter().map(|reason| reason.unwrap_or_else(none)).collect();
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code.as_deref()).collect();
    let codes = codes.join(", ");
    Err(DynamodbError::TransactionCanceledException(Box::new(TransactionCanceledException {
        message: Some(format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        )),
        cancellation_reasons: Some(reasons),
    })))
}

/// Does something for every action and cancels the transaction if it failed for one.
pub fn each<A, T>(
    actions: impl IntoIterator<Item = A>,
    mut act: impl FnMut(A) -> Result<T, DynamodbError>,
) -> Result<Vec<T>, DynamodbError> {
    let (mut done, mut reasons) = (Vec::new(), Vec::new());
    for action in actions {
        match act(action) {
            Ok(value) => {
                done.push(value);
                reasons.push(None);
            }
            Err(error) => reasons.push(Some(reason(error)?)),
        }
    }
    check(reasons)?;
    Ok(done)
}
