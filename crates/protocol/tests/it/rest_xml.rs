//! REST with XML bodies, requests: S3.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html>

use api_s3::schemas as s3;
use api_s3::{
    ChecksumAlgorithm, DeleteObjectsInput, GetObjectInput, ObjectCannedACL, PutBucketAclInput,
    PutBucketTaggingInput, PutObjectInput, Type,
};
use kernel::ByteStream;
use kernel::schema::ProtocolKind::RestXml;
use kernel::shape::ReadErrorKind;
use protocol::RequestBody;

use crate::support::*;

#[tokio::test]
async fn an_object_with_its_metadata_and_its_body_untouched() {
    let mut request = post("")
        .label("Bucket", "my-bucket")
        .label("Key", "a/b c")
        .header("x-amz-acl", "public-read")
        .header("content-type", "text/plain")
        .header("content-length", "3")
        .header("x-amz-meta-color", "red")
        .header("X-Amz-Meta-Two", "1")
        .header("x-amz-meta-two", "2")
        .header("x-amz-metal", "not mine");
    request.body = RequestBody::Streaming(ByteStream::from_bytes((&b"\0\xff<"[..]).into()));
    let input: PutObjectInput = decode(RestXml, &s3::OPERATION_PUT_OBJECT, request);
    assert_eq!((input.bucket.as_str(), input.key.as_str()), ("my-bucket", "a/b c"));
    assert_eq!(input.acl, Some(ObjectCannedACL::PublicRead));
    assert_eq!(input.content_length, Some(3));
    let mut metadata: Vec<_> = input.metadata.unwrap().into_iter().collect();
    metadata.sort();
    assert_eq!(metadata, [("color".to_owned(), "red".to_owned()), ("two".to_owned(), "1,2".to_owned())]);
    assert_eq!(input.body.collect(10).await.unwrap(), &b"\0\xff<"[..]);
}

#[test]
fn dates_in_headers_and_parameters() {
    let request = post("")
        .label("Bucket", "b")
        .label("Key", "k")
        .header("if-modified-since", "Sat, 29 Oct 1994 19:43:31 GMT")
        .query("response-expires=Wed%2C%2021%20Oct%202015%2007%3A28%3A00%20GMT&partNumber=2&x-id=GetObject");
    let input: GetObjectInput = decode(RestXml, &s3::OPERATION_GET_OBJECT, request);
    assert_eq!(input.if_modified_since, Some(at("1994-10-29T19:43:31Z")));
    assert_eq!(input.response_expires, Some(at("2015-10-21T07:28:00Z")));
    assert_eq!(input.part_number, Some(2));
    let request = post("").label("Bucket", "b").label("Key", "k").header("if-modified-since", "");
    let input: GetObjectInput = decode(RestXml, &s3::OPERATION_GET_OBJECT, request);
    assert_eq!(input.if_modified_since, None);
}

#[test]
fn missing_labels_are_told() {
    let paths = missing::<GetObjectInput>(RestXml, &s3::OPERATION_GET_OBJECT, post("").label("Key", "k"));
    assert_eq!(paths, ["bucket"]);
}

#[test]
fn a_payload_with_a_flattened_list() {
    let body = r#"<?xml version="1.0" encoding="UTF-8"?>
        <Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <Quiet>true</Quiet>
            <!-- a comment -->
            <Object><Key>a &amp; b&#xD;<![CDATA[<c>]]></Key></Object>
            <Unknown><Object><Key>no</Key></Object></Unknown>
            <Object><VersionId>1</VersionId><Key></Key><Size>12</Size></Object>
        </Delete>"#;
    let request = post(body).label("Bucket", "b").header("x-amz-sdk-checksum-algorithm", "CRC32");
    let input: DeleteObjectsInput = decode(RestXml, &s3::OPERATION_DELETE_OBJECTS, request);
    assert_eq!(input.checksum_algorithm, Some(ChecksumAlgorithm::Crc32));
    assert_eq!(input.delete.quiet, Some(true));
    assert_eq!(input.delete.objects.len(), 2);
    assert_eq!(input.delete.objects[0].key, "a & b\r<c>");
    assert_eq!(input.delete.objects[1].key, "");
    assert_eq!(input.delete.objects[1].size, Some(12));
}

#[test]
fn missing_members_of_a_payload_are_told_with_their_paths() {
    let operation = &s3::OPERATION_DELETE_OBJECTS;
    let request = |body: &str| post(body.to_owned()).label("Bucket", "b");
    assert_eq!(missing::<DeleteObjectsInput>(RestXml, operation, request("")), ["delete"]);
    assert_eq!(missing::<DeleteObjectsInput>(RestXml, operation, request("<Delete/>")), ["delete.objects"]);
    let body = "<Delete><Object><Key>k</Key></Object><Object/></Delete>";
    let paths = missing::<DeleteObjectsInput>(RestXml, operation, request(body));
    assert_eq!(paths, ["delete.objects.2.member.key"]);
}

#[test]
fn a_payload_with_a_wrapped_list() {
    let body = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>k2</Key><Value/></Tag></TagSet></Tagging>";
    let request = post(body).label("Bucket", "b");
    let input: PutBucketTaggingInput = decode(RestXml, &s3::OPERATION_PUT_BUCKET_TAGGING, request);
    let tags: Vec<_> =
        input.tagging.tag_set.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("k", "v"), ("k2", "")]);
}

#[test]
fn an_attribute_with_a_prefix() {
    let body = r#"<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant>
        <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee>
        <Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"#;
    let request = post(body).label("Bucket", "b");
    let input: PutBucketAclInput = decode(RestXml, &s3::OPERATION_PUT_BUCKET_ACL, request);
    let grants = input.access_control_policy.unwrap().grants.unwrap();
    let grantee = grants[0].grantee.as_ref().unwrap();
    assert_eq!(grantee.r#type, Type::CanonicalUser);
    assert_eq!(grantee.id.as_deref(), Some("1"));
}

#[test]
fn an_attribute_that_is_required_and_missing() {
    let body = "<AccessControlPolicy><AccessControlList><Grant><Grantee type=\"Group\"/></Grant></AccessControlList></AccessControlPolicy>";
    let paths =
        missing::<PutBucketAclInput>(RestXml, &s3::OPERATION_PUT_BUCKET_ACL, post(body).label("Bucket", "b"));
    assert_eq!(paths, ["accessControlPolicy.grants.1.member.grantee.type"]);
}

#[test]
fn what_is_no_xml_is_refused() {
    for body in [
        &b"nonsense"[..],
        b"<Delete>",
        b"<Delete></Delet>",
        b"<Delete/><Delete/>",
        b"<Remove><Object><Key>a</Key></Object></Remove>",
        b"<Delete>\xff</Delete>",
        b"<!DOCTYPE d [<!ENTITY e \"x\">]><Delete>&e;</Delete>",
    ] {
        let request = post(body).label("Bucket", "b");
        let error =
            try_decode::<DeleteObjectsInput>(RestXml, &s3::OPERATION_DELETE_OBJECTS, request).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Syntax, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn values_that_cannot_be_read_are_told_with_their_paths() {
    for (element, path) in [
        ("<Size>big</Size>", "delete.objects.1.member.size"),
        ("<Size>9223372036854775808</Size>", "delete.objects.1.member.size"),
        ("<LastModifiedTime>now</LastModifiedTime>", "delete.objects.1.member.lastModifiedTime"),
    ] {
        let body = format!("<Delete><Object><Key>k</Key>{element}</Object></Delete>");
        let request = post(body).label("Bucket", "b");
        let error =
            try_decode::<DeleteObjectsInput>(RestXml, &s3::OPERATION_DELETE_OBJECTS, request).unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (ReadErrorKind::Value, path), "{element}");
    }
}
