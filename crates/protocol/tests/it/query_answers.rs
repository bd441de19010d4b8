//! AWS query, answers and errors: SQS and CloudWatch.

use api_cloudwatch::schemas as cloudwatch;
use api_cloudwatch::{CloudwatchError, Datapoint, GetMetricStatisticsOutput, StandardUnit};
use api_sqs::schemas as sqs;
use api_sqs::{
    GetQueueAttributesOutput, Message, MessageAttributeValue, ReceiveMessageOutput, SendMessageBatchOutput,
    SendMessageBatchResultEntry, SqsError,
};
use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::schema::ProtocolKind::Query;
use kernel::shape::Shape;

use crate::support::*;

/// The answer within `<ReceiveMessageResponse …>` and before its metadata.
fn result(operation: &'static OperationSchema, output: &dyn Shape) -> String {
    let response = encode(Query, &api_sqs::SERVICE, operation, output);
    let name = operation.name;
    let start = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}Response xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
    );
    let end =
        format!("<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{name}Response>");
    let body = text(&response);
    body.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&end)).unwrap_or(body).to_owned()
}

#[test]
fn an_answer_with_its_headers() {
    let response = encode(
        Query,
        &api_sqs::SERVICE,
        &sqs::OPERATION_GET_QUEUE_URL,
        &api_sqs::GetQueueUrlOutput { queue_url: Some("http://h/1/q?a=1&b=<2>".into()) },
    );
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/xml");
    assert_eq!(header(&response, "x-amzn-requestid"), REQUEST_ID);
    assert_eq!(
        text(&response),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <GetQueueUrlResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><GetQueueUrlResult>\
            <QueueUrl>http://h/1/q?a=1&amp;b=&lt;2&gt;</QueueUrl></GetQueueUrlResult>\
            <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></GetQueueUrlResponse>"
        )
    );
}

#[test]
fn an_operation_without_output_has_no_result() {
    assert_eq!(result(&sqs::OPERATION_DELETE_MESSAGE, &api_sqs::DeleteMessageOutput::default()), "");
}

#[test]
fn flattened_maps_repeat_their_name() {
    let attributes = [("VisibilityTimeout".to_owned(), "30".to_owned()), ("DelaySeconds".into(), "0".into())];
    let output = GetQueueAttributesOutput { attributes: Some(attributes.into_iter().collect()) };
    assert_eq!(
        result(&sqs::OPERATION_GET_QUEUE_ATTRIBUTES, &output),
        "<GetQueueAttributesResult>\
        <Attribute><Name>VisibilityTimeout</Name><Value>30</Value></Attribute>\
        <Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute>\
        </GetQueueAttributesResult>"
    );
}

#[test]
fn messages_nest_maps_of_structures() {
    let attribute = MessageAttributeValue {
        binary_value: Some(vec![0, 1, 255].into()),
        data_type: "Binary".into(),
        ..MessageAttributeValue::default()
    };
    let message = Message {
        message_id: Some("5fea7756".into()),
        body: Some("a\rb\nc\td".into()),
        attributes: Some([("SenderId".to_owned(), "195004372649".to_owned())].into_iter().collect()),
        message_attributes: Some([("n".to_owned(), attribute)].into_iter().collect()),
        ..Message::default()
    };
    let output = ReceiveMessageOutput { messages: Some(vec![message, Message::default()]) };
    let body = result(&sqs::OPERATION_RECEIVE_MESSAGE, &output);
    assert_eq!(
        body,
        "<ReceiveMessageResult><Message><MessageId>5fea7756</MessageId><Body>a&#13;b\nc\td</Body>\
        <Attribute><Name>SenderId</Name><Value>195004372649</Value></Attribute>\
        <MessageAttribute><Name>n</Name><Value><BinaryValue>AAH/</BinaryValue><DataType>Binary</DataType></Value>\
        </MessageAttribute></Message><Message/></ReceiveMessageResult>"
    );
    let read = roxmltree::Document::parse(&body).unwrap();
    let text = read.descendants().find(|node| node.has_tag_name("Body")).and_then(|node| node.text());
    assert_eq!(text, Some("a\rb\nc\td"));
}

#[test]
fn flattened_lists_have_the_name_of_their_element() {
    let entry = SendMessageBatchResultEntry {
        id: "first".into(),
        message_id: "0a5231c7".into(),
        md5_of_message_body: "0e024d30".into(),
        ..SendMessageBatchResultEntry::default()
    };
    let output = SendMessageBatchOutput { successful: Some(vec![entry]), failed: None };
    assert_eq!(
        result(&sqs::OPERATION_SEND_MESSAGE_BATCH, &output),
        "<SendMessageBatchResult><SendMessageBatchResultEntry><Id>first</Id><MessageId>0a5231c7</MessageId>\
        <MD5OfMessageBody>0e024d30</MD5OfMessageBody></SendMessageBatchResultEntry></SendMessageBatchResult>"
    );
}

#[test]
fn wrapped_lists_and_maps_have_member_and_entry() {
    let point = Datapoint {
        timestamp: Some(at("2014-02-19T21:46:00Z")),
        average: Some(23.0),
        sum: Some(f64::NAN),
        unit: Some(StandardUnit::Percent),
        extended_statistics: Some(
            [("p95".to_owned(), 0.1), ("p99".to_owned(), f64::INFINITY)].into_iter().collect(),
        ),
        ..Datapoint::default()
    };
    let output = GetMetricStatisticsOutput { label: Some("CPU".into()), datapoints: Some(vec![point]) };
    let response =
        encode(Query, &api_cloudwatch::SERVICE, &cloudwatch::OPERATION_GET_METRIC_STATISTICS, &output);
    assert!(
        text(&response).contains(
            "<GetMetricStatisticsResult><Label>CPU</Label><Datapoints><member>\
            <Timestamp>2014-02-19T21:46:00Z</Timestamp><Average>23.0</Average><Sum>NaN</Sum><Unit>Percent</Unit>\
            <ExtendedStatistics><entry><key>p95</key><value>0.1</value></entry>\
            <entry><key>p99</key><value>Infinity</value></entry></ExtendedStatistics>\
            </member></Datapoints></GetMetricStatisticsResult>"
        ),
        "{}",
        text(&response)
    );
}

#[test]
fn an_empty_list_is_an_empty_element() {
    let output = GetMetricStatisticsOutput { label: None, datapoints: Some(Vec::new()) };
    let response =
        encode(Query, &api_cloudwatch::SERVICE, &cloudwatch::OPERATION_GET_METRIC_STATISTICS, &output);
    assert!(text(&response).contains("<GetMetricStatisticsResult><Datapoints/></GetMetricStatisticsResult>"));
}

#[test]
fn a_modelled_error_has_the_code_and_words_of_the_query_protocol() {
    let response = fault(Query, &api_sqs::SERVICE, SqsError::queue_does_not_exist("Words of JSON"));
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "content-type"), "text/xml");
    assert_eq!(
        text(&response),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>\
            <Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message></Error>\
            <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
    );
}

#[test]
fn a_modelled_error_has_its_own_code_and_status() {
    let error = CloudwatchError::InternalServiceFault(Box::new(api_cloudwatch::InternalServiceFault {
        message: Some("It broke".into()),
    }));
    let response = fault(Query, &api_cloudwatch::SERVICE, error);
    assert_eq!(response.status(), 500);
    let body = text(&response);
    assert!(
        body.contains("<Type>Receiver</Type><Code>InternalServiceError</Code><Message>It broke</Message>"),
        "{body}"
    );
}

#[test]
fn a_modelled_error_writes_its_other_members() {
    let message = api_cloudwatch::DashboardValidationMessage {
        data_path: Some("/widgets".into()),
        message: Some("Should be an array".into()),
    };
    let error =
        CloudwatchError::DashboardInvalidInputError(Box::new(api_cloudwatch::DashboardInvalidInputError {
            message: Some("The dashboard is invalid".into()),
            dashboard_validation_messages: Some(vec![message]),
        }));
    let response = fault(Query, &api_cloudwatch::SERVICE, error);
    let body = text(&response);
    assert!(
        body.contains(
            "<Code>InvalidParameterInput</Code><Message>The dashboard is invalid</Message>\
            <dashboardValidationMessages><member><DataPath>/widgets</DataPath>\
            <Message>Should be an array</Message></member></dashboardValidationMessages></Error>"
        ),
        "{body}"
    );
}

#[test]
fn an_unmodelled_fault_has_its_fields_and_headers() {
    let error =
        Fault::new("Throttling", 400, "Rate <exceeded>").field("Detail", "x").header("retry-after", "2");
    let response = fault(Query, &api_sqs::SERVICE, error);
    assert_eq!(header(&response, "retry-after"), "2");
    assert!(text(&response).contains(
        "<Code>Throttling</Code><Message>Rate &lt;exceeded&gt;</Message><Detail>x</Detail></Error>"
    ));
}
