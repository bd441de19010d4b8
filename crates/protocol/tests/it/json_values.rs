//! Every kind of value in JSON, read and written.

use api_dynamodb::schemas as dynamodb;
use api_dynamodb::{
    AttributeValue, DescribeTableOutput, GetItemOutput, PutItemInput, ReturnValue, TableDescription,
    TableStatus,
};
use api_sqs::SendMessageInput;
use api_sqs::schemas as sqs;
use kernel::schema::ProtocolKind::AwsJson10;
use kernel::shape::{ReadError, ReadErrorKind};

use crate::support::*;

fn item(value: &str) -> Result<AttributeValue, ReadError> {
    let body = format!(r#"{{"TableName":"Thread","Item":{{"a":{value}}}}}"#);
    let (mut input, _) = try_decode::<PutItemInput>(AwsJson10, &dynamodb::OPERATION_PUT_ITEM, post(body))?;
    Ok(input.item.swap_remove("a").unwrap())
}

fn delay(value: &str) -> Result<Option<i32>, ReadError> {
    let body = format!(r#"{{"QueueUrl":"u","MessageBody":"m","DelaySeconds":{value}}}"#);
    let read = try_decode::<SendMessageInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(body));
    read.map(|(input, _)| input.delay_seconds)
}

#[test]
fn unions_of_every_member() {
    let s = |text: &str| AttributeValue::S(text.into());
    for (json, value) in [
        (r#"{"S":"Hello"}"#, s("Hello")),
        (r#"{"N":"123.45"}"#, AttributeValue::N("123.45".into())),
        (r#"{"B":"AAEC"}"#, AttributeValue::B(vec![0, 1, 2].into())),
        (r#"{"SS":["Giraffe","Hippo"]}"#, AttributeValue::Ss(vec!["Giraffe".into(), "Hippo".into()])),
        (r#"{"NS":["42.2"]}"#, AttributeValue::Ns(vec!["42.2".into()])),
        (r#"{"BS":["U3Vubnk="]}"#, AttributeValue::Bs(vec!["Sunny".into()])),
        (r#"{"M":{"k":{"L":[{"S":"a"},{"NULL":true}]}}}"#, {
            let list = AttributeValue::L(vec![s("a"), AttributeValue::Null(true)]);
            AttributeValue::M([("k".to_owned(), list)].into_iter().collect())
        }),
        (r#"{"L":[]}"#, AttributeValue::L(vec![])),
        (r#"{"BOOL":false}"#, AttributeValue::Bool(false)),
        (r#"{"S":"x","N":null}"#, s("x")),
    ] {
        assert_eq!(item(json).unwrap(), value, "{json}");
        if !json.contains("null") {
            let output = GetItemOutput {
                item: Some([("a".to_owned(), value)].into_iter().collect()),
                ..GetItemOutput::default()
            };
            let response = encode(AwsJson10, &api_dynamodb::SERVICE, &dynamodb::OPERATION_GET_ITEM, &output);
            assert_eq!(text(&response), format!(r#"{{"Item":{{"a":{json}}}}}"#));
        }
    }
}

#[test]
fn unions_with_no_member_or_with_two_are_refused() {
    for json in ["{}", r#"{"S":"a","N":"1"}"#, r#"{"Z":"unknown"}"#, r#"{"S":null}"#] {
        let error = item(json).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Value, "{json}");
        assert_eq!(error.path, "item.a.member", "{json}");
    }
}

#[test]
fn the_innermost_path_stays_with_the_error() {
    let error = item(r#"{"M":{"k":{"L":[{"S":"a"},{"B":"no base64!"}]}}}"#).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Value);
    assert_eq!(error.path, "item.a.member.m.k.member.l.2.member.b");
}

#[test]
fn enums_keep_values_of_tomorrow() {
    let body = r#"{"TableName":"t","Item":{},"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"SOMETIMES"}"#;
    let input: PutItemInput = decode(AwsJson10, &dynamodb::OPERATION_PUT_ITEM, post(body));
    assert_eq!(input.return_values, Some(ReturnValue::AllOld));
    assert_eq!(input.return_consumed_capacity.unwrap().as_str(), "SOMETIMES");
}

#[test]
fn integers_keep_to_their_width() {
    assert_eq!(delay("2147483647"), Ok(Some(i32::MAX)));
    assert_eq!(delay("-2147483648"), Ok(Some(i32::MIN)));
    assert_eq!(delay("3.0"), Ok(Some(3)));
    for (json, kind) in [
        ("2147483648", ReadErrorKind::Value),
        ("-2147483649", ReadErrorKind::Value),
        ("3.5", ReadErrorKind::Type),
        ("18446744073709551615", ReadErrorKind::Type),
        ("true", ReadErrorKind::Type),
        (r#""3""#, ReadErrorKind::Type),
        ("{}", ReadErrorKind::Type),
        ("[1]", ReadErrorKind::Type),
    ] {
        let error = delay(json).unwrap_err();
        assert_eq!(error.kind, kind, "{json}: {error}");
        assert_eq!(error.path, "delaySeconds");
    }
}

#[test]
fn a_value_of_another_type_is_named_as_aws_names_it() {
    for (json, message) in [
        (r#"{"S":1}"#, "NUMBER_VALUE can not be converted to a String"),
        (r#"{"S":1.5}"#, "DECIMAL_VALUE can not be converted to a String"),
        (r#"{"S":true}"#, "TRUE_VALUE can not be converted to a String"),
        (r#"{"S":[]}"#, "Start of structure or map found where not expected."),
        (r#"{"M":[]}"#, "Unrecognized collection type class java.util.ArrayList"),
        (r#"{"L":1}"#, "Unexpected field type"),
    ] {
        let error = item(json).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ReadErrorKind::Type, message), "{json}");
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    for body in ["{", "nonsense", "{}{}", r#"{"QueueUrl":"u",}"#, "\"text\"", "[]", "17"] {
        let read = try_decode::<SendMessageInput>(AwsJson10, &sqs::OPERATION_SEND_MESSAGE, post(body));
        assert!(read.is_err(), "{body}");
    }
    let read = try_decode::<SendMessageInput>(
        AwsJson10,
        &sqs::OPERATION_SEND_MESSAGE,
        post(&b"{\"QueueUrl\":\"\xff\"}"[..]),
    );
    assert_eq!(read.unwrap_err().kind, ReadErrorKind::Syntax);
}

#[test]
fn escapes_are_read_and_written() {
    assert_eq!(item(r#"{"S":"\u00e9\ud83d\ude00\n\/\""}"#).unwrap(), AttributeValue::S("é😀\n/\"".into()));
    let value = AttributeValue::S("\"\\\u{8}\u{c}\n\r\t\u{1}é/".into());
    let output = GetItemOutput {
        item: Some([("a\"".to_owned(), value)].into_iter().collect()),
        ..GetItemOutput::default()
    };
    let response = encode(AwsJson10, &api_dynamodb::SERVICE, &dynamodb::OPERATION_GET_ITEM, &output);
    assert_eq!(text(&response), r#"{"Item":{"a\"":{"S":"\"\\\b\f\n\r\t\u0001é/"}}}"#);
}

#[test]
fn timestamps_are_seconds_with_a_fraction() {
    for (instant, json) in [
        ("2015-01-26T22:05:58Z", "1422309958"),
        ("2013-07-11T00:00:00.150Z", "1373500800.15"),
        ("1969-12-31T23:59:59.500Z", "-0.5"),
    ] {
        let table = TableDescription {
            table_status: Some(TableStatus::Active),
            creation_date_time: Some(at(instant)),
            item_count: Some(i64::MAX),
            ..TableDescription::default()
        };
        let output = DescribeTableOutput { table: Some(table) };
        let response =
            encode(AwsJson10, &api_dynamodb::SERVICE, &dynamodb::OPERATION_DESCRIBE_TABLE, &output);
        let expected = format!(
            r#"{{"Table":{{"TableStatus":"ACTIVE","CreationDateTime":{json},"ItemCount":9223372036854775807}}}}"#
        );
        assert_eq!(text(&response), expected);
    }
}

#[test]
fn floats_that_json_has_no_number_for_are_text() {
    let read = |value: &str| {
        let body = format!(r#"{{"Namespace":"n","MetricData":[{{"MetricName":"m","Value":{value}}}]}}"#);
        let operation = &api_cloudwatch::schemas::OPERATION_PUT_METRIC_DATA;
        let read = try_decode::<api_cloudwatch::PutMetricDataInput>(AwsJson10, operation, post(body));
        read.map(|(input, _)| input.metric_data.unwrap()[0].value.unwrap())
    };
    assert_eq!(read("1.5e3"), Ok(1500.0));
    assert_eq!(read("7"), Ok(7.0));
    assert!(read(r#""NaN""#).unwrap().is_nan());
    assert_eq!(read(r#""Infinity""#), Ok(f64::INFINITY));
    assert_eq!(read(r#""-Infinity""#), Ok(f64::NEG_INFINITY));
    assert!(read("false").is_err());
}
