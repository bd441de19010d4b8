//! The messages of constraints that a request breaks, as AWS's services print them.

use api_cloudwatch::schemas as cloudwatch;
use api_dynamodb::schemas as dynamodb;
use api_lambda::schemas as lambda;
use api_sqs::schemas as sqs;
use kernel::schema::OperationSchema;
use kernel::schema::ProtocolKind::{AwsJson10, RestJson};
use kernel::shape::Shape;
use kernel::validation::message;
use protocol::validate::check;

use crate::support::*;

/// The whole message of a request in AWS JSON; empty when nothing is wrong.
fn judged<I: Shape + Default>(operation: &'static OperationSchema, body: &str) -> String {
    let (input, missing) = try_decode::<I>(AwsJson10, operation, post(body.to_owned())).unwrap();
    let problems = check(&input, &missing);
    if problems.is_empty() { String::new() } else { message(&problems) }
}

fn list_tables(body: &str) -> String {
    judged::<api_dynamodb::ListTablesInput>(&dynamodb::OPERATION_LIST_TABLES, body)
}

fn describe_table(body: &str) -> String {
    judged::<api_dynamodb::DescribeTableInput>(&dynamodb::OPERATION_DESCRIBE_TABLE, body)
}

fn create_table(body: &str) -> String {
    judged::<api_dynamodb::CreateTableInput>(&dynamodb::OPERATION_CREATE_TABLE, body)
}

#[test]
fn nothing_is_wrong() {
    assert_eq!(list_tables(r#"{"ExclusiveStartTableName":"abc","Limit":100}"#), "");
    assert_eq!(describe_table(r#"{"TableName":"t"}"#), "");
}

#[test]
fn ranges() {
    assert_eq!(
        list_tables(r#"{"Limit":0}"#),
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: \
        Member must have value greater than or equal to 1"
    );
    assert_eq!(
        list_tables(r#"{"Limit":101}"#),
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: \
        Member must have value less than or equal to 100"
    );
}

#[test]
fn lengths() {
    assert_eq!(
        describe_table(r#"{"TableName":""}"#),
        "1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: \
        Member must have length greater than or equal to 1"
    );
    let long = "é".repeat(1025);
    assert_eq!(
        describe_table(&format!(r#"{{"TableName":"{long}"}}"#)),
        format!(
            "1 validation error detected: Value '{long}' at 'tableName' failed to satisfy constraint: \
            Member must have length less than or equal to 1024"
        )
    );
    assert_eq!(describe_table(&format!(r#"{{"TableName":"{}"}}"#, "é".repeat(1024))), "");
}

#[test]
fn several_constraints_at_once_in_the_order_of_the_model() {
    assert_eq!(
        list_tables(r#"{"Limit":0,"ExclusiveStartTableName":"a/"}"#),
        "3 validation errors detected: Value 'a/' at 'exclusiveStartTableName' failed to satisfy constraint: \
        Member must have length greater than or equal to 3; \
        Value 'a/' at 'exclusiveStartTableName' failed to satisfy constraint: \
        Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; \
        Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
    );
}

#[test]
fn a_pattern_is_for_the_whole_text() {
    for name in ["abc\\n", "a b c", "abc/"] {
        let judged = list_tables(&format!(r#"{{"ExclusiveStartTableName":"{name}"}}"#));
        assert!(judged.ends_with("pattern: [a-zA-Z0-9_.-]+"), "{name}: {judged}");
    }
}

#[test]
fn a_missing_member_is_null() {
    assert_eq!(
        describe_table("{}"),
        "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: \
        Member must not be null"
    );
    assert_eq!(
        judged::<api_sqs::SendMessageBatchInput>(
            &sqs::OPERATION_SEND_MESSAGE_BATCH,
            r#"{"Entries":[{"Id":"a"}]}"#
        ),
        "2 validation errors detected: Value null at 'queueUrl' failed to satisfy constraint: \
        Member must not be null; \
        Value null at 'entries.1.member.messageBody' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn enums() {
    let body = r#"{"TableName":"t","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},
        {"AttributeName":"b","AttributeType":"Q"}]}"#;
    let values = api_dynamodb::ScalarAttributeType::VALUES.join(", ");
    assert_eq!(
        create_table(body),
        format!(
            "1 validation error detected: Value 'Q' at 'attributeDefinitions.2.member.attributeType' failed to \
            satisfy constraint: Member must satisfy enum value set: [{values}]"
        )
    );
}

#[test]
fn the_length_of_a_list() {
    assert_eq!(
        create_table(r#"{"TableName":"t","KeySchema":[]}"#),
        "1 validation error detected: Value '[]' at 'keySchema' failed to satisfy constraint: \
        Member must have length greater than or equal to 1"
    );
}

#[test]
fn a_list_of_too_many_prints_its_elements() {
    let dimension = r#"{"Name":"n","Value":"v"}"#;
    let dimensions = vec![dimension; 31].join(",");
    let body =
        format!(r#"{{"Namespace":"N","MetricData":[{{"MetricName":"m","Dimensions":[{dimensions}]}}]}}"#);
    let judged = judged::<api_cloudwatch::PutMetricDataInput>(&cloudwatch::OPERATION_PUT_METRIC_DATA, &body);
    let printed = vec!["Dimension(name=n, value=v)"; 31].join(", ");
    assert_eq!(
        judged,
        format!(
            "1 validation error detected: Value '[{printed}]' at 'metricData.1.member.dimensions' failed to satisfy \
            constraint: Member must have length less than or equal to 30"
        )
    );
}

#[test]
fn the_keys_of_a_map_are_reported_once() {
    // As AWS answers: https://github.com/hashicorp/terraform/issues/20076
    let body = r#"{"FunctionName":"f","Role":"arn:aws:iam::123456789012:role/r","Code":{},
        "Environment":{"Variables":{"OK":"1","a":"2","9":"3"}}}"#;
    let operation = &lambda::OPERATION_CREATE_FUNCTION;
    let (input, missing) =
        try_decode::<api_lambda::CreateFunctionInput>(RestJson, operation, post(body)).unwrap();
    assert_eq!(
        message(&check(&input, &missing)),
        "1 validation error detected: Value '{OK=1, a=2, 9=3}' at 'environment.variables' failed to satisfy \
        constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
        [a-zA-Z]([a-zA-Z0-9_])+]"
    );
}

#[test]
fn the_keys_of_a_map_with_all_their_constraints() {
    let body = r#"{"RequestItems":{"":{"Keys":[]}}}"#;
    let judged = judged::<api_dynamodb::BatchGetItemInput>(&dynamodb::OPERATION_BATCH_GET_ITEM, body);
    assert!(
        judged.contains(
            "at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: \
            [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1]"
        ),
        "{judged}"
    );
}

#[test]
fn the_values_of_a_map_are_reported_once() {
    // As AWS's own client words it: https://github.com/aws/aws-dax-go/pull/41
    let body = r#"{"RequestItems":{"one":[],"two":[]}}"#;
    let judged = judged::<api_dynamodb::BatchWriteItemInput>(&dynamodb::OPERATION_BATCH_WRITE_ITEM, body);
    assert_eq!(
        judged,
        "1 validation error detected: Value '{one=[], two=[]}' at 'requestItems' failed to satisfy constraint: Map value \
        must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater \
        than or equal to 1]"
    );
}
