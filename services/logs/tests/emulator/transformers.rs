//! Transformers of groups and of accounts: what queries, filters and readers see of events.

use std::time::Duration;

use api_logs::*;
use serde_json::json;

use crate::{Emulator, NOON};

fn parse_json() -> Processor {
    Processor { parse_json: Some(ParseJSON::default()), ..Processor::default() }
}

fn upper(key: &str) -> Processor {
    let with_keys = vec![key.to_owned()];
    Processor { upper_case_string: Some(UpperCaseString { with_keys }), ..Processor::default() }
}

async fn transform(emulator: &Emulator, transformer_config: Vec<Processor>) {
    let input = PutTransformerInput { log_group_identifier: "/app".to_owned(), transformer_config };
    emulator.call::<PutTransformer>(input).await;
}

/// The columns of a query's rows, without the pointer.
async fn query(emulator: &Emulator, text: &str) -> Vec<Vec<(String, String)>> {
    let input = StartQueryInput {
        log_group_name: (!text.starts_with("SOURCE")).then(|| "/app".to_owned()),
        start_time: NOON / 1000 - 10,
        end_time: NOON / 1000 + 10,
        query_string: text.to_owned(),
        ..StartQueryInput::default()
    };
    let query_id = emulator.call::<StartQuery>(input).await.query_id.unwrap();
    let input = GetQueryResultsInput { query_id, ..GetQueryResultsInput::default() };
    let rows = emulator.call::<GetQueryResults>(input).await.results.unwrap();
    let column = |field: ResultField| Some((field.field?, field.value?));
    let columns =
        |row: Vec<ResultField>| row.into_iter().filter_map(column).filter(|(name, _)| name != "@ptr");
    rows.into_iter().map(|row| columns(row).collect()).collect()
}

fn row(columns: &[(&str, &str)]) -> Vec<(String, String)> {
    columns.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn queries_find_transformed_fields_and_readers_the_message() {
    let emulator = Emulator::with_stream().await;
    emulator.put(&[r#"{"level": "early"}"#]).await;
    transform(&emulator, vec![parse_json(), upper("level")]).await;
    emulator.put(&[r#"{"level": "warn"}"#, "no JSON"]).await;

    let found = query(&emulator, "filter ispresent(level) | sort level | display level, @message").await;
    let expected = [
        row(&[("level", "WARN"), ("@message", r#"{"level": "warn"}"#)]),
        row(&[("level", "early"), ("@message", r#"{"level": "early"}"#)]),
    ];
    assert_eq!(found, expected);
    let failed = query(&emulator, "filter ispresent(@transformationError) | display @message").await;
    assert_eq!(failed, [row(&[("@message", "no JSON")])]);
    assert_eq!(emulator.messages().await, [r#"{"level": "early"}"#, r#"{"level": "warn"}"#, "no JSON"]);
}

#[tokio::test]
async fn filters_look_at_transformed_events_where_they_are_to() {
    let emulator = Emulator::with_stream().await;
    transform(&emulator, vec![parse_json(), upper("level")]).await;
    let metric = |name: &str, on_transformed: bool| PutMetricFilterInput {
        log_group_name: "/app".to_owned(),
        filter_name: name.to_owned(),
        filter_pattern: r#"{ $.level = "WARN" }"#.to_owned(),
        metric_transformations: vec![MetricTransformation {
            metric_name: name.to_owned(),
            metric_namespace: "App".to_owned(),
            metric_value: "1".to_owned(),
            ..MetricTransformation::default()
        }],
        apply_on_transformed_logs: Some(on_transformed),
        ..PutMetricFilterInput::default()
    };
    emulator.call::<PutMetricFilter>(metric("Transformed", true)).await;
    emulator.call::<PutMetricFilter>(metric("Original", false)).await;
    let subscription = PutSubscriptionFilterInput {
        log_group_name: "/app".to_owned(),
        filter_name: "all".to_owned(),
        filter_pattern: "WARN".to_owned(),
        destination_arn: "arn:aws:kinesis:us-east-1:000000000000:stream/s".to_owned(),
        role_arn: Some("arn:aws:iam::000000000000:role/r".to_owned()),
        apply_on_transformed_logs: Some(true),
        ..PutSubscriptionFilterInput::default()
    };
    emulator.call::<PutSubscriptionFilter>(subscription).await;
    emulator.put(&[r#"{"level": "warn"}"#, "WARN, but no JSON"]).await;
    assert!(emulator.deliver().await.is_empty());

    let metrics = std::mem::take(&mut *emulator.sent.metrics.lock().unwrap());
    let data: Vec<_> = metrics.iter().flat_map(|put| put.metric_data.iter().flatten()).collect();
    assert_eq!(data.iter().map(|datum| datum.metric_name.as_str()).collect::<Vec<_>>(), ["Transformed"]);
    let sent = crate::behind::received(&emulator);
    assert_eq!(sent[1]["logEvents"].as_array().unwrap().len(), 1);
    assert_eq!(sent[1]["logEvents"][0]["message"], r#"{"level":"WARN"}"#);
    let input = DescribeMetricFiltersInput { log_group_name: Some("/app".to_owned()), ..Default::default() };
    let filters = emulator.call::<DescribeMetricFilters>(input).await.metric_filters.unwrap();
    assert_eq!(filters[1].apply_on_transformed_logs, Some(true));
}

#[tokio::test]
async fn the_transformer_of_a_group_comes_before_the_accounts() {
    let emulator = Emulator::with_stream().await;
    let put = |name: &str, prefix: &str, value: &str| PutAccountPolicyInput {
        policy_name: name.to_owned(),
        policy_document: json!([
            { "parseJSON": {} }, { "addKeys": { "entries": [{ "key": "by", "value": value }] } },
        ])
        .to_string(),
        policy_type: PolicyType::TransformerPolicy,
        selection_criteria: Some(format!("LogGroupNamePrefix IN [\"{prefix}\"]")),
        ..PutAccountPolicyInput::default()
    };
    emulator.call::<PutAccountPolicy>(put("apps", "/app", "account")).await;
    emulator.call::<PutAccountPolicy>(put("others", "/other", "nobody")).await;
    let overlapping =
        emulator.cx.call::<PutAccountPolicy>(put("more", "/application", "x")).await.unwrap_err();
    assert_eq!(overlapping.code(), "InvalidParameterException");

    emulator.put(&["{}"]).await;
    emulator.cx.clock.advance(Duration::from_secs(1));
    transform(&emulator, vec![parse_json()]).await;
    emulator.put(&["{}"]).await;
    emulator.cx.clock.advance(Duration::from_secs(1));
    let input = DeleteTransformerInput { log_group_identifier: "/app".to_owned() };
    emulator.call::<DeleteTransformer>(input).await;
    emulator.put(&["{}"]).await;

    let found = query(&emulator, "sort @timestamp | display by").await;
    assert_eq!(found, [row(&[("by", "account")]), row(&[]), row(&[("by", "account")])]);
}

#[tokio::test]
async fn transformers_see_what_is_masked_and_unmask_what_came() {
    let emulator = Emulator::with_stream().await;
    let identifier = "arn:aws:dataprotection::aws:data-identifier/EmailAddress";
    let document = json!({ "Statement": [
        { "DataIdentifier": [identifier], "Operation": { "Audit": { "FindingsDestination": {} } } },
        { "DataIdentifier": [identifier], "Operation": { "Deidentify": { "MaskConfig": {} } } },
    ] });
    let input = PutDataProtectionPolicyInput {
        log_group_identifier: "/app".to_owned(),
        policy_document: document.to_string(),
    };
    emulator.call::<PutDataProtectionPolicy>(input).await;
    transform(&emulator, vec![parse_json()]).await;
    emulator.put(&[r#"{"to": "a@example.com"}"#, "{}"]).await;

    let found = query(&emulator, "sort @timestamp | fields to, unmask(@message) as whole").await;
    let expected =
        [row(&[("to", "*************"), ("whole", r#"{"to": "a@example.com"}"#)]), row(&[("whole", "{}")])];
    assert_eq!(found, expected);
    let refused = StartQueryInput {
        log_group_name: Some("/app".to_owned()),
        query_string: "fields unmask(to)".to_owned(),
        ..StartQueryInput::default()
    };
    assert_eq!(emulator.cx.call::<StartQuery>(refused).await.unwrap_err().status(), 501);
}

#[tokio::test]
async fn lists_are_unnested() {
    let emulator = Emulator::with_stream().await;
    let event = json!({ "events": [{ "name": "exception" }, { "name": "user action" }] });
    emulator.put(&[&event.to_string(), r#"{"events": "one"}"#]).await;

    let text = "fields jsonParse(@message) as json_message | unnest json_message.events into event | display event.name";
    let found = query(&emulator, text).await;
    // The newest comes first; what is no list is one item, which has no name here.
    let expected = [row(&[]), row(&[("event.name", "exception")]), row(&[("event.name", "user action")])];
    assert_eq!(found, expected);
    let text = "fields jsonParse(@message) as js | unnest js.events into one | filter one.name like 'user' | stats count(*) as n";
    assert_eq!(query(&emulator, text).await, [row(&[("n", "1")])]);
}

#[tokio::test]
async fn indexes_and_sources_choose_groups() {
    let emulator = Emulator::with_stream().await;
    emulator.put(&[r#"{"ip": "198.51.100.0"}"#, r#"{"ip": "198.51.100.1"}"#]).await;
    let text = "filterIndex ip in [\"198.51.100.0\", \"198.51.100.2\"] | display ip";
    assert!(query(&emulator, text).await.is_empty());
    let document = json!({ "Fields": ["ip"] }).to_string();
    let input = PutIndexPolicyInput { log_group_identifier: "/app".to_owned(), policy_document: document };
    emulator.call::<PutIndexPolicy>(input).await;
    assert_eq!(query(&emulator, text).await, [row(&[("ip", "198.51.100.0")])]);

    let stats = "stats count(*) as n";
    let some = query(&emulator, &format!("SOURCE logGroups(namePrefix: ['/a', '/b']) | {stats}")).await;
    assert_eq!(some, [row(&[("n", "2")])]);
    let none = query(&emulator, "SOURCE logGroups(class: ['INFREQUENT_ACCESS']) | display ip").await;
    assert!(none.is_empty());
    assert_eq!(query(&emulator, "SOURCE logGroups()").await.len(), 2);
    let both = StartQueryInput {
        log_group_name: Some("/app".to_owned()),
        query_string: "SOURCE logGroups()".to_owned(),
        ..StartQueryInput::default()
    };
    let refused = emulator.cx.call::<StartQuery>(both).await.unwrap_err();
    assert_eq!(refused.code(), "InvalidParameterException");
}

#[tokio::test]
async fn a_transformer_goes_with_its_group() {
    let emulator = Emulator::with_stream().await;
    transform(&emulator, vec![parse_json(), upper("a")]).await;
    let input = DeleteLogGroupInput { log_group_name: "/app".to_owned() };
    emulator.call::<DeleteLogGroup>(input).await;
    let group = CreateLogGroupInput { log_group_name: "/app".to_owned(), ..CreateLogGroupInput::default() };
    emulator.call::<CreateLogGroup>(group).await;
    let input = GetTransformerInput { log_group_identifier: "/app".to_owned() };
    assert_eq!(emulator.call::<GetTransformer>(input).await, GetTransformerOutput::default());
}
