//! How DynamoDB words requests that cannot be read or break the model.

use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::service::Dialect;
use kernel::shape::{ReadError, ReadErrorKind};

/// Values of another JSON type are told without an article; attribute values with no type or several have sentences of their own.
pub struct DynamodbDialect;

impl Dialect for DynamodbDialect {
    fn unreadable(&self, _: &'static OperationSchema, error: &ReadError) -> Option<Fault> {
        if error.kind == ReadErrorKind::Type {
            let (token, wanted) = error.message.split_once(" can not be converted to ")?;
            let wanted = wanted.trim_start_matches("an ").trim_start_matches("a ");
            let message = format!("{token} cannot be converted to {wanted}");
            return Some(Fault::client("SerializationException", message));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn worded(kind: ReadErrorKind, message: &str, path: &str) -> Option<String> {
        let error = ReadError { path: path.to_owned(), ..ReadError::new(kind, message) };
        let fault = DynamodbDialect.unreadable(&api_dynamodb::schemas::OPERATION_PUT_ITEM, &error)?;
        Some(format!("{}: {}", fault.code(), fault.message()))
    }

    #[test]
    fn values_of_other_types_have_no_article() {
        let integer = worded(ReadErrorKind::Type, "STRING_VALUE can not be converted to an Integer", "limit");
        assert_eq!(integer.unwrap(), "SerializationException: STRING_VALUE cannot be converted to Integer");
        assert_eq!(worded(ReadErrorKind::Type, "Unexpected field type", "item"), None);
    }

    #[test]
    fn empty_values_are_told_of_their_parameter() {
        let empty = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
        for (path, message) in [
            ("item.x.member", empty.to_owned()),
            (
                "expressionAttributeValues.:v.member",
                format!("ExpressionAttributeValues contains invalid value: {empty} for key :v"),
            ),
            ("exclusiveStartKey.pk.member", format!("The provided starting key is invalid: {empty}")),
        ] {
            let message = format!("ValidationException: {message}");
            assert_eq!(worded(ReadErrorKind::Value, "union is empty", path).unwrap(), message);
        }
    }
}
