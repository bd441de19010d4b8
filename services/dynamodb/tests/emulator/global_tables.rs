//! Global tables of the first version: tables that are joined.

use super::*;

fn there(emulator: &Emulator, region: &str) -> Context {
    let scope = Scope { region: region.into(), ..emulator.cx.scope.clone() };
    emulator.cx.in_scope(scope)
}

async fn tables(emulator: &Emulator, view: StreamViewType) {
    for region in ["us-east-1", "eu-west-1"] {
        let stream = StreamSpecification { stream_enabled: true, stream_view_type: Some(view.clone()) };
        let input = CreateTableInput { stream_specification: Some(stream), ..table() };
        there(emulator, region).call::<CreateTable>(input).await.unwrap();
    }
}

fn create() -> CreateGlobalTableInput {
    let replica = |region: &str| Replica { region_name: Some(region.into()) };
    CreateGlobalTableInput {
        global_table_name: "things".into(),
        replication_group: vec![replica("us-east-1"), replica("eu-west-1")],
    }
}

#[tokio::test]
async fn joined_tables_have_the_same_items() {
    let emulator = Emulator::new();
    tables(&emulator, StreamViewType::NewAndOldImages).await;
    let made = emulator.call::<CreateGlobalTable>(create()).await.unwrap().global_table_description.unwrap();
    assert_eq!(made.global_table_status, Some(GlobalTableStatus::Creating));
    assert_eq!(made.global_table_arn.unwrap(), "arn:aws:dynamodb::000000000000:global-table/things");
    emulator.put(map([("pk", s("a")), ("sk", n(1))])).await;
    let scan = || ScanInput { table_name: "things".into(), ..Default::default() };
    let copies = there(&emulator, "eu-west-1").call::<Scan>(scan()).await.unwrap();
    assert_eq!(copies.count, Some(1));
    let again = refusal(emulator.call::<CreateGlobalTable>(create()).await);
    assert_eq!(again, "GlobalTableAlreadyExistsException: Global table with name: 'things' already exists.");
    let list = emulator.call::<ListGlobalTables>(ListGlobalTablesInput::default()).await.unwrap();
    assert_eq!(list.global_tables.unwrap()[0].replication_group.as_ref().unwrap().len(), 2);
    let second_version = UpdateTableInput {
        table_name: "things".into(),
        replica_updates: Some(vec![ReplicationGroupUpdate {
            create: Some(CreateReplicationGroupMemberAction {
                region_name: "ap-south-1".into(),
                ..Default::default()
            }),
            ..Default::default()
        }]),
        ..Default::default()
    };
    assert!(refusal(emulator.call::<UpdateTable>(second_version).await).starts_with("ValidationException"));
    let update = |delete: bool| UpdateGlobalTableInput {
        global_table_name: "things".into(),
        replica_updates: vec![ReplicaUpdate {
            create: (!delete).then(|| CreateReplicaAction { region_name: "eu-west-1".into() }),
            delete: delete.then(|| DeleteReplicaAction { region_name: "eu-west-1".into() }),
        }],
    };
    assert!(
        refusal(emulator.call::<UpdateGlobalTable>(update(false)).await)
            .starts_with("ReplicaAlreadyExistsException")
    );
    emulator.call::<UpdateGlobalTable>(update(true)).await.unwrap();
    assert!(
        refusal(emulator.call::<UpdateGlobalTable>(update(true)).await)
            .starts_with("ReplicaNotFoundException")
    );
    // The table that left keeps what it had and gets nothing more.
    emulator.put(map([("pk", s("a")), ("sk", n(2))])).await;
    assert_eq!(there(&emulator, "eu-west-1").call::<Scan>(scan()).await.unwrap().count, Some(1));
}

#[tokio::test]
async fn only_empty_tables_with_whole_streams_are_joined() {
    let emulator = Emulator::new();
    let absent = refusal(emulator.call::<CreateGlobalTable>(create()).await);
    assert!(absent.starts_with("TableNotFoundException"), "{absent}");
    tables(&emulator, StreamViewType::KeysOnly).await;
    let narrow = refusal(emulator.call::<CreateGlobalTable>(create()).await);
    assert!(narrow.starts_with("ValidationException: StreamSpecification"), "{narrow}");
    let describe = DescribeGlobalTableInput { global_table_name: "things".into() };
    assert_eq!(
        refusal(emulator.call::<DescribeGlobalTable>(describe).await),
        "GlobalTableNotFoundException: Global table not found: Global table with name: 'things' does not exist."
    );
}

#[tokio::test]
async fn settings_are_those_of_the_tables() {
    let emulator = Emulator::new();
    tables(&emulator, StreamViewType::NewAndOldImages).await;
    emulator.call::<CreateGlobalTable>(create()).await.unwrap();
    let update = UpdateGlobalTableSettingsInput {
        global_table_name: "things".into(),
        global_table_billing_mode: Some(BillingMode::Provisioned),
        global_table_provisioned_write_capacity_units: Some(7),
        replica_settings_update: Some(vec![ReplicaSettingsUpdate {
            region_name: "eu-west-1".into(),
            replica_provisioned_read_capacity_units: Some(3),
            ..Default::default()
        }]),
        ..Default::default()
    };
    let settings =
        emulator.call::<UpdateGlobalTableSettings>(update).await.unwrap().replica_settings.unwrap();
    let units: Vec<_> = settings
        .iter()
        .map(|one| {
            (one.replica_provisioned_read_capacity_units, one.replica_provisioned_write_capacity_units)
        })
        .collect();
    assert_eq!(units, [(Some(0), Some(7)), (Some(3), Some(7))]);
    let describe = DescribeTableReplicaAutoScalingInput { table_name: "things".into() };
    let shown = emulator.call::<DescribeTableReplicaAutoScaling>(describe).await.unwrap();
    assert_eq!(shown.table_auto_scaling_description.unwrap().replicas.unwrap().len(), 2);
}
