//! Who follows a group sees what arrives.

use std::time::Duration;

use api_logs::*;
use futures_util::StreamExt;

use crate::Emulator;

fn tail(group: &str, pattern: &str) -> StartLiveTailInput {
    StartLiveTailInput {
        log_group_identifiers: vec![group.to_owned()],
        log_event_filter_pattern: Some(pattern.to_owned()),
        ..Default::default()
    }
}

const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/app";

#[tokio::test]
async fn a_live_tail_shows_matching_events_every_second() {
    let emulator = Emulator::with_stream().await;
    let mut events = emulator.call::<StartLiveTail>(tail(GROUP, "ERROR")).await.response_stream.take();
    let Some(StartLiveTailResponseStream::SessionStart(start)) = events.next().await else {
        panic!("no start")
    };
    assert_eq!(start.log_group_identifiers, Some(vec![GROUP.to_owned()]));
    emulator.put(&["ERROR a", "INFO b"]).await;
    emulator.put(&["ERROR c"]).await;

    let (update, ()) = tokio::join!(events.next(), async {
        tokio::task::yield_now().await;
        emulator.cx.clock.advance(Duration::from_secs(1));
    });

    let Some(StartLiveTailResponseStream::SessionUpdate(update)) = update else { panic!("no update") };
    let results = update.session_results.unwrap();
    let messages: Vec<_> = results.iter().map(|event| event.message.as_deref().unwrap()).collect();
    assert_eq!(messages, ["ERROR a", "ERROR c"]);
    assert_eq!(results[0].log_stream_name.as_deref(), Some("one"));
    assert_eq!(update.session_metadata.unwrap().sampled, Some(false));
}

#[tokio::test]
async fn a_session_ends_after_three_hours() {
    let emulator = Emulator::with_stream().await;
    let mut events = emulator.call::<StartLiveTail>(tail(GROUP, "")).await.response_stream.take();
    events.next().await.unwrap();
    emulator.cx.clock.advance(Duration::from_hours(4));
    // What arrived until then is still told.
    events.next().await.unwrap();
    let Some(StartLiveTailResponseStream::SessionTimeoutException(_)) = events.next().await else {
        panic!("it goes on")
    };
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn groups_are_named_by_arn() {
    let emulator = Emulator::with_stream().await;
    let refused = emulator.cx.call::<StartLiveTail>(tail("/app", "")).await.unwrap_err();
    assert_eq!(refused.code(), "InvalidParameterException");
    let missing = tail("arn:aws:logs:us-east-1:000000000000:log-group:/none", "");
    let refused = emulator.cx.call::<StartLiveTail>(missing).await.unwrap_err();
    assert_eq!(refused.code(), "ResourceNotFoundException");
}
