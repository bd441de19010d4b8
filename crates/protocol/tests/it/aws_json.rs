//! AWS JSON 1.0 and 1.1: SQS and DynamoDB.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>

use api_dynamodb::schemas as dynamodb;
use api_dynamodb::{ConditionalCheckFailedException, DynamodbError, GetItemOutput};
use api_sqs::schemas as sqs;
use api_sqs::{SendMessageBatchInput, SendMessageInput, SendMessageOutput, SqsError};
use kernel::Fault;
use kernel::schema::ProtocolKind::{AwsJson10, AwsJson11};

use crate::support::*;

#[test]
fn a_message_with_nested_attributes() {
    let body = br#"{
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/177715257436/MyQueue/",
        "MessageBody": "This is a test message",
        "DelaySeconds": 45,
        "MessageAttributes": {
            "my_attribute_name_1": {"StringValue": "my_attribute_value_1", "DataType": "String"},
            "my_attribute_name_2": {"BinaryValue": "AAH/", "DataType": "Binary"}
        }
    }"#;
    let input: SendMessageInput = decode(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(&body[..]));
    assert_eq!(input.message_body, "This is a test message");
    assert_eq!(input.delay_seconds, Some(45));
    let attributes = input.message_attributes.unwrap();
    assert_eq!(attributes.keys().collect::<Vec<_>>(), ["my_attribute_name_1", "my_attribute_name_2"]);
    assert_eq!(attributes[0].string_value.as_deref(), Some("my_attribute_value_1"));
    assert_eq!(attributes[1].binary_value.as_deref(), Some(&[0, 1, 255][..]));
}

#[test]
fn unknown_members_are_skipped_whatever_they_hold() {
    let body = br#"{"Future":{"a":[1,{"b":null}]},"QueueUrl":"u","More":[[]],"MessageBody":"m","X":1e400}"#;
    // A number beyond any float is still a token to skip.
    let input = try_decode::<SendMessageInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(&body[..]));
    assert_eq!(input.unwrap().0.message_body, "m");
}

#[test]
fn null_is_as_good_as_absent() {
    let body = br#"{"QueueUrl":null,"MessageBody":"m","DelaySeconds":null,"MessageAttributes":{"a":null}}"#;
    let (input, missing) =
        try_decode::<SendMessageInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(&body[..])).unwrap();
    assert_eq!(missing[0].path, "queueUrl");
    assert_eq!(missing[0].name, "QueueUrl");
    assert_eq!(missing.len(), 1);
    assert_eq!(input.delay_seconds, None);
    assert!(input.message_attributes.unwrap().is_empty());
}

#[test]
fn missing_members_are_told_with_their_paths() {
    let body = br#"{"Entries":[{"MessageBody":"a"},{"Id":"2"}]}"#;
    let paths =
        missing::<SendMessageBatchInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE_BATCH, post(&body[..]));
    assert_eq!(paths, ["entries.1.member.id", "entries.2.member.messageBody", "queueUrl"]);
}

#[test]
fn an_empty_body_is_an_empty_object() {
    let paths = missing::<SendMessageInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(""));
    assert_eq!(paths, ["queueUrl", "messageBody"]);
}

#[test]
fn an_answer_with_its_headers() {
    let output = SendMessageOutput {
        md5_of_message_body: Some("fafb00f5732ab283681e124bf8747ed1".into()),
        message_id: Some("219f8380-5770-4cc2-8c3e-5c715e145f5e".into()),
        ..SendMessageOutput::default()
    };
    let response = encode(AwsJson10, &api_sqs::SERVICE, &sqs::OPERATION_SEND_MESSAGE, &output);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/x-amz-json-1.0");
    assert_eq!(header(&response, "x-amzn-requestid"), REQUEST_ID);
    assert_eq!(header(&response, "x-amz-crc32"), "");
    assert_eq!(
        text(&response),
        r#"{"MD5OfMessageBody":"fafb00f5732ab283681e124bf8747ed1","MessageId":"219f8380-5770-4cc2-8c3e-5c715e145f5e"}"#
    );
}

#[test]
fn version_1_1_differs_in_the_content_type() {
    let output = SendMessageOutput::default();
    let response = encode(AwsJson11, &api_sqs::SERVICE, &sqs::OPERATION_SEND_MESSAGE, &output);
    assert_eq!(header(&response, "content-type"), "application/x-amz-json-1.1");
    assert_eq!(text(&response), "{}");
}

#[test]
fn dynamodb_answers_carry_their_checksum() {
    let response =
        encode(AwsJson10, &api_dynamodb::SERVICE, &dynamodb::OPERATION_GET_ITEM, &GetItemOutput::default());
    assert_eq!(text(&response), "{}");
    // DynamoDB's own answer to a GetItem that finds nothing: `{}` and `x-amz-crc32: 2745614147`.
    assert_eq!(header(&response, "x-amz-crc32"), "2745614147");
    let error = fault(AwsJson10, &api_dynamodb::SERVICE, Fault::client("ValidationException", "no"));
    assert!(!header(&error, "x-amz-crc32").is_empty());
}

#[test]
fn a_modelled_error_has_the_namespace_and_the_code_of_the_query_protocol() {
    let error = SqsError::queue_does_not_exist("The specified queue does not exist.");
    let response = fault(AwsJson10, &api_sqs::SERVICE, error);
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "content-type"), "application/x-amz-json-1.0");
    assert_eq!(header(&response, "x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
    assert_eq!(
        text(&response),
        r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#
    );
}

#[test]
fn errors_of_the_framework_have_its_namespace_where_a_service_has_one() {
    for (code, name) in [
        ("ValidationException", "com.amazon.coral.validate#ValidationException"),
        ("SerializationException", "com.amazon.coral.service#SerializationException"),
        ("NotImplemented", "NotImplemented"),
    ] {
        let response = fault(AwsJson10, &api_dynamodb::SERVICE, Fault::client(code, "no"));
        assert_eq!(text(&response), format!(r#"{{"__type":"{name}","message":"no"}}"#));
    }
}

#[test]
fn a_modelled_error_carries_its_other_members() {
    let error = DynamodbError::ConditionalCheckFailedException(Box::new(ConditionalCheckFailedException {
        message: Some("The conditional request failed".into()),
        item: Some([("pk".to_owned(), api_dynamodb::AttributeValue::N("1".into()))].into_iter().collect()),
    }));
    let response = fault(AwsJson10, &api_dynamodb::SERVICE, error);
    assert_eq!(
        text(&response),
        concat!(
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","#,
            r#""Message":"The conditional request failed","Item":{"pk":{"N":"1"}}}"#
        )
    );
    assert_eq!(header(&response, "x-amzn-query-error"), "");
}

#[test]
fn an_unmodelled_fault_has_its_code_its_fields_and_its_headers() {
    let error =
        Fault::new("InternalFailure", 500, "It broke").field("Detail", "x").header("retry-after", "1");
    let response = fault(AwsJson10, &api_sqs::SERVICE, error);
    assert_eq!(response.status(), 500);
    assert_eq!(header(&response, "x-amzn-query-error"), "InternalFailure;Receiver");
    assert_eq!(header(&response, "retry-after"), "1");
    assert_eq!(text(&response), r#"{"__type":"InternalFailure","message":"It broke","Detail":"x"}"#);
}
