//! REST with XML bodies, answers and errors: S3.

use api_s3::schemas as s3;
use api_s3::{
    Bucket, BucketLocationConstraint, CopyObjectOutput, CopyObjectResult, DeleteObjectsOutput, DeletedObject,
    GetBucketAclOutput, GetBucketLocationOutput, GetObjectOutput, Grant, Grantee, HeadObjectOutput,
    InvalidObjectState, ListBucketsOutput, ListObjectsV2Output, Object, Owner, Permission, S3Error,
    StorageClass, Type,
};
use kernel::schema::OperationSchema;
use kernel::schema::ProtocolKind::RestXml;
use kernel::shape::Shape;
use kernel::{ByteStream, Fault};
use protocol::Response;

use crate::support::*;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

fn answer(operation: &'static OperationSchema, output: &dyn Shape) -> Response {
    encode(RestXml, &api_s3::SERVICE, operation, output)
}

fn xml(operation: &'static OperationSchema, output: &dyn Shape) -> String {
    let response = answer(operation, output);
    assert_eq!(header(&response, "content-type"), "application/xml");
    text(&response).strip_prefix(DECLARATION).unwrap().to_owned()
}

#[test]
fn the_root_has_s3s_own_name_and_dates_have_milliseconds() {
    let bucket = Bucket {
        name: Some("quotes".into()),
        creation_date: Some(at("2006-02-03T16:45:09Z")),
        ..Bucket::default()
    };
    let output = ListBucketsOutput {
        buckets: Some(vec![bucket]),
        owner: Some(Owner { id: Some("bcaf".into()), display_name: None }),
        ..ListBucketsOutput::default()
    };
    assert_eq!(
        xml(&s3::OPERATION_LIST_BUCKETS, &output),
        format!(
            "<ListAllMyBucketsResult {NAMESPACE}><Owner><ID>bcaf</ID></Owner><Buckets><Bucket><Name>quotes</Name>\
            <CreationDate>2006-02-03T16:45:09.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"
        )
    );
}

#[test]
fn flattened_lists_and_members_of_headers() {
    let object = Object {
        key: Some("a&b\r<".into()),
        last_modified: Some(at("2009-10-12T17:50:30.123Z")),
        etag: Some("\"fba9\"".into()),
        size: Some(434_234),
        ..Object::default()
    };
    let output = ListObjectsV2Output {
        is_truncated: Some(false),
        contents: Some(vec![object, Object::default()]),
        common_prefixes: Some(Vec::new()),
        key_count: Some(2),
        request_charged: Some(api_s3::RequestCharged::Requester),
        ..ListObjectsV2Output::default()
    };
    let response = answer(&s3::OPERATION_LIST_OBJECTS_V2, &output);
    assert_eq!(header(&response, "x-amz-request-charged"), "requester");
    assert_eq!(
        text(&response).strip_prefix(DECLARATION).unwrap(),
        format!(
            "<ListBucketResult {NAMESPACE}><IsTruncated>false</IsTruncated><KeyCount>2</KeyCount>\
            <Contents><Key>a&amp;b&#13;&lt;</Key><LastModified>2009-10-12T17:50:30.123Z</LastModified>\
            <ETag>&quot;fba9&quot;</ETag><Size>434234</Size></Contents><Contents/></ListBucketResult>"
        )
    );
}

#[test]
fn flattened_lists_of_the_deleted_and_the_failed() {
    let output = DeleteObjectsOutput {
        deleted: Some(vec![DeletedObject { key: Some("sample1.txt".into()), ..DeletedObject::default() }]),
        errors: Some(vec![api_s3::Error {
            key: Some("sample2.txt".into()),
            code: Some("AccessDenied".into()),
            message: Some("Access Denied".into()),
            ..api_s3::Error::default()
        }]),
        ..DeleteObjectsOutput::default()
    };
    assert_eq!(
        xml(&s3::OPERATION_DELETE_OBJECTS, &output),
        format!(
            "<DeleteResult {NAMESPACE}><Deleted><Key>sample1.txt</Key></Deleted><Error><Key>sample2.txt</Key>\
            <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>"
        )
    );
}

#[test]
fn an_attribute_and_its_namespace() {
    let grantee = Grantee { id: Some("75aa".into()), r#type: Type::CanonicalUser, ..Grantee::default() };
    let output = GetBucketAclOutput {
        grants: Some(vec![Grant { grantee: Some(grantee), permission: Some(Permission::FullControl) }]),
        owner: None,
    };
    assert_eq!(
        xml(&s3::OPERATION_GET_BUCKET_ACL, &output),
        format!(
            "<AccessControlPolicy {NAMESPACE}><AccessControlList><Grant>\
            <Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">\
            <ID>75aa</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>\
            </AccessControlPolicy>"
        )
    );
}

#[test]
fn the_location_of_a_bucket_is_the_root_itself() {
    let output = |location: Option<&str>| GetBucketLocationOutput {
        location_constraint: location.map(BucketLocationConstraint::from),
    };
    assert_eq!(
        xml(&s3::OPERATION_GET_BUCKET_LOCATION, &output(Some("us-west-2"))),
        format!("<LocationConstraint {NAMESPACE}>us-west-2</LocationConstraint>")
    );
    let none = xml(&s3::OPERATION_GET_BUCKET_LOCATION, &output(None));
    assert_eq!(none, format!("<LocationConstraint {NAMESPACE}/>"));
}

#[test]
fn a_structure_for_a_body_has_its_own_name() {
    let result = CopyObjectResult {
        etag: Some("\"9b2c\"".into()),
        last_modified: Some(at("2009-10-28T22:32:00Z")),
        ..CopyObjectResult::default()
    };
    let output = CopyObjectOutput {
        copy_object_result: Some(result),
        version_id: Some("v1".into()),
        bucket_key_enabled: Some(true),
        ..CopyObjectOutput::default()
    };
    let response = answer(&s3::OPERATION_COPY_OBJECT, &output);
    assert_eq!(header(&response, "x-amz-version-id"), "v1");
    assert_eq!(header(&response, "x-amz-server-side-encryption-bucket-key-enabled"), "true");
    assert_eq!(
        text(&response).strip_prefix(DECLARATION).unwrap(),
        format!(
            "<CopyObjectResult {NAMESPACE}><ETag>&quot;9b2c&quot;</ETag>\
            <LastModified>2009-10-28T22:32:00.000Z</LastModified></CopyObjectResult>"
        )
    );
}

#[tokio::test]
async fn an_object_streams_as_it_is_with_its_headers() {
    let output = GetObjectOutput {
        body: ByteStream::from_bytes((&b"\0\xff<&"[..]).into()),
        content_length: Some(4),
        content_type: Some("image/png".into()),
        etag: Some("\"fba9\"".into()),
        last_modified: Some(at("2009-10-12T17:50:30.999Z")),
        delete_marker: Some(false),
        metadata: Some([("color".to_owned(), "red".to_owned())].into_iter().collect()),
        ..GetObjectOutput::default()
    };
    let response = answer(&s3::OPERATION_GET_OBJECT, &output);
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("content-length", "4"),
        ("content-type", "image/png"),
        ("etag", "\"fba9\""),
        ("last-modified", "Mon, 12 Oct 2009 17:50:30 GMT"),
        ("x-amz-delete-marker", "false"),
        ("x-amz-meta-color", "red"),
        ("x-amz-request-id", REQUEST_ID),
        ("server", "AmazonS3"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    assert_eq!(streamed(response).await, b"\0\xff<&");
}

#[test]
fn a_part_of_an_object_has_its_own_status() {
    let output = GetObjectOutput { content_range: Some("bytes 0-3/10".into()), ..GetObjectOutput::default() };
    assert_eq!(answer(&s3::OPERATION_GET_OBJECT, &output).status(), 206);
}

#[test]
fn an_answer_of_headers_alone() {
    let output = HeadObjectOutput { content_length: Some(12), ..HeadObjectOutput::default() };
    let response = answer(&s3::OPERATION_HEAD_OBJECT, &output);
    assert_eq!((header(&response, "content-length"), header(&response, "content-type")), ("12", ""));
    assert_eq!(text(&response), "");
}

#[test]
fn an_error_stands_alone_with_its_fields() {
    let error: Fault = S3Error::no_such_key("The specified key does not exist.").into();
    let response =
        fault(RestXml, &api_s3::SERVICE, error.field("Key", "a<b").header("x-amz-delete-marker", "true"));
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "content-type"), "application/xml");
    assert_eq!(header(&response, "x-amz-request-id"), REQUEST_ID);
    assert_eq!(header(&response, "x-amz-delete-marker"), "true");
    let host = header(&response, "x-amz-id-2");
    assert_eq!(
        text(&response).strip_prefix(DECLARATION).unwrap(),
        format!(
            "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key>\
            <RequestId>{REQUEST_ID}</RequestId><HostId>{host}</HostId></Error>"
        )
    );
}

#[test]
fn a_modelled_error_writes_its_other_members() {
    let error = S3Error::InvalidObjectState(Box::new(InvalidObjectState {
        storage_class: Some(StorageClass::Glacier),
        message: Some("Not restored".into()),
        ..InvalidObjectState::default()
    }));
    let response = fault(RestXml, &api_s3::SERVICE, error);
    assert_eq!(response.status(), 403);
    let body = text(&response);
    assert!(
        body.contains(
            "<Error><Code>InvalidObjectState</Code><Message>Not restored</Message>\
            <StorageClass>GLACIER</StorageClass><RequestId>"
        ),
        "{body}"
    );
}

#[test]
fn not_modified_has_no_body() {
    let response = fault(RestXml, &api_s3::SERVICE, Fault::new("NotModified", 304, "Not Modified"));
    assert_eq!((response.status().as_u16(), text(&response)), (304, ""));
}
