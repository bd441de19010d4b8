//! What follows the clock.

use std::time::Duration;

use api_logs::*;

use crate::Emulator;

#[tokio::test]
async fn events_go_when_their_group_keeps_them_no_longer() {
    let emulator = Emulator::with_stream().await;
    emulator.put(&["first", "second"]).await;
    let retention = PutRetentionPolicyInput { log_group_name: "/app".to_owned(), retention_in_days: 1 };
    emulator.call::<PutRetentionPolicy>(retention).await;
    emulator.pass(Duration::from_hours(23)).await;
    emulator.put(&["third"]).await;
    assert_eq!(emulator.messages().await, ["first", "second", "third"]);

    emulator.pass(Duration::from_hours(2)).await;

    assert_eq!(emulator.messages().await, ["third"]);
    let groups = emulator.call::<DescribeLogGroups>(DescribeLogGroupsInput::default()).await;
    assert_eq!(groups.log_groups.unwrap()[0].stored_bytes, Some(5 + 26));
    let input = DescribeLogStreamsInput { log_group_name: Some("/app".to_owned()), ..Default::default() };
    let streams = emulator.call::<DescribeLogStreams>(input).await.log_streams.unwrap();
    assert_eq!(streams[0].first_event_timestamp, streams[0].last_event_timestamp);
}

#[tokio::test]
async fn without_a_retention_events_stay() {
    let emulator = Emulator::with_stream().await;
    emulator.put(&["first"]).await;
    emulator.pass(Duration::from_hours(24 * 4000)).await;
    assert_eq!(emulator.messages().await, ["first"]);
}
