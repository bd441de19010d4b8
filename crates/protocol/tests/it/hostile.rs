//! Bodies cut off at every byte, and bodies of absurd depth: errors, never a panic.

use api_cloudwatch::PutMetricDataInput;
use api_dynamodb::PutItemInput;
use api_ec2::DescribeInstancesInput;
use api_s3::{DeleteObjectsInput, PutBucketAclInput};
use api_sqs::SendMessageBatchInput;
use kernel::schema::OperationSchema;
use kernel::schema::ProtocolKind::{self, AwsJson10, Ec2Query, Query, RestXml, RpcV2Cbor};
use kernel::shape::Shape;
use protocol::formats::cbor_writer;
use protocol::validate::check;

use crate::support::*;

const ITEM: &str =
    r#"{"TableName":"t\u00e9\n","Item":{"a":{"M":{"b":{"L":[{"N":"1"},{"B":"AAE="},{"NULL":true}]}}}}}"#;
const FORM: &str = "QueueUrl=u%2F&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.DelaySeconds=12\
    &SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n\
    &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue=AAE%3D";

/// Reads every prefix of the body, and the body with every byte replaced in turn.
fn mangle<I: Shape + Default>(kind: ProtocolKind, operation: &'static OperationSchema, body: &[u8]) {
    let judge = |body: Vec<u8>| {
        let request = post(body).label("Bucket", "b");
        if let Ok((input, missing)) = try_decode::<I>(kind, operation, request) {
            check(&input, &missing);
        }
    };
    assert!(try_decode::<I>(kind, operation, post(body.to_vec())).is_ok());
    for end in 0..body.len() {
        judge(body[..end].to_vec());
        for byte in [0, b'"', b'<', b'.', 0x5f, 0x7f, 0x9b, 0xbf, 0xff] {
            let mut changed = body.to_vec();
            changed[end] = byte;
            judge(changed);
        }
    }
}

#[test]
fn mangled_json() {
    mangle::<PutItemInput>(AwsJson10, &api_dynamodb::schemas::OPERATION_PUT_ITEM, ITEM.as_bytes());
}

#[test]
fn mangled_cbor() {
    let operation = &api_dynamodb::schemas::OPERATION_PUT_ITEM;
    let input: PutItemInput = decode(AwsJson10, operation, post(ITEM));
    let body = cbor_writer::object(&input);
    assert_eq!(decode::<PutItemInput>(RpcV2Cbor, operation, post(body.clone())), input);
    mangle::<PutItemInput>(RpcV2Cbor, operation, &body);
}

#[test]
fn mangled_forms() {
    mangle::<SendMessageBatchInput>(Query, &api_sqs::schemas::OPERATION_SEND_MESSAGE_BATCH, FORM.as_bytes());
    let body = b"InstanceId.1=i&Filter.1.Name=n&Filter.1.Value.1=v&Filter.18446744073709551616.Value.0=x&MaxResults=5";
    mangle::<DescribeInstancesInput>(Ec2Query, &api_ec2::schemas::OPERATION_DESCRIBE_INSTANCES, body);
}

#[test]
fn mangled_xml() {
    let body = b"<?xml version='1.0'?><Delete><Object><Key>a&amp;<![CDATA[b]]>&#13;</Key><Size>1</Size></Object></Delete>";
    mangle::<DeleteObjectsInput>(RestXml, &api_s3::schemas::OPERATION_DELETE_OBJECTS, body);
    let body = b"<AccessControlPolicy xmlns='u'><AccessControlList><Grant><Grantee xmlns:x='v' x:type='Group'/></Grant></AccessControlList></AccessControlPolicy>";
    mangle::<PutBucketAclInput>(RestXml, &api_s3::schemas::OPERATION_PUT_BUCKET_ACL, body);
}

#[test]
fn deep_json() {
    let operation = &api_dynamodb::schemas::OPERATION_PUT_ITEM;
    let read = |value: String| {
        let body = format!(r#"{{"TableName":"t","Item":{{"a":{value}}},"Unknown":{value}}}"#);
        try_decode::<PutItemInput>(AwsJson10, operation, post(body)).map(drop)
    };
    let lists = |depth: usize| r#"{"L":["#.repeat(depth) + r#"{"S":"x"}"# + &"]}".repeat(depth);
    assert!(read(lists(30)).is_ok());
    assert!(read(lists(100_000)).is_err());
    assert!(read("[".repeat(100_000)).is_err());
    let unknown = format!(r#"{{"Unknown":{}}}"#, "[".repeat(1_000_000));
    assert!(try_decode::<PutItemInput>(AwsJson10, operation, post(unknown)).is_err());
}

#[test]
fn deep_cbor() {
    let operation = &api_cloudwatch::schemas::OPERATION_PUT_METRIC_DATA;
    for byte in [0x81_u8, 0x9f, 0xc1] {
        let mut body = vec![0xa1, 0x61, b'x'];
        body.extend(std::iter::repeat_n(byte, 1_000_000));
        assert!(try_decode::<PutMetricDataInput>(RpcV2Cbor, operation, post(body)).is_err(), "{byte:x}");
    }
    let maps = [0xa1, 0x61, b'x'].repeat(1_000_000);
    assert!(try_decode::<PutMetricDataInput>(RpcV2Cbor, operation, post(maps)).is_err());
}

#[test]
fn cbor_that_promises_more_than_it_has() {
    let operation = &api_cloudwatch::schemas::OPERATION_PUT_METRIC_DATA;
    for header in [0x5b_u8, 0x7b, 0x9b, 0xbb] {
        let body = [&[0xa1, 0x61, b'x', header][..], &[0x7f; 8]].concat();
        assert!(try_decode::<PutMetricDataInput>(RpcV2Cbor, operation, post(body)).is_err(), "{header:x}");
    }
}

#[test]
fn deep_form_keys() {
    let operation = &api_sqs::schemas::OPERATION_SEND_MESSAGE_BATCH;
    let body = format!("QueueUrl=u&SendMessageBatchRequestEntry{}=x", ".1".repeat(200_000));
    assert!(try_decode::<SendMessageBatchInput>(Query, operation, post(body)).is_ok());
}

#[test]
fn deep_xml() {
    let operation = &api_s3::schemas::OPERATION_DELETE_OBJECTS;
    let request = post("<Delete>".repeat(200_000)).label("Bucket", "b");
    assert!(try_decode::<DeleteObjectsInput>(RestXml, operation, request).is_err());
    let closed = "<Delete>".repeat(50_000) + &"</Delete>".repeat(50_000);
    let _ = try_decode::<DeleteObjectsInput>(RestXml, operation, post(closed).label("Bucket", "b"));
}
