//! AWS query, requests: SQS and CloudWatch.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use api_cloudwatch::schemas as cloudwatch;
use api_cloudwatch::{GetMetricStatisticsInput, PutMetricDataInput, StandardUnit, Statistic};
use api_sqs::schemas as sqs;
use api_sqs::{
    GetQueueAttributesInput, QueueAttributeName, SendMessageBatchInput, SendMessageInput,
    SetQueueAttributesInput, TagQueueInput,
};
use kernel::schema::ProtocolKind::Query;
use kernel::shape::{ReadError, ReadErrorKind};

use crate::support::*;

#[test]
fn a_message_with_attributes() {
    let body = "Action=SendMessage&Version=2012-11-05&QueueUrl=https%3A%2F%2Fsqs%2F1%2FMyQueue&MessageBody=a+b%26c\
        &DelaySeconds=45&MessageAttribute.1.Name=one&MessageAttribute.1.Value.StringValue=v1\
        &MessageAttribute.1.Value.DataType=String&MessageAttribute.2.Name=two\
        &MessageAttribute.2.Value.BinaryValue=AAH%2F&MessageAttribute.2.Value.DataType=Binary";
    let input: SendMessageInput = decode(Query, &sqs::OPERATION_SEND_MESSAGE, post(body));
    assert_eq!(input.queue_url, "https://sqs/1/MyQueue");
    assert_eq!(input.message_body, "a b&c");
    assert_eq!(input.delay_seconds, Some(45));
    let attributes = input.message_attributes.unwrap();
    assert_eq!(attributes["one"].string_value.as_deref(), Some("v1"));
    assert_eq!(attributes["two"].binary_value.as_deref(), Some(&[0, 1, 255][..]));
    assert_eq!(attributes["two"].data_type, "Binary");
}

#[test]
fn a_get_has_its_parameters_in_the_query_string() {
    let request = post("").query("Action=SendMessage&QueueUrl=u&MessageBody=caf%C3%A9");
    let input: SendMessageInput = decode(Query, &sqs::OPERATION_SEND_MESSAGE, request);
    assert_eq!(input.message_body, "café");
}

#[test]
fn a_flattened_list_stands_under_the_name_of_its_element() {
    let body = "QueueUrl=u&AttributeName.1=VisibilityTimeout&AttributeName.2=QueueArn";
    let input: GetQueueAttributesInput = decode(Query, &sqs::OPERATION_GET_QUEUE_ATTRIBUTES, post(body));
    let names = [QueueAttributeName::VisibilityTimeout, QueueAttributeName::QueueArn];
    assert_eq!(input.attribute_names.as_deref(), Some(&names[..]));
}

#[test]
fn lists_follow_their_numbers_not_their_places() {
    let body = "QueueUrl=u&AttributeName.10=c&AttributeName.2=b&AttributeName.1=a";
    let input: GetQueueAttributesInput = decode(Query, &sqs::OPERATION_GET_QUEUE_ATTRIBUTES, post(body));
    let names: Vec<_> = input.attribute_names.iter().flatten().map(QueueAttributeName::as_str).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn flattened_maps_have_the_names_of_the_model() {
    let body = "QueueUrl=u&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=35\
        &Attribute.2.Name=DelaySeconds&Attribute.2.Value=";
    let input: SetQueueAttributesInput = decode(Query, &sqs::OPERATION_SET_QUEUE_ATTRIBUTES, post(body));
    assert_eq!(input.attributes["VisibilityTimeout"], "35");
    assert_eq!(input.attributes["DelaySeconds"], "");
    let body = "QueueUrl=u&Tag.1.Key=team&Tag.1.Value=red";
    let input: TagQueueInput = decode(Query, &sqs::OPERATION_TAG_QUEUE, post(body));
    assert_eq!(input.tags["team"], "red");
}

#[test]
fn structures_nest_within_lists() {
    let body = "QueueUrl=u&SendMessageBatchRequestEntry.1.Id=first&SendMessageBatchRequestEntry.1.MessageBody=1\
        &SendMessageBatchRequestEntry.2.Id=second&SendMessageBatchRequestEntry.2.MessageBody=2\
        &SendMessageBatchRequestEntry.2.MessageAttribute.1.Name=n\
        &SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.StringValue=v\
        &SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.DataType=String";
    let input: SendMessageBatchInput = decode(Query, &sqs::OPERATION_SEND_MESSAGE_BATCH, post(body));
    assert_eq!(input.entries.len(), 2);
    assert_eq!(input.entries[0].message_attributes, None);
    assert_eq!(input.entries[1].id, "second");
    let attributes = input.entries[1].message_attributes.as_ref().unwrap();
    assert_eq!(attributes["n"].string_value.as_deref(), Some("v"));
}

#[test]
fn missing_members_are_told_with_their_paths() {
    let operation = &sqs::OPERATION_SEND_MESSAGE_BATCH;
    assert_eq!(
        missing::<SendMessageBatchInput>(Query, operation, post("Unknown.1.Id=x")),
        ["queueUrl", "entries"]
    );
    let body = "QueueUrl=u&SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.2.MessageBody=b";
    let paths = missing::<SendMessageBatchInput>(Query, operation, post(body));
    assert_eq!(paths, ["entries.1.member.messageBody", "entries.2.member.id"]);
}

#[test]
fn wrapped_lists_stand_under_member() {
    let body = "Action=PutMetricData&Namespace=TestNamespace&MetricData.member.1.MetricName=buffers\
        &MetricData.member.1.Unit=Bytes&MetricData.member.1.Value=231434333\
        &MetricData.member.1.Timestamp=2010-01-01T00%3A00%3A00.250Z\
        &MetricData.member.1.Dimensions.member.1.Name=InstanceID&MetricData.member.1.Dimensions.member.1.Value=i-1\
        &MetricData.member.1.Dimensions.member.2.Name=InstanceType\
        &MetricData.member.1.Dimensions.member.2.Value=m1.small\
        &MetricData.member.2.MetricName=latency&MetricData.member.2.Values.member.1=1.5e2\
        &MetricData.member.2.Values.member.2=-Infinity";
    let input: PutMetricDataInput = decode(Query, &cloudwatch::OPERATION_PUT_METRIC_DATA, post(body));
    let data = input.metric_data.unwrap();
    assert_eq!(data[0].value, Some(231_434_333.0));
    assert_eq!(data[0].unit, Some(StandardUnit::Bytes));
    assert_eq!(data[0].timestamp, Some(at("2010-01-01T00:00:00.250Z")));
    let dimensions = data[0].dimensions.as_deref().unwrap();
    assert_eq!(dimensions[1].name, "InstanceType");
    assert_eq!(dimensions[1].value, "m1.small");
    assert_eq!(data[1].values.as_deref(), Some(&[150.0, f64::NEG_INFINITY][..]));
}

fn statistics(start: &str, period: &str) -> Result<GetMetricStatisticsInput, ReadError> {
    let body = format!(
        "Namespace=n&MetricName=m&StartTime={start}&EndTime=2010-01-02T00:00:00Z&Period={period}\
        &Statistics.member.1=Average&Statistics.member.2=p99"
    );
    try_decode(Query, &cloudwatch::OPERATION_GET_METRIC_STATISTICS, post(body)).map(|(input, _)| input)
}

#[test]
fn timestamps_come_in_every_format() {
    for text in [
        "2010-01-01T00%3A00%3A00Z",
        "2010-01-01T00:00:00.000Z",
        "2010-01-01T01:00:00%2B01:00",
        "2010-01-01T00:00:00",
        "1262304000",
        "Fri,+01+Jan+2010+00:00:00+GMT",
    ] {
        assert_eq!(statistics(text, "60").unwrap().start_time, at("2010-01-01T00:00:00Z"), "{text}");
    }
    let error = statistics("yesterday", "60").unwrap_err();
    assert_eq!((error.kind, error.path.as_str()), (ReadErrorKind::Value, "startTime"));
}

#[test]
fn enums_keep_values_of_tomorrow() {
    let statistics = statistics("0", "60").unwrap().statistics.unwrap();
    assert_eq!(statistics, [Statistic::Average, Statistic::Unknown("p99".into())]);
}

#[test]
fn integers_keep_to_their_width() {
    assert_eq!(statistics("0", "2147483647").unwrap().period, i32::MAX);
    for period in ["2147483648", "-2147483649", "1.5", "", "1e3", "99999999999999999999"] {
        let error = statistics("0", period).unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (ReadErrorKind::Value, "period"), "{period}");
    }
}

#[test]
fn blobs_that_are_no_base64_are_refused() {
    let body =
        "QueueUrl=u&MessageBody=m&MessageAttribute.1.Name=n&MessageAttribute.1.Value.BinaryValue=%25%25";
    let read = try_decode::<SendMessageInput>(Query, &sqs::OPERATION_SEND_MESSAGE, post(body));
    assert_eq!(read.unwrap_err().path, "messageAttributes.n.member.binaryValue");
}
