//! Policies of groups and of accounts: what they mask, tell and send on.

use api_logs::*;
use serde_json::{Value, json};

use crate::Emulator;

const EMAIL: &str = "arn:aws:dataprotection::aws:data-identifier/EmailAddress";

fn protection(identifiers: &[&str], findings: &Value) -> String {
    json!({
        "Name": "policy", "Version": "2021-06-01",
        "Statement": [
            { "Sid": "audit", "DataIdentifier": identifiers, "Operation": { "Audit": { "FindingsDestination": findings } } },
            { "Sid": "mask", "DataIdentifier": identifiers, "Operation": { "Deidentify": { "MaskConfig": {} } } },
        ],
        "Configuration": { "CustomDataIdentifier": [{ "Name": "Employee", "Regex": "E-\\d{4}" }] },
    })
    .to_string()
}

fn of_account(kind: PolicyType, name: &str, document: String) -> PutAccountPolicyInput {
    PutAccountPolicyInput {
        policy_name: name.to_owned(),
        policy_document: document,
        policy_type: kind,
        ..PutAccountPolicyInput::default()
    }
}

async fn protect(emulator: &Emulator, document: String) {
    let input =
        PutDataProtectionPolicyInput { log_group_identifier: "/app".to_owned(), policy_document: document };
    emulator.call::<PutDataProtectionPolicy>(input).await;
}

async fn read(emulator: &Emulator, unmask: bool) -> Vec<String> {
    let input = GetLogEventsInput {
        log_group_name: Some("/app".to_owned()),
        log_stream_name: "one".to_owned(),
        start_from_head: Some(true),
        unmask: Some(unmask),
        ..GetLogEventsInput::default()
    };
    let events = emulator.call::<GetLogEvents>(input).await.events.unwrap();
    events.into_iter().map(|event| event.message.unwrap()).collect()
}

#[tokio::test]
async fn what_is_sensitive_is_masked_from_the_policy_on() {
    let emulator = Emulator::with_stream().await;
    emulator.put(&["early a@example.com"]).await;
    protect(&emulator, protection(&[EMAIL], &json!({}))).await;
    let account = protection(&["Employee"], &json!({}));
    emulator.call::<PutAccountPolicy>(of_account(PolicyType::DataProtectionPolicy, "all", account)).await;
    emulator.put(&["ä b@example.com is E-1234", "nothing"]).await;
    let masked = ["early a@example.com", "ä ************* is ******", "nothing"];
    assert_eq!(read(&emulator, false).await, masked);
    assert_eq!(emulator.messages().await, masked);
    assert_eq!(read(&emulator, true).await[1], "ä b@example.com is E-1234");

    let groups =
        emulator.call::<DescribeLogGroups>(DescribeLogGroupsInput::default()).await.log_groups.unwrap();
    assert_eq!(groups[0].data_protection_status, Some(DataProtectionStatus::Activated));
    assert_eq!(groups[0].inherited_properties, Some(vec![InheritedProperty::AccountDataProtection]));

    let input = DeleteDataProtectionPolicyInput { log_group_identifier: "/app".to_owned() };
    emulator.call::<DeleteDataProtectionPolicy>(input).await;
    emulator.put(&["c@example.com E-1234"]).await;
    assert!(read(&emulator, false).await.contains(&"c@example.com ******".to_owned()));
}

#[tokio::test]
async fn findings_are_told_to_a_group() {
    let emulator = Emulator::with_stream().await;
    let name = "/aws/vendedlogs/findings";
    let group = CreateLogGroupInput { log_group_name: name.to_owned(), ..CreateLogGroupInput::default() };
    emulator.call::<CreateLogGroup>(group).await;
    let destination = json!({ "CloudWatchLogs": { "LogGroup": name } });
    protect(&emulator, protection(&[EMAIL, "Employee"], &destination)).await;
    emulator.put(&["to a@example.com, b@example.com", "nothing"]).await;
    assert!(emulator.deliver().await.is_empty());

    let input =
        FilterLogEventsInput { log_group_name: Some(name.to_owned()), ..FilterLogEventsInput::default() };
    let events = emulator.call::<FilterLogEvents>(input).await.events.unwrap();
    let reports: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event.message.as_ref().unwrap()).unwrap()).collect();
    let expected = json!([{
        "auditTimestamp": "2026-01-02T12:00:00Z",
        "resourceArn": "arn:aws:logs:us-east-1:000000000000:log-group:/app:*",
        "dataIdentifiers": [{
            "name": "EmailAddress", "count": 2,
            "detections": [{ "start": 3, "end": 16 }, { "start": 18, "end": 31 }],
        }],
    }]);
    assert_eq!(Value::from(reports), expected);
}

#[tokio::test]
async fn an_account_subscribes_to_all_groups_but_some() {
    let emulator = Emulator::with_stream().await;
    let document = json!({
        "DestinationArn": "arn:aws:kinesis:us-east-1:000000000000:stream/all",
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "FilterPattern": "keep",
    });
    let mut policy = of_account(PolicyType::SubscriptionFilterPolicy, "everything", document.to_string());
    policy.selection_criteria = Some(r#"LogGroupName NOT IN ["/app"]"#.to_owned());
    emulator.call::<PutAccountPolicy>(policy.clone()).await;
    emulator.put(&["keep 1"]).await;
    assert!(emulator.deliver().await.is_empty());
    assert!(emulator.sent.records.lock().unwrap().is_empty());

    policy.selection_criteria = None;
    emulator.call::<PutAccountPolicy>(policy).await;
    emulator.put(&["keep 2", "drop"]).await;
    assert!(emulator.deliver().await.is_empty());
    let all = crate::behind::received(&emulator);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["subscriptionFilters"], json!(["everything"]));
    assert_eq!(all[0]["logEvents"][0]["message"], "keep 2");
}
