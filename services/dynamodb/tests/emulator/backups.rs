//! Backups, and tables restored from them or to an instant.

use std::time::Duration;

use super::*;

async fn items(emulator: &Emulator, table: &str) -> Vec<(AttributeValue, AttributeValue)> {
    let input = QueryInput {
        table_name: table.into(),
        key_condition_expression: Some("pk = :a".into()),
        expression_attribute_values: Some(map([(":a", s("a"))])),
        ..Default::default()
    };
    let items = emulator.call::<Query>(input).await.unwrap().items.unwrap();
    items.into_iter().map(|item| (item["sk"].clone(), item["v"].clone())).collect()
}

async fn put(emulator: &Emulator, sort: i64, value: i64) {
    emulator.put(map([("pk", s("a")), ("sk", n(sort)), ("v", n(value))])).await;
}

async fn delete(emulator: &Emulator, sort: i64) {
    let key = map([("pk", s("a")), ("sk", n(sort))]);
    let input = DeleteItemInput { table_name: "things".into(), key, ..Default::default() };
    emulator.call::<DeleteItem>(input).await.unwrap();
}

async fn describe(emulator: &Emulator, table: &str) -> TableDescription {
    let input = DescribeTableInput { table_name: table.into() };
    emulator.call::<DescribeTable>(input).await.unwrap().table.unwrap()
}

fn recovery(enabled: bool) -> UpdateContinuousBackupsInput {
    UpdateContinuousBackupsInput {
        table_name: "things".into(),
        point_in_time_recovery_specification: PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: enabled,
            recovery_period_in_days: None,
        },
    }
}

#[tokio::test]
async fn a_backup_is_the_table_as_it_was() {
    let emulator = Emulator::with_table().await;
    for sort in 0..3000 {
        put(&emulator, sort, sort).await;
    }
    let input = CreateBackupInput { table_name: "things".into(), backup_name: "first".into() };
    let made = emulator.call::<CreateBackup>(input).await.unwrap().backup_details.unwrap();
    assert_eq!(made.backup_status, BackupStatus::Creating);
    let arn = made.backup_arn;
    put(&emulator, 1, 0).await;
    delete(&emulator, 2).await;
    let restore = |name: &str| RestoreTableFromBackupInput {
        target_table_name: name.into(),
        backup_arn: arn.clone(),
        ..Default::default()
    };
    assert_eq!(
        refusal(emulator.call::<RestoreTableFromBackup>(restore("things")).await),
        "TableAlreadyExistsException: Table already exists: things"
    );
    let shown = emulator.call::<RestoreTableFromBackup>(restore("again")).await.unwrap();
    let shown = shown.table_description.unwrap();
    assert_eq!(shown.table_status, Some(TableStatus::Creating));
    assert!(shown.restore_summary.unwrap().restore_in_progress);
    emulator.pass(Duration::from_secs(1)).await;
    let shown = describe(&emulator, "again").await;
    assert_eq!((shown.table_status, shown.item_count), (Some(TableStatus::Active), Some(3000)));
    let summary = shown.restore_summary.unwrap();
    assert_eq!((summary.source_backup_arn, summary.restore_in_progress), (Some(arn.clone()), false));
    let expected: Vec<_> = (0..3000).map(|sort| (n(sort), n(sort))).collect();
    assert_eq!(items(&emulator, "again").await, expected);

    let listed = emulator.call::<ListBackups>(Default::default()).await.unwrap().backup_summaries.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].backup_status, Some(BackupStatus::Available));
    let input = DeleteBackupInput { backup_arn: arn.clone() };
    emulator.call::<DeleteBackup>(input.clone()).await.unwrap();
    assert_eq!(
        refusal(emulator.call::<DeleteBackup>(input).await),
        format!("BackupNotFoundException: Backup not found: {arn}")
    );
}

#[tokio::test]
async fn a_table_comes_back_as_at_any_second() {
    let emulator = Emulator::with_table().await;
    let start = emulator.cx.clock.now();
    put(&emulator, 1, 0).await;
    let to = |name: &str, at: Option<u64>| RestoreTableToPointInTimeInput {
        source_table_name: Some("things".into()),
        target_table_name: name.into(),
        restore_date_time: at.map(|at| start + Duration::from_secs(at)),
        use_latest_restorable_time: at.is_none().then_some(true),
        ..Default::default()
    };
    assert_eq!(
        refusal(emulator.call::<RestoreTableToPointInTime>(to("then", None)).await),
        "PointInTimeRecoveryUnavailableException: Point in time recovery is not enabled for table 'things'"
    );
    emulator.call::<UpdateContinuousBackups>(recovery(true)).await.unwrap();
    // What the items are after each second.
    let mut states = vec![items(&emulator, "things").await];
    let (ids, mut steps) = (Ids::seeded(7), 0);
    for second in 1..=20_u64 {
        emulator.cx.clock.advance(Duration::from_secs(1));
        for _ in 0..ids.below(4) {
            let sort = i64::try_from(ids.below(5)).unwrap();
            steps += 1;
            if ids.below(3) == 0 { delete(&emulator, sort).await } else { put(&emulator, sort, steps).await }
        }
        states.push(items(&emulator, "things").await);
        assert_eq!(u64::try_from(states.len()), Ok(second + 1));
    }
    for (second, state) in states.iter().enumerate() {
        let name = format!("then-{second}");
        let input = to(&name, Some(second.try_into().unwrap()));
        emulator.call::<RestoreTableToPointInTime>(input).await.unwrap();
        assert_eq!(items(&emulator, &name).await, *state, "second {second}");
    }
    assert_eq!(
        refusal(emulator.call::<RestoreTableToPointInTime>(to("then", Some(21))).await),
        "InvalidRestoreTimeException: The specified RestoreDateTime is not between EarliestRestorableDateTime and \
         LatestRestorableDateTime."
    );
    // After 35 days the changes of the first second cannot be taken back.
    emulator.pass(Duration::from_hours(24 * 35)).await;
    assert!(emulator.call::<RestoreTableToPointInTime>(to("late", Some(1))).await.is_err());
    assert_eq!(refusal(emulator.call::<RestoreTableToPointInTime>(to("late", None)).await), "accepted");
}

#[tokio::test]
async fn a_deleted_table_leaves_a_backup_behind() {
    let emulator = Emulator::with_table().await;
    put(&emulator, 1, 1).await;
    emulator.call::<UpdateContinuousBackups>(recovery(true)).await.unwrap();
    emulator.call::<DeleteTable>(DeleteTableInput { table_name: "things".into() }).await.unwrap();
    let input = ListBackupsInput { backup_type: Some(BackupTypeFilter::System), ..Default::default() };
    let listed = emulator.call::<ListBackups>(input.clone()).await.unwrap().backup_summaries.unwrap();
    assert_eq!(listed[0].backup_name.as_deref(), Some("things$DeletedTableBackup"));
    emulator.pass(Duration::from_hours(24 * 35)).await;
    let listed = emulator.call::<ListBackups>(input).await.unwrap().backup_summaries.unwrap();
    assert_eq!(listed.len(), 0);
}
