//! Global tables.

use super::*;

async fn there<O: Operation>(emulator: &Emulator, region: &str, input: O::Input) -> Result<O::Output, Fault> {
    emulator.cx.in_scope(Scope::new("000000000000", region)).call::<O>(input).await
}

fn replicas(update: ReplicationGroupUpdate) -> UpdateTableInput {
    UpdateTableInput {
        table_name: "things".into(),
        replica_updates: Some(vec![update]),
        ..Default::default()
    }
}

fn create(region: &str) -> UpdateTableInput {
    let create = CreateReplicationGroupMemberAction { region_name: region.into(), ..Default::default() };
    replicas(ReplicationGroupUpdate { create: Some(create), ..Default::default() })
}

fn delete(region: &str) -> UpdateTableInput {
    let delete = DeleteReplicationGroupMemberAction { region_name: region.into() };
    replicas(ReplicationGroupUpdate { delete: Some(delete), ..Default::default() })
}

async fn shown(emulator: &Emulator, region: &str) -> TableDescription {
    let input = DescribeTableInput { table_name: "things".into() };
    there::<DescribeTable>(emulator, region, input).await.unwrap().table.unwrap()
}

async fn regions(emulator: &Emulator, region: &str) -> Vec<String> {
    let replicas = shown(emulator, region).await.replicas.unwrap_or_default();
    replicas.into_iter().map(|replica| replica.region_name.unwrap()).collect()
}

async fn value(emulator: &Emulator, region: &str, sort: i64) -> Option<AttributeValue> {
    let key = map([("pk", s("a")), ("sk", n(sort))]);
    let input = GetItemInput { table_name: "things".into(), key, ..Default::default() };
    there::<GetItem>(emulator, region, input).await.unwrap().item?.get("v").cloned()
}

fn put(sort: i64, value: i64) -> PutItemInput {
    let item = map([("pk", s("a")), ("sk", n(sort)), ("v", n(value))]);
    PutItemInput { table_name: "things".into(), item, ..Default::default() }
}

#[tokio::test]
async fn every_region_has_every_item() {
    let emulator = Emulator::with_table().await;
    for sort in 0..2500 {
        emulator.call::<PutItem>(put(sort, 1)).await.unwrap();
    }
    emulator.call::<UpdateTable>(create("eu-west-1")).await.unwrap();
    emulator.call::<UpdateTable>(create("ap-south-1")).await.unwrap();
    assert_eq!(regions(&emulator, "us-east-1").await, ["eu-west-1", "ap-south-1"]);
    assert_eq!(regions(&emulator, "eu-west-1").await, ["us-east-1", "ap-south-1"]);
    assert_eq!(regions(&emulator, "ap-south-1").await, ["us-east-1", "eu-west-1"]);
    assert_eq!(shown(&emulator, "eu-west-1").await.item_count, Some(2500));
    assert_eq!(shown(&emulator, "eu-west-1").await.table_status, Some(TableStatus::Active));
    assert_eq!(shown(&emulator, "eu-west-1").await.global_table_version.as_deref(), Some("2019.11.21"));

    // The last writer wins, wherever it is.
    there::<PutItem>(&emulator, "eu-west-1", put(1, 2)).await.unwrap();
    assert_eq!(value(&emulator, "us-east-1", 1).await, Some(n(2)));
    there::<PutItem>(&emulator, "ap-south-1", put(1, 3)).await.unwrap();
    for region in ["us-east-1", "eu-west-1", "ap-south-1"] {
        assert_eq!(value(&emulator, region, 1).await, Some(n(3)), "{region}");
    }
    // Every replica has a stream of its own, which begins with what was copied.
    let label = async |region| shown(&emulator, region).await.latest_stream_arn.unwrap();
    assert!(label("eu-west-1").await.contains(":eu-west-1:"));

    let gone = delete("eu-west-1");
    emulator.call::<UpdateTable>(gone.clone()).await.unwrap();
    assert_eq!(regions(&emulator, "us-east-1").await, ["ap-south-1"]);
    assert_eq!(regions(&emulator, "ap-south-1").await, ["us-east-1"]);
    assert_eq!(
        refusal(emulator.call::<UpdateTable>(gone).await),
        "ValidationException: Update global table operation failed because one or more replicas were not part of the \
         global table."
    );
    // A replica can take itself away.
    there::<UpdateTable>(&emulator, "ap-south-1", delete("ap-south-1")).await.unwrap();
    assert_eq!(regions(&emulator, "us-east-1").await, Vec::<String>::new());
}

#[tokio::test]
async fn indexes_and_expiry_are_shared() {
    let emulator = Emulator::with_table().await;
    emulator.call::<UpdateTable>(create("eu-west-1")).await.unwrap();
    emulator.call::<PutItem>(put(1, 7)).await.unwrap();
    let index = CreateGlobalSecondaryIndexAction {
        index_name: "by-v".into(),
        key_schema: vec![KeySchemaElement { attribute_name: "v".into(), key_type: KeyType::Hash }],
        projection: Projection { projection_type: Some(ProjectionType::All), ..Default::default() },
        ..Default::default()
    };
    let input = UpdateTableInput {
        table_name: "things".into(),
        attribute_definitions: Some(vec![definition("v", "N")]),
        global_secondary_index_updates: Some(vec![GlobalSecondaryIndexUpdate {
            create: Some(index),
            ..Default::default()
        }]),
        ..Default::default()
    };
    emulator.call::<UpdateTable>(input).await.unwrap();
    emulator.pass(std::time::Duration::from_secs(1)).await;
    there::<PutItem>(&emulator, "us-east-1", put(2, 7)).await.unwrap();
    for region in ["us-east-1", "eu-west-1"] {
        let query = QueryInput {
            table_name: "things".into(),
            index_name: Some("by-v".into()),
            key_condition_expression: Some("v = :v".into()),
            expression_attribute_values: Some(map([(":v", n(7))])),
            ..Default::default()
        };
        assert_eq!(there::<Query>(&emulator, region, query).await.unwrap().count, Some(2), "{region}");
    }
    let input = UpdateTimeToLiveInput {
        table_name: "things".into(),
        time_to_live_specification: TimeToLiveSpecification { enabled: true, attribute_name: "v".into() },
    };
    there::<UpdateTimeToLive>(&emulator, "eu-west-1", input).await.unwrap();
    emulator.pass(std::time::Duration::from_secs(60)).await;
    assert_eq!(shown(&emulator, "us-east-1").await.item_count, Some(0));
    assert_eq!(shown(&emulator, "eu-west-1").await.item_count, Some(0));
}
