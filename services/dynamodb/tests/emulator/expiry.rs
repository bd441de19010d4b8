//! Time to live.

use std::time::Duration;

use super::*;

fn wanted(enabled: bool, attribute: &str) -> UpdateTimeToLiveInput {
    let time_to_live_specification =
        TimeToLiveSpecification { enabled, attribute_name: attribute.to_owned() };
    UpdateTimeToLiveInput { table_name: "things".into(), time_to_live_specification }
}

async fn count(emulator: &Emulator) -> i32 {
    let input = ScanInput { table_name: "things".into(), ..Default::default() };
    emulator.call::<Scan>(input).await.unwrap().count.unwrap()
}

#[tokio::test]
async fn items_go_when_their_time_has_come() {
    let emulator = Emulator::with_table().await;
    let now = 10 * 365 * 24 * 3600;
    emulator.cx.clock.advance(Duration::from_secs(now));
    let item = |sort: i64, value| map([("pk", s("a")), ("sk", n(sort)), ("ends", value)]);
    // One that is there before, one that comes after; strings, far times and times of long ago do not count.
    emulator.put(item(1, n(now + 100))).await;
    emulator.call::<UpdateTimeToLive>(wanted(true, "ends")).await.unwrap();
    emulator.put(item(2, n(now + 100))).await;
    emulator.put(item(3, s("100"))).await;
    emulator.put(item(4, n((now + 100) * 1000))).await;
    emulator.put(item(5, n(100))).await;
    emulator.put(item(6, n(now + 100))).await;
    emulator.put(item(6, n(now + 5000))).await;
    emulator.pass(Duration::from_secs(100)).await;
    assert_eq!(count(&emulator).await, 6);
    emulator.pass(Duration::from_secs(1)).await;
    assert_eq!(count(&emulator).await, 4);
    emulator.pass(Duration::from_secs(5000)).await;
    assert_eq!(count(&emulator).await, 3);
    emulator.call::<UpdateTimeToLive>(wanted(false, "ends")).await.unwrap();
    let input = DescribeTimeToLiveInput { table_name: "things".into() };
    let shown = emulator.call::<DescribeTimeToLive>(input).await.unwrap().time_to_live_description.unwrap();
    assert_eq!((shown.time_to_live_status, shown.attribute_name), (Some(TimeToLiveStatus::Disabled), None));
}

/// Sentences as recorded and as
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html> describes.
#[tokio::test]
async fn only_changes_are_accepted() {
    let emulator = Emulator::with_table().await;
    let says = async |enabled, name| refusal(emulator.call::<UpdateTimeToLive>(wanted(enabled, name)).await);
    assert_eq!(says(false, "ends").await, "ValidationException: TimeToLive is already disabled");
    assert_eq!(says(true, "ends").await, "accepted");
    assert_eq!(says(true, "ends").await, "ValidationException: TimeToLive is already enabled");
    assert_eq!(
        says(true, "other").await,
        "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is ends"
    );
}
