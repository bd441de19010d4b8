//! The sentences AWS prints.

use api_dynamodb::{ConditionalCheckFailedException, DynamodbError};
use kernel::Fault;

use crate::item::Attributes;

/// A request that is not valid, in AWS's words.
pub fn validation(message: impl Into<String>) -> DynamodbError {
    Fault::client("ValidationException", message).into()
}

/// A request with invalid values, in AWS's words.
pub fn invalid(what: impl std::fmt::Display) -> DynamodbError {
    validation(format!("One or more parameter values were invalid: {what}"))
}

/// What AWS has and we have not.
pub fn not_emulated(what: &str) -> DynamodbError {
    Fault::new("NotImplemented", 501, format!("Fogbank does not emulate {what} yet.")).into()
}

/// No table of that name, where tables are managed.
pub fn no_such_table(name: &str) -> DynamodbError {
    let message = format!("Requested resource not found: Table: {name} not found");
    DynamodbError::resource_not_found_exception(message)
}

/// No table of that name, where backups are made.
pub fn table_not_found(name: &str) -> DynamodbError {
    DynamodbError::table_not_found_exception(format!("Table not found: {name}"))
}

/// No table of that name, where items are read and written.
pub fn no_such_resource() -> DynamodbError {
    DynamodbError::resource_not_found_exception("Requested resource not found")
}

/// No table of that ARN, where tags are set.
pub fn no_such_arn(arn: &str) -> DynamodbError {
    let message = format!("Requested resource not found: ResourcArn: {arn} not found");
    DynamodbError::resource_not_found_exception(message)
}

/// A table of that name is there.
pub fn table_exists(name: &str) -> DynamodbError {
    DynamodbError::resource_in_use_exception(format!("Table already exists: {name}"))
}

/// A name that no table or index can have.
pub fn invalid_name() -> DynamodbError {
    validation(
        "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the \
         characters a-z, A-Z, 0-9, '_', '-', and '.'",
    )
}

/// No index of that name, where items are read.
pub fn no_such_index(name: &str) -> DynamodbError {
    validation(format!("The table does not have the specified index: {name}"))
}

/// A key with other attributes or types than the table's.
pub fn key_mismatch() -> DynamodbError {
    validation("The provided key element does not match the schema")
}

/// A key attribute that is empty.
pub fn empty_key(kind: &str, name: &str) -> DynamodbError {
    validation(format!(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
         {kind} value. Key: {name}"
    ))
}

/// An index key attribute that is empty.
pub fn empty_index_key(kind: &str, index: &str, name: &str) -> DynamodbError {
    validation(format!(
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. \
         The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: {index}, \
         IndexKey: {name}"
    ))
}

/// An index key attribute that an update would make empty.
pub fn empty_index_update(kind: &str) -> DynamodbError {
    validation(format!(
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key to \
         a value that is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} value."
    ))
}

/// An index key attribute of another type than the index's.
pub fn index_key_type(name: &str, expected: &str, actual: &str, index: &str) -> DynamodbError {
    invalid(format_args!(
        "Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
    ))
}

/// Two keys of a batch that are the same.
pub fn duplicate_keys() -> DynamodbError {
    validation("Provided list of item keys contains duplicates")
}

/// A union without a member.
pub fn no_datatype() -> DynamodbError {
    validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

/// A union with several members.
pub fn many_datatypes() -> DynamodbError {
    validation(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    )
}

/// A partition key that is too long; AWS leaves out the space.
pub fn long_partition_key() -> DynamodbError {
    invalid("Size of hashkey has exceeded the maximum size limit of2048 bytes")
}

/// A sort key that is too long.
pub fn long_sort_key() -> DynamodbError {
    invalid("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
}

/// An item that is too large.
pub fn large_item() -> DynamodbError {
    validation("Item size has exceeded the maximum allowed size")
}

/// An item that became too large.
pub fn large_update() -> DynamodbError {
    validation("Item size to update has exceeded the maximum allowed size")
}

/// A transaction whose items are too large together.
pub fn large_transaction() -> DynamodbError {
    validation("The aggregate size of the items in the transaction exceeded 4 MB.")
}

/// A token that stands for another transaction.
pub fn other_payload() -> DynamodbError {
    DynamodbError::idempotent_parameter_mismatch_exception(
        "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent \
         token that was already used.",
    )
}

/// A condition that does not hold, with the item if the caller wants it.
pub fn condition_failed(item: Option<Attributes>) -> DynamodbError {
    DynamodbError::ConditionalCheckFailedException(Box::new(ConditionalCheckFailedException {
        message: Some("The conditional request failed".to_owned()),
        item,
    }))
}
