//! Smithy RPC v2 with CBOR bodies: CloudWatch.
//!
//! Source: <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

use api_cloudwatch::schemas as cloudwatch;
use api_cloudwatch::{
    CloudwatchError, Datapoint, GetMetricStatisticsInput, GetMetricStatisticsOutput, PutMetricDataInput,
    StandardUnit,
};
use kernel::Fault;
use kernel::schema::ProtocolKind::RpcV2Cbor;
use kernel::shape::{ReadError, ReadErrorKind};
use protocol::formats::cbor_reader;
use serde_json::json;

use crate::support::*;

/// Bytes written as hexadecimal, with names and other text between quotes.
fn cbor(notation: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, part) in notation.split('\'').enumerate() {
        if index % 2 == 1 {
            assert!(part.len() < 24, "short text only");
            bytes.push(0x60 + part.len() as u8);
            bytes.extend_from_slice(part.as_bytes());
        } else {
            let digits: Vec<u8> = part.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            bytes.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()));
        }
    }
    bytes
}

fn put(notation: &str) -> Result<(PutMetricDataInput, Vec<String>), ReadError> {
    let read = try_decode(RpcV2Cbor, &cloudwatch::OPERATION_PUT_METRIC_DATA, post(cbor(notation)));
    read.map(|(input, missing)| (input, missing.into_iter().map(|missing| missing.path).collect()))
}

#[test]
fn nested_structures_of_known_and_of_open_length() {
    let known =
        "A2 'Namespace' 'N' 'MetricData' 81 A5 'MetricName' 'm' 'Unit' 'Bytes' 'Value' FB 3FF8000000000000
        'Timestamp' C1 FB 41DA55CD69600000 'Dimensions' 81 A2 'Name' 'k' 'Value' 'v'";
    let open =
        "BF 'Namespace' 7F 'N' FF 'MetricData' 9F BF 'Timestamp' C1 FB 41DA55CD69600000 'Value' F9 3E00
        'Unit' 7F 'By' 'tes' FF 'Dimensions' 9F BF 'Name' 'k' 'Value' 'v' FF FF 'MetricName' 'm' FF FF FF";
    for notation in [known, open] {
        let (input, missing) = put(notation).unwrap();
        assert_eq!(missing, [""; 0]);
        assert_eq!(input.namespace, "N");
        let datum = &input.metric_data.as_ref().unwrap()[0];
        assert_eq!((datum.metric_name.as_str(), datum.value), ("m", Some(1.5)));
        assert_eq!(datum.unit, Some(StandardUnit::Bytes));
        assert_eq!(datum.timestamp, Some(at("2026-01-02T03:04:05.5Z")));
        assert_eq!(datum.dimensions.as_ref().unwrap()[0].value, "v");
    }
}

#[test]
fn timestamps_may_be_whole_and_negative() {
    for (time, instant) in [
        ("C1 1A 695734E5", "2026-01-02T03:00:53Z"),
        ("C1 20", "1969-12-31T23:59:59Z"),
        ("C1 FB BFF8000000000000", "1969-12-31T23:59:58.5Z"),
        ("C1 FA 3F000000", "1970-01-01T00:00:00.5Z"),
    ] {
        let (input, _) = put(&format!("A1 'MetricData' 81 A1 'Timestamp' {time}")).unwrap();
        assert_eq!(input.metric_data.unwrap()[0].timestamp, Some(at(instant)), "{time}");
    }
}

#[test]
fn floats_of_every_width_and_integers_for_floats() {
    let (input, _) = put(
        "A1 'MetricData' 81 A1 'Values' 88 F9 7E00 F9 7C00 FA FF800000 FB 7FF0000000000000 FB C010666666666666
        07 26 1B FFFFFFFFFFFFFFFF",
    )
    .unwrap();
    let values = input.metric_data.unwrap()[0].values.clone().unwrap();
    assert!(values[0].is_nan());
    let expected =
        [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, -4.1, 7.0, -7.0, 18_446_744_073_709_551_615.0];
    assert_eq!(values[1..], expected);
}

#[test]
fn null_and_undefined_are_as_good_as_absent() {
    let (input, missing) =
        put("A3 'Namespace' F6 'MetricData' 82 F6 A1 'Value' F7 'Later' A1 'x' 43 000102").unwrap();
    assert_eq!(input.metric_data.unwrap().len(), 1);
    assert_eq!(missing, ["namespace", "metricData.2.member.metricName"]);
    let (_, missing) = put("").unwrap();
    assert_eq!(missing, ["namespace"]);
}

#[test]
fn integers_keep_to_their_width() {
    let read = |notation: &str| {
        let body = cbor(&format!("A1 'Period' {notation}"));
        let operation = &cloudwatch::OPERATION_GET_METRIC_STATISTICS;
        let read = try_decode::<GetMetricStatisticsInput>(RpcV2Cbor, operation, post(body));
        read.map(|(input, _)| input.period)
    };
    assert_eq!(read("1A 7FFFFFFF"), Ok(i32::MAX));
    assert_eq!(read("3A 7FFFFFFF"), Ok(i32::MIN));
    for (notation, kind) in [
        ("1A 80000000", ReadErrorKind::Value),
        ("3A 80000000", ReadErrorKind::Value),
        ("3B FFFFFFFFFFFFFFFF", ReadErrorKind::Type),
        ("F9 3E00", ReadErrorKind::Type),
        ("'60'", ReadErrorKind::Type),
        ("F5", ReadErrorKind::Type),
    ] {
        let error = read(notation).unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (kind, "period"), "{notation}");
    }
}

#[test]
fn what_is_no_cbor_map_is_refused() {
    for notation in [
        "FF",
        "A1",
        "A1 01 02",
        "A0 A0",
        "BF 'Namespace' FF",
        "A1 'Namespace' 61 FF",
        "1C",
        "5B 7FFFFFFFFFFFFFFF",
    ] {
        assert_eq!(put(notation).unwrap_err().kind, ReadErrorKind::Syntax, "{notation}");
    }
    for notation in ["80", "'text'", "F6"] {
        assert_eq!(put(notation).unwrap_err().kind, ReadErrorKind::Type, "{notation}");
    }
    let error = put("A1 'MetricData' A0").unwrap_err();
    assert_eq!((error.kind, error.path.as_str()), (ReadErrorKind::Type, "metricData"));
}

#[test]
fn blobs_are_byte_strings() {
    let operation = &api_sqs::schemas::OPERATION_SEND_MESSAGE;
    let read = |notation: &str| {
        let body = cbor(&format!("A1 'MessageAttributes' A1 'a' A1 'BinaryValue' {notation}"));
        let read = try_decode::<api_sqs::SendMessageInput>(RpcV2Cbor, operation, post(body));
        read.map(|(input, _)| input.message_attributes.unwrap()["a"].binary_value.clone().unwrap().to_vec())
    };
    assert_eq!(read("43 0001FF"), Ok(vec![0, 1, 255]));
    assert_eq!(read("5F 41 00 42 01FF FF"), Ok(vec![0, 1, 255]));
    assert_eq!(read("'AAH/'").unwrap_err().path, "messageAttributes.a.member.binaryValue");
}

#[test]
fn an_answer_to_the_byte() {
    let point = Datapoint {
        timestamp: Some(at("2026-01-02T03:04:05Z")),
        average: Some(1.5),
        sum: Some(-4.1),
        extended_statistics: Some([("p99".to_owned(), f64::INFINITY)].into_iter().collect()),
        ..Datapoint::default()
    };
    let output = GetMetricStatisticsOutput { label: Some("CPU".into()), datapoints: Some(vec![point]) };
    let response =
        encode(RpcV2Cbor, &api_cloudwatch::SERVICE, &cloudwatch::OPERATION_GET_METRIC_STATISTICS, &output);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/cbor");
    assert_eq!(header(&response, "smithy-protocol"), "rpc-v2-cbor");
    assert_eq!(header(&response, "x-amzn-requestid"), REQUEST_ID);
    let expected = cbor(
        "BF 'Label' 'CPU' 'Datapoints' 9F BF 'Timestamp' C1 FB 41DA55CD69400000 'Average' F9 3E00
        'Sum' FB C010666666666666 'ExtendedStatistics' BF 'p99' F9 7C00 FF FF FF FF",
    );
    assert_eq!(bytes(&response), expected);
}

#[test]
fn an_operation_without_output_has_no_body() {
    let output = api_cloudwatch::PutMetricDataOutput::default();
    let response =
        encode(RpcV2Cbor, &api_cloudwatch::SERVICE, &cloudwatch::OPERATION_PUT_METRIC_DATA, &output);
    assert_eq!((header(&response, "content-type"), bytes(&response)), ("", &[][..]));
    assert_eq!(header(&response, "smithy-protocol"), "rpc-v2-cbor");
}

#[test]
fn errors_have_their_name_and_the_code_of_the_query_protocol() {
    let error = CloudwatchError::InternalServiceFault(Box::new(api_cloudwatch::InternalServiceFault {
        message: Some("It broke".into()),
    }));
    let response = fault(RpcV2Cbor, &api_cloudwatch::SERVICE, error);
    assert_eq!(response.status(), 500);
    assert_eq!(header(&response, "x-amzn-query-error"), "InternalServiceError;Receiver");
    assert_eq!(header(&response, "smithy-protocol"), "rpc-v2-cbor");
    let body = cbor_reader::document(bytes(&response)).unwrap();
    let member = api_cloudwatch::schemas::INTERNAL_SERVICE_FAULT.members[0].wire;
    assert_eq!(body, json!({"__type": "InternalServiceFault", member: "It broke"}));
}

#[test]
fn an_unmodelled_fault_has_its_code_its_fields_and_its_headers() {
    let error = Fault::client("Throttling", "Rate exceeded").field("Detail", "x").header("retry-after", "2");
    let response = fault(RpcV2Cbor, &api_sqs::SERVICE, error);
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "content-type"), "application/cbor");
    assert_eq!(header(&response, "retry-after"), "2");
    let body = cbor_reader::document(bytes(&response)).unwrap();
    assert_eq!(body, json!({"__type": "Throttling", "message": "Rate exceeded", "Detail": "x"}));
}
