//! Event streams: Lambda's response streams and S3's selections, read back with Smithy's own decoder.
//!
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>

use api_lambda::schemas as lambda;
use api_lambda::{
    InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent, InvokeWithResponseStreamOutput,
    InvokeWithResponseStreamResponseEvent,
};
use api_s3::schemas as s3;
use api_s3::{
    ContinuationEvent, EndEvent, RecordsEvent, SelectObjectContentEventStream, SelectObjectContentOutput,
    Stats, StatsEvent,
};
use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message;
use kernel::EventStream;
use kernel::schema::ProtocolKind::{RestJson, RestXml};

use crate::support::*;

/// Every message of a stream; reading checks lengths and both checksums.
fn messages(mut bytes: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        messages.push(read_message_from(&mut bytes).unwrap());
    }
    messages
}

fn headers(message: &Message) -> Vec<(&str, &str)> {
    message
        .headers()
        .iter()
        .map(|header| (header.name().as_str(), header.value().as_string().unwrap().as_str()))
        .collect()
}

#[tokio::test]
async fn lambda_streams_chunks_and_then_completes() {
    let update = InvokeResponseStreamUpdate { payload: Some((&b"ab\xff"[..]).into()) };
    let complete = InvokeWithResponseStreamCompleteEvent {
        error_code: Some("Unhandled".into()),
        ..InvokeWithResponseStreamCompleteEvent::default()
    };
    let events = [
        InvokeWithResponseStreamResponseEvent::PayloadChunk(update),
        InvokeWithResponseStreamResponseEvent::InvokeComplete(complete),
    ];
    let output = InvokeWithResponseStreamOutput {
        status_code: Some(200),
        executed_version: Some("$LATEST".into()),
        event_stream: EventStream::new(futures_util::stream::iter(events)),
        response_stream_content_type: None,
    };
    let response =
        encode(RestJson, &api_lambda::SERVICE, &lambda::OPERATION_INVOKE_WITH_RESPONSE_STREAM, &output);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/vnd.amazon.eventstream");
    assert_eq!(header(&response, "x-amz-executed-version"), "$LATEST");
    let messages = messages(&streamed(response).await);
    assert_eq!(messages.len(), 2);
    let [chunk, complete] = messages.as_slice() else { panic!("two events") };
    let expected = [
        (":message-type", "event"),
        (":event-type", "PayloadChunk"),
        (":content-type", "application/octet-stream"),
    ];
    assert_eq!(headers(chunk), expected);
    assert_eq!(chunk.payload(), &b"ab\xff"[..]);
    assert_eq!(
        headers(complete)[1..],
        [(":event-type", "InvokeComplete"), (":content-type", "application/json")]
    );
    assert_eq!(complete.payload(), &br#"{"ErrorCode":"Unhandled"}"#[..]);
}

async fn selected(event: SelectObjectContentEventStream) -> Vec<u8> {
    let output = SelectObjectContentOutput { payload: EventStream::new(futures_util::stream::iter([event])) };
    let response = encode(RestXml, &api_s3::SERVICE, &s3::OPERATION_SELECT_OBJECT_CONTENT, &output);
    assert_eq!(header(&response, "content-type"), "application/vnd.amazon.eventstream");
    streamed(response).await
}

#[tokio::test]
async fn s3_selects_records_as_they_are() {
    let records = RecordsEvent { payload: Some((&b"a,b\n"[..]).into()) };
    let messages = messages(&selected(SelectObjectContentEventStream::Records(records)).await);
    let expected = [
        (":message-type", "event"),
        (":event-type", "Records"),
        (":content-type", "application/octet-stream"),
    ];
    assert_eq!(headers(&messages[0]), expected);
    assert_eq!(messages[0].payload(), &b"a,b\n"[..]);
}

#[tokio::test]
async fn s3_tells_statistics_in_xml() {
    let stats = Stats { bytes_scanned: Some(512), bytes_processed: Some(1024), bytes_returned: Some(3) };
    let event = SelectObjectContentEventStream::Stats(StatsEvent { details: Some(stats) });
    let messages = messages(&selected(event).await);
    assert_eq!(headers(&messages[0])[1..], [(":event-type", "Stats"), (":content-type", "text/xml")]);
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Stats><BytesScanned>512</BytesScanned>\
        <BytesProcessed>1024</BytesProcessed><BytesReturned>3</BytesReturned></Stats>";
    assert_eq!(std::str::from_utf8(messages[0].payload()).unwrap(), expected);
}

#[tokio::test]
async fn events_without_content_have_neither_type_nor_payload() {
    for (event, name) in [
        (SelectObjectContentEventStream::Cont(ContinuationEvent::default()), "Cont"),
        (SelectObjectContentEventStream::End(EndEvent::default()), "End"),
    ] {
        let messages = messages(&selected(event).await);
        assert_eq!(headers(&messages[0]), [(":message-type", "event"), (":event-type", name)]);
        assert!(messages[0].payload().is_empty());
    }
}

#[tokio::test]
async fn a_frame_to_the_byte() {
    // As in the guide to SelectObjectContent: lengths, their checksum, each header as name, type 7 and text.
    let frame = selected(SelectObjectContentEventStream::End(EndEvent::default())).await;
    let mut expected = Vec::new();
    for (name, value) in [(":message-type", "event"), (":event-type", "End")] {
        expected.push(name.len() as u8);
        expected.extend_from_slice(name.as_bytes());
        expected.extend_from_slice(&[7, 0, value.len() as u8]);
        expected.extend_from_slice(value.as_bytes());
    }
    let length = expected.len() as u32;
    let prelude = [(length + 16).to_be_bytes(), length.to_be_bytes()].concat();
    let mut expected = [prelude.clone(), crc32fast::hash(&prelude).to_be_bytes().to_vec(), expected].concat();
    expected.extend_from_slice(&crc32fast::hash(&expected).to_be_bytes());
    assert_eq!(frame, expected);
}
