//! What is told of an account, of who may use its tables, and of which keys are used most.

use super::*;

#[tokio::test]
async fn an_account_has_limits_and_an_endpoint() {
    let emulator = Emulator::new();
    let limits = emulator.call::<DescribeLimits>(DescribeLimitsInput {}).await.unwrap();
    assert_eq!(limits.account_max_read_capacity_units, Some(80_000));
    assert_eq!(limits.table_max_write_capacity_units, Some(40_000));
    let endpoints = emulator.call::<DescribeEndpoints>(DescribeEndpointsInput {}).await.unwrap().endpoints;
    assert_eq!(endpoints[0].address, "dynamodb.us-east-1.amazonaws.com");
    assert_eq!(endpoints[0].cache_period_in_minutes, 1440);
}

const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/things";

fn policy(effect: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "{effect}", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "{ARN}"}}]}}"#
    )
}

fn put(document: String, expected: Option<&str>) -> PutResourcePolicyInput {
    PutResourcePolicyInput {
        resource_arn: ARN.into(),
        policy: document,
        expected_revision_id: expected.map(str::to_owned),
        ..Default::default()
    }
}

/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>
#[tokio::test]
async fn policies_have_revisions() {
    let emulator = Emulator::with_table().await;
    let get = || GetResourcePolicyInput { resource_arn: ARN.into() };
    let none = refusal(emulator.call::<GetResourcePolicy>(get()).await);
    assert!(none.starts_with("PolicyNotFoundException: Resource-based policy not found"), "{none}");
    let first = emulator.call::<PutResourcePolicy>(put(policy("Allow"), Some("NO_POLICY"))).await.unwrap();
    let same = emulator.call::<PutResourcePolicy>(put(policy("Allow"), None)).await.unwrap();
    assert_eq!(first, same);
    let stale = refusal(emulator.call::<PutResourcePolicy>(put(policy("Deny"), Some("other"))).await);
    assert!(stale.starts_with("PolicyNotFoundException"), "{stale}");
    let next = put(policy("Deny"), first.revision_id.as_deref());
    let second = emulator.call::<PutResourcePolicy>(next).await.unwrap();
    assert_ne!(first, second);
    let got = emulator.call::<GetResourcePolicy>(get()).await.unwrap();
    assert_eq!((got.policy, got.revision_id), (Some(policy("Deny")), second.revision_id.clone()));
    let delete = || DeleteResourcePolicyInput { resource_arn: ARN.into(), expected_revision_id: None };
    let gone = emulator.call::<DeleteResourcePolicy>(delete()).await.unwrap();
    assert_eq!(gone.revision_id, second.revision_id);
    let again = emulator.call::<DeleteResourcePolicy>(delete()).await.unwrap();
    assert_eq!(again.revision_id.as_deref(), Some(""));
}

#[tokio::test]
async fn policies_are_of_what_is_there() {
    let emulator = Emulator::with_table().await;
    let broken = refusal(emulator.call::<PutResourcePolicy>(put("{}".into(), None)).await);
    assert!(broken.starts_with("ValidationException: Invalid policy document"), "{broken}");
    let absent = PutResourcePolicyInput { resource_arn: format!("{ARN}-not"), ..put(policy("Allow"), None) };
    let absent = refusal(emulator.call::<PutResourcePolicy>(absent).await);
    assert!(absent.starts_with("ResourceNotFoundException"), "{absent}");
    let with_policy =
        CreateTableInput { table_name: "other".into(), resource_policy: Some(policy("Allow")), ..table() };
    emulator.call::<CreateTable>(with_policy).await.unwrap();
    let get = GetResourcePolicyInput { resource_arn: ARN.replace("things", "other") };
    assert_eq!(emulator.call::<GetResourcePolicy>(get.clone()).await.unwrap().policy, Some(policy("Allow")));
    // A new table of that name has nothing of the old one.
    emulator.call::<DeleteTable>(DeleteTableInput { table_name: "other".into() }).await.unwrap();
    emulator.call::<CreateTable>(CreateTableInput { table_name: "other".into(), ..table() }).await.unwrap();
    assert!(refusal(emulator.call::<GetResourcePolicy>(get).await).starts_with("PolicyNotFoundException"));
}

#[tokio::test]
async fn insights_are_switched_and_told() {
    let emulator = Emulator::with_table().await;
    let describe = async || {
        let input = DescribeContributorInsightsInput { table_name: "things".into(), index_name: None };
        emulator.call::<DescribeContributorInsights>(input).await.unwrap()
    };
    // Recorded of AWS: a table without them tells its name and the state, nothing else.
    let off = DescribeContributorInsightsOutput {
        table_name: Some("things".into()),
        contributor_insights_status: Some(ContributorInsightsStatus::Disabled),
        ..Default::default()
    };
    assert_eq!(describe().await, off);
    let update = |action: ContributorInsightsAction| UpdateContributorInsightsInput {
        table_name: "things".into(),
        contributor_insights_action: action,
        ..Default::default()
    };
    let on = update(ContributorInsightsAction::Enable);
    let on = emulator.call::<UpdateContributorInsights>(on).await.unwrap();
    assert_eq!(on.contributor_insights_status, Some(ContributorInsightsStatus::Enabling));
    let shown = describe().await;
    assert_eq!(shown.contributor_insights_status, Some(ContributorInsightsStatus::Enabled));
    // One rule a key attribute, of what is used and of what is refused.
    assert_eq!(shown.contributor_insights_rule_list.unwrap().len(), 4);
    let list =
        emulator.call::<ListContributorInsights>(ListContributorInsightsInput::default()).await.unwrap();
    assert_eq!(list.contributor_insights_summaries.unwrap().len(), 1);
    emulator.call::<UpdateContributorInsights>(update(ContributorInsightsAction::Disable)).await.unwrap();
    assert_eq!(describe().await.contributor_insights_status, Some(ContributorInsightsStatus::Disabled));
}
