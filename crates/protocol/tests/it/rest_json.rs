//! REST with JSON bodies: Lambda.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

use api_lambda::schemas as lambda;
use api_lambda::{
    CreateFunctionInput, FunctionVersion, InvocationType, InvokeInput, InvokeOutput, LambdaError,
    ListFunctionsInput, ListFunctionsOutput, Runtime, TagResourceInput, TooManyRequestsException,
    UntagResourceInput,
};
use kernel::Fault;
use kernel::schema::ProtocolKind::RestJson;
use kernel::shape::ReadErrorKind;

use crate::support::*;

#[test]
fn labels_headers_parameters_and_a_blob_for_a_body() {
    let request = post(&b"{\"not\": read\xff"[..])
        .label("FunctionName", "my-function")
        .query("Qualifier=%24LATEST&Unknown=1")
        .header("x-amz-invocation-type", "DryRun")
        .header("X-Amz-Log-Type", "Loud")
        .header("x-amz-client-context", "eyJhIjoxfQ==");
    let input: InvokeInput = decode(RestJson, &lambda::OPERATION_INVOKE, request);
    assert_eq!(input.function_name, "my-function");
    assert_eq!(input.qualifier.as_deref(), Some("$LATEST"));
    assert_eq!(input.invocation_type, Some(InvocationType::DryRun));
    assert_eq!(input.log_type.unwrap().as_str(), "Loud");
    assert_eq!(input.client_context.as_deref(), Some("eyJhIjoxfQ=="));
    assert_eq!(input.payload.as_deref(), Some(&b"{\"not\": read\xff"[..]));
}

#[test]
fn an_empty_blob_for_a_body_is_absent() {
    let request = post("").label("FunctionName", "f");
    let input: InvokeInput = decode(RestJson, &lambda::OPERATION_INVOKE, request);
    assert_eq!(input.payload, None);
}

#[test]
fn parameters_of_the_query_string() {
    let request = post("").query("MaxItems=50&Marker=a%2Bb+c&FunctionVersion=ALL&MasterRegion=");
    let input: ListFunctionsInput = decode(RestJson, &lambda::OPERATION_LIST_FUNCTIONS, request);
    assert_eq!(input.max_items, Some(50));
    assert_eq!(input.marker.as_deref(), Some("a+b c"));
    assert_eq!(input.function_version, Some(FunctionVersion::All));
    assert_eq!(input.master_region.as_deref(), Some(""));
    let request = post("").query("MaxItems=");
    let input: ListFunctionsInput = decode(RestJson, &lambda::OPERATION_LIST_FUNCTIONS, request);
    assert_eq!(input.max_items, None);
    for text in ["many", "1.5", "2147483648"] {
        let request = post("").query(&format!("MaxItems={text}"));
        let error = try_decode::<ListFunctionsInput>(RestJson, &lambda::OPERATION_LIST_FUNCTIONS, request)
            .unwrap_err();
        assert_eq!((error.kind, error.path.as_str()), (ReadErrorKind::Value, "maxItems"), "{text}");
    }
}

#[test]
fn a_list_in_the_query_string_repeats_its_name() {
    let request = post("").label("Resource", "arn").query("tagKeys=a&other=x&tagKeys=b%2Cc");
    let input: UntagResourceInput = decode(RestJson, &lambda::OPERATION_UNTAG_RESOURCE, request);
    assert_eq!(input.tag_keys, ["a", "b,c"]);
    let request = post("").label("Resource", "arn");
    assert_eq!(
        missing::<UntagResourceInput>(RestJson, &lambda::OPERATION_UNTAG_RESOURCE, request),
        ["tagKeys"]
    );
}

#[test]
fn a_body_with_structures_maps_and_a_blob() {
    let body = r#"{"FunctionName":"f","Role":"r","Runtime":"python9.9","Code":{"ZipFile":"UEsFBg=="},
        "Timeout":3,"Publish":true,"Layers":["a","b"],"Environment":{"Variables":{"KEY":"value"}},"New":{}}"#;
    let input: CreateFunctionInput = decode(RestJson, &lambda::OPERATION_CREATE_FUNCTION, post(body));
    assert_eq!(input.runtime, Some(Runtime::Unknown("python9.9".into())));
    assert_eq!(input.code.zip_file.as_deref(), Some(&b"PK\x05\x06"[..]));
    assert_eq!(input.layers.unwrap(), ["a", "b"]);
    assert_eq!(input.environment.unwrap().variables.unwrap()["KEY"], "value");
    assert_eq!((input.timeout, input.publish), (Some(3), Some(true)));
}

#[test]
fn a_bound_member_is_not_read_from_the_body() {
    let request = post(r#"{"Resource":"body","Tags":{"a":"b"}}"#).label("Resource", "label");
    let input: TagResourceInput = decode(RestJson, &lambda::OPERATION_TAG_RESOURCE, request);
    assert_eq!(input.resource, "label");
    assert_eq!(input.tags["a"], "b");
}

#[test]
fn missing_members_are_told_with_their_paths() {
    let paths = missing::<CreateFunctionInput>(RestJson, &lambda::OPERATION_CREATE_FUNCTION, post(""));
    assert_eq!(paths, ["functionName", "role", "code"]);
    let paths = missing::<TagResourceInput>(RestJson, &lambda::OPERATION_TAG_RESOURCE, post("{}"));
    assert_eq!(paths, ["resource", "tags"]);
}

#[test]
fn an_answer_whose_body_is_a_blob_and_whose_status_is_a_member() {
    let output = InvokeOutput {
        status_code: Some(202),
        function_error: Some("Unhandled".into()),
        executed_version: Some("$LATEST".into()),
        payload: Some(vec![0, 255].into()),
        ..InvokeOutput::default()
    };
    let response = encode(RestJson, &api_lambda::SERVICE, &lambda::OPERATION_INVOKE, &output);
    assert_eq!(response.status(), 202);
    assert_eq!(header(&response, "x-amz-function-error"), "Unhandled");
    assert_eq!(header(&response, "x-amz-executed-version"), "$LATEST");
    assert_eq!(header(&response, "x-amz-log-result"), "");
    assert_eq!(header(&response, "x-amzn-requestid"), REQUEST_ID);
    assert_eq!(bytes(&response), [0, 255]);
}

#[test]
fn an_answer_with_a_body_of_json() {
    let output = ListFunctionsOutput { next_marker: Some("m".into()), functions: Some(Vec::new()) };
    let response = encode(RestJson, &api_lambda::SERVICE, &lambda::OPERATION_LIST_FUNCTIONS, &output);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(text(&response), r#"{"NextMarker":"m","Functions":[]}"#);
    let empty = ListFunctionsOutput::default();
    let response = encode(RestJson, &api_lambda::SERVICE, &lambda::OPERATION_LIST_FUNCTIONS, &empty);
    assert_eq!(text(&response), "{}");
}

#[test]
fn an_answer_without_content_has_no_body() {
    let response = encode(
        RestJson,
        &api_lambda::SERVICE,
        &lambda::OPERATION_TAG_RESOURCE,
        &api_lambda::TagResourceOutput::default(),
    );
    assert_eq!(response.status(), 204);
    assert_eq!(header(&response, "content-type"), "");
    assert_eq!(text(&response), "");
}

#[test]
fn a_modelled_error_has_its_name_in_a_header_and_its_members_where_they_are_bound() {
    let error = LambdaError::TooManyRequestsException(Box::new(TooManyRequestsException {
        retry_after_seconds: Some("3".into()),
        r#type: Some("User".into()),
        message: Some("Rate Exceeded.".into()),
        ..TooManyRequestsException::default()
    }));
    let response = fault(RestJson, &api_lambda::SERVICE, error);
    assert_eq!(response.status(), 429);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "x-amzn-errortype"), "TooManyRequestsException");
    assert_eq!(header(&response, "retry-after"), "3");
    assert_eq!(text(&response), r#"{"Type":"User","message":"Rate Exceeded."}"#);
}

#[test]
fn an_unmodelled_fault_has_its_code_in_the_header() {
    let error = Fault::new("AccessDeniedException", 403, "No").header("retry-after", "9");
    let response = fault(RestJson, &api_lambda::SERVICE, error);
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "x-amzn-errortype"), "AccessDeniedException");
    assert_eq!(header(&response, "retry-after"), "9");
    assert_eq!(text(&response), r#"{"message":"No"}"#);
}
