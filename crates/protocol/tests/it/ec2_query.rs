//! EC2 query: flat lists, capitalised names, answers without a result element.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>

use api_ec2::schemas as ec2;
use api_ec2::{
    CreateTagsInput, DescribeInstancesInput, DescribeInstancesOutput, DescribeRegionsOutput, Instance,
    InstanceState, InstanceStateName, Region, Reservation, Tag,
};
use kernel::Fault;
use kernel::schema::ProtocolKind::Ec2Query;

use crate::support::*;

#[test]
fn lists_are_flat_and_names_capitalised() {
    let body = "Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1234567890abcdef0&InstanceId.2=i-2\
        &Filter.1.Name=instance-type&Filter.1.Value.1=m1.small&Filter.1.Value.2=m1.large\
        &Filter.2.Name=block-device-mapping.status&Filter.2.Value.1=attached\
        &DryRun=true&MaxResults=5&NextToken=abc";
    let input: DescribeInstancesInput = decode(Ec2Query, &ec2::OPERATION_DESCRIBE_INSTANCES, post(body));
    assert_eq!(input.instance_ids.unwrap(), ["i-1234567890abcdef0", "i-2"]);
    let filters = input.filters.unwrap();
    assert_eq!(filters[0].name.as_deref(), Some("instance-type"));
    assert_eq!(filters[0].values.as_deref().unwrap(), ["m1.small", "m1.large"]);
    assert_eq!(filters[1].values.as_deref().unwrap(), ["attached"]);
    assert_eq!(input.dry_run, Some(true));
    assert_eq!(input.max_results, Some(5));
    assert_eq!(input.next_token.as_deref(), Some("abc"));
}

#[test]
fn structures_nest_within_lists() {
    let body =
        "ResourceId.1=ami-1a2b3c4d&Tag.1.Key=webserver&Tag.1.Value=&Tag.2.Key=stack&Tag.2.Value=Production";
    let input: CreateTagsInput = decode(Ec2Query, &ec2::OPERATION_CREATE_TAGS, post(body));
    assert_eq!(input.resources, ["ami-1a2b3c4d"]);
    assert_eq!(input.tags[0], Tag { key: Some("webserver".into()), value: Some(String::new()) });
    assert_eq!(input.tags[1].value.as_deref(), Some("Production"));
}

#[test]
fn missing_members_are_told_with_their_paths() {
    let paths = missing::<CreateTagsInput>(Ec2Query, &ec2::OPERATION_CREATE_TAGS, post("DryRun=false"));
    assert_eq!(paths, ["resources", "tags"]);
}

#[test]
fn an_answer_has_the_request_id_first_and_items_in_its_lists() {
    let region = Region {
        opt_in_status: Some("opt-in-not-required".into()),
        region_name: Some("us-east-1".into()),
        endpoint: Some("ec2.us-east-1.amazonaws.com".into()),
        ..Region::default()
    };
    let output = DescribeRegionsOutput { regions: Some(vec![region]) };
    let response = encode(Ec2Query, &api_ec2::SERVICE, &ec2::OPERATION_DESCRIBE_REGIONS, &output);
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/xml;charset=UTF-8");
    assert_eq!(
        text(&response),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <DescribeRegionsResponse xmlns=\"{}\">\
            <requestId>{REQUEST_ID}</requestId><regionInfo><item><optInStatus>opt-in-not-required</optInStatus>\
            <regionName>us-east-1</regionName><regionEndpoint>ec2.us-east-1.amazonaws.com</regionEndpoint>\
            </item></regionInfo></DescribeRegionsResponse>",
            api_ec2::SERVICE.xml_namespace,
        )
    );
}

#[test]
fn instances_are_sets_within_sets() {
    let instance = Instance {
        instance_id: Some("i-1".into()),
        state: Some(InstanceState { code: Some(16), name: Some(InstanceStateName::Running) }),
        launch_time: Some(at("2018-05-08T16:46:19Z")),
        tags: Some(vec![Tag { key: Some("Name".into()), value: Some("Server_1".into()) }]),
        ebs_optimized: Some(false),
        ..Instance::default()
    };
    let reservation = Reservation {
        reservation_id: Some("r-1".into()),
        groups: Some(Vec::new()),
        instances: Some(vec![instance]),
        ..Reservation::default()
    };
    let output = DescribeInstancesOutput { reservations: Some(vec![reservation]), next_token: None };
    let response = encode(Ec2Query, &api_ec2::SERVICE, &ec2::OPERATION_DESCRIBE_INSTANCES, &output);
    let body = text(&response);
    assert!(body.contains("<reservationSet><item><reservationId>r-1</reservationId><groupSet/>"), "{body}");
    assert!(body.contains("<instancesSet><item><ebsOptimized>false</ebsOptimized>"), "{body}");
    assert!(body.contains("<tagSet><item><key>Name</key><value>Server_1</value></item></tagSet>"), "{body}");
    assert!(body.contains("<instanceState><code>16</code><name>running</name></instanceState>"), "{body}");
}

#[test]
fn times_have_milliseconds() {
    let instance = Instance { launch_time: Some(at("2018-05-08T16:46:19Z")), ..Instance::default() };
    let reservation = Reservation { instances: Some(vec![instance]), ..Reservation::default() };
    let output = DescribeInstancesOutput { reservations: Some(vec![reservation]), next_token: None };
    let response = encode(Ec2Query, &api_ec2::SERVICE, &ec2::OPERATION_DESCRIBE_INSTANCES, &output);
    // As in the API reference's example of DescribeInstances.
    assert!(
        text(&response).contains("<launchTime>2018-05-08T16:46:19.000Z</launchTime>"),
        "{}",
        text(&response)
    );
}

#[test]
fn an_operation_without_output_returns_true() {
    let output = api_ec2::CreateTagsOutput::default();
    let response = encode(Ec2Query, &api_ec2::SERVICE, &ec2::OPERATION_CREATE_TAGS, &output);
    assert!(
        text(&response).ends_with(&format!(
            "<requestId>{REQUEST_ID}</requestId><return>true</return></CreateTagsResponse>"
        )),
        "{}",
        text(&response)
    );
}

#[test]
fn an_error_has_errors_and_the_request_id_in_capitals() {
    let error = Fault::client("InvalidInstanceID.NotFound", "The instance ID 'i-1a2b3c4d' does not exist")
        .header("retry-after", "3");
    let response = fault(Ec2Query, &api_ec2::SERVICE, error);
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "content-type"), "text/xml;charset=UTF-8");
    assert_eq!(header(&response, "retry-after"), "3");
    assert_eq!(
        text(&response),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code>\
            <Message>The instance ID &apos;i-1a2b3c4d&apos; does not exist</Message></Error></Errors>\
            <RequestID>{REQUEST_ID}</RequestID></Response>"
        )
    );
}
