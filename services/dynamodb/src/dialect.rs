//! How DynamoDB words requests that cannot be read or break the model.

use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::service::Dialect;
use kernel::shape::{ReadError, ReadErrorKind};

/// Attribute values with no type or several have sentences of their own.
pub struct DynamodbDialect;

impl Dialect for DynamodbDialect {
    fn unreadable(&self, _: &'static OperationSchema, error: &ReadError) -> Option<Fault> {
        if error.kind != ReadErrorKind::Value {
            return None;
        }
        let problem = match error.message.as_str() {
            "union is empty" => "is empty",
            "union has more than one member set" => "has more than one datatypes set",
            _ => return None,
        };
        let problem =
            format!("Supplied AttributeValue {problem}, must contain exactly one of the supported datatypes");
        Some(Fault::client("ValidationException", placed(&error.path, problem)))
    }
}

/// The sentence, told of the parameter whose value it is.
fn placed(path: &str, problem: String) -> String {
    let mut parts = path
        .split('.')
        .skip_while(|part| !matches!(*part, "expressionAttributeValues" | "exclusiveStartKey"));
    match (parts.next(), parts.next()) {
        (Some("expressionAttributeValues"), Some(key)) => {
            format!("ExpressionAttributeValues contains invalid value: {problem} for key {key}")
        }
        (Some("exclusiveStartKey"), _) => format!("The provided starting key is invalid: {problem}"),
        _ => problem,
    }
}
