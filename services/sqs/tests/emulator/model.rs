//! Random sends, receives, changes of visibility, deletes, moves of the clock and restarts against plain references: a
//! list for standard queues, a list per group for FIFO queues.

use super::*;

/// A message as the reference knows it.
#[derive(Clone, Debug)]
struct Known {
    body: String,
    group: usize,
    visible_at: i64,
    received: u32,
    receipt: Option<Message>,
}

/// The messages of a queue in the order of their sends.
#[derive(Default)]
struct Reference {
    messages: Vec<Known>,
}

impl Reference {
    fn counts(&self, now: i64) -> [usize; 3] {
        let hidden = |received: bool| {
            let is = |known: &&Known| known.visible_at > now && (known.received > 0) == received;
            self.messages.iter().filter(is).count()
        };
        let (in_flight, delayed) = (hidden(true), hidden(false));
        [self.messages.len() - in_flight - delayed, in_flight, delayed]
    }

    fn find(&mut self, body: &str) -> Option<&mut Known> {
        self.messages.iter_mut().find(|known| known.body == body)
    }

    fn take(&mut self, message: &Message, visible_at: i64) {
        let known = self.find(message.body.as_deref().unwrap()).unwrap();
        known.received += 1;
        known.visible_at = visible_at;
        known.receipt = Some(message.clone());
        let count = &message.attributes.as_ref().unwrap()["ApproximateReceiveCount"];
        assert_eq!(*count, known.received.to_string());
    }

    /// A message that was received at least once.
    fn any_received(&self, ids: &Ids) -> Option<Known> {
        let received: Vec<_> = self.messages.iter().filter(|known| known.receipt.is_some()).collect();
        let at = ids.below(received.len().max(1) as u64) as usize;
        received.get(at).map(|known| (*known).clone())
    }
}

fn below(ids: &Ids, bound: u64) -> i32 {
    i32::try_from(ids.below(bound)).unwrap()
}

#[tokio::test]
async fn a_standard_queue_is_a_list() {
    let mut emulator = Emulator::new();
    let dead = emulator.queue("dead", []).await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":4}"#;
    let queue = emulator.queue("work", [("RedrivePolicy", policy)]).await;
    let (ids, mut reference, mut buried) = (Ids::seeded(7), Reference::default(), Vec::<String>::new());
    for step in 0..4000 {
        let now = emulator.cx.clock.millis();
        match ids.below(12) {
            0..4 => {
                let delay = if ids.below(4) == 0 { below(&ids, 20) } else { 0 };
                let body = format!("m{step}");
                let input = SendMessageInput {
                    queue_url: queue.clone(),
                    message_body: body.clone(),
                    delay_seconds: Some(delay),
                    ..Default::default()
                };
                emulator.call::<SendMessage>(input).await.unwrap();
                let visible_at = now + i64::from(delay) * 1000;
                reference.messages.push(Known { body, group: 0, visible_at, received: 0, receipt: None });
            }
            4..7 => {
                let (most, visibility) = (1 + below(&ids, 10), below(&ids, 40));
                let found = emulator.receive(&queue, most, visibility).await;
                let (mut expected, mut gone) = (Vec::new(), Vec::new());
                for known in reference.messages.iter().filter(|known| known.visible_at <= now) {
                    if expected.len() == most as usize {
                        break;
                    }
                    let to = if known.received >= 4 { &mut gone } else { &mut expected };
                    to.push(known.body.clone());
                }
                assert_eq!(bodies(&found), expected, "step {step}");
                found.iter().for_each(|message| reference.take(message, now + i64::from(visibility) * 1000));
                reference.messages.retain(|known| !gone.contains(&known.body));
                buried.extend(gone);
            }
            7 | 8 => {
                if let Some(known) = reference.any_received(&ids) {
                    emulator.delete(&queue, known.receipt.as_ref().unwrap()).await.unwrap();
                    reference.messages.retain(|other| other.body != known.body);
                }
            }
            9 => {
                if let Some(known) = reference.any_received(&ids) {
                    let seconds = below(&ids, 60);
                    emulator.hide(&queue, known.receipt.as_ref().unwrap(), seconds).await.unwrap();
                    reference.find(&known.body).unwrap().visible_at = now + i64::from(seconds) * 1000;
                }
            }
            10 => emulator.cx.clock.advance(Duration::from_millis(ids.below(15_000))),
            _ if ids.below(10) == 0 => emulator.restart(),
            _ => {}
        }
        let now = emulator.cx.clock.millis();
        assert_eq!(emulator.counts(&queue).await, reference.counts(now), "step {step}");
        assert_eq!(emulator.counts(&dead).await, [buried.len(), 0, 0], "step {step}");
    }
    assert!(buried.len() > 10, "{}", buried.len());
    let mut found = Vec::new();
    while found.len() < buried.len() {
        let messages = emulator.receive(&dead, 10, 600).await;
        assert!(!messages.is_empty());
        found.extend(bodies(&messages).into_iter().map(str::to_owned));
    }
    assert_eq!(found, buried);
}

#[tokio::test]
async fn a_fifo_queue_is_a_list_per_group() {
    let mut emulator = Emulator::new();
    let queue =
        emulator.queue("work.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]).await;
    let (ids, mut reference, mut recent) = (Ids::seeded(11), Reference::default(), Vec::new());
    for step in 0..4000 {
        let now = emulator.cx.clock.millis();
        match ids.below(12) {
            0..4 => {
                let group = ids.below(5) as usize;
                let (mut body, mut is_new) = (format!("m{step}"), true);
                if ids.below(5) == 0
                    && let Some((sent, at)) = recent.last()
                {
                    body = String::clone(sent);
                    is_new = at + 300_000 <= now;
                }
                emulator.send_to_group(&queue, &format!("g{group}"), &body).await;
                // What comes again after five minutes is another message that says the same.
                if is_new && reference.find(&body).is_none() {
                    recent.push((body.clone(), now));
                    reference.messages.push(Known {
                        body,
                        group,
                        visible_at: now,
                        received: 0,
                        receipt: None,
                    });
                }
            }
            4..7 => {
                let (most, visibility) = (1 + below(&ids, 10), below(&ids, 40));
                let found = emulator.receive(&queue, most, visibility).await;
                check_receive(&reference, &found, most as usize, now);
                found.iter().for_each(|message| reference.take(message, now + i64::from(visibility) * 1000));
            }
            7 | 8 => {
                if let Some(known) = reference.any_received(&ids) {
                    let deleted = emulator.delete(&queue, known.receipt.as_ref().unwrap()).await;
                    assert_eq!(deleted.is_ok(), known.visible_at > now, "step {step}");
                    if deleted.is_ok() {
                        reference.messages.retain(|other| other.body != known.body);
                    }
                }
            }
            9 => {
                if let Some(known) = reference.any_received(&ids) {
                    let seconds = below(&ids, 60);
                    let changed = emulator.hide(&queue, known.receipt.as_ref().unwrap(), seconds).await;
                    assert_eq!(changed.is_ok(), known.visible_at > now, "step {step}");
                    if changed.is_ok() {
                        reference.find(&known.body).unwrap().visible_at = now + i64::from(seconds) * 1000;
                    }
                }
            }
            10 => emulator.cx.clock.advance(Duration::from_millis(ids.below(15_000))),
            _ if ids.below(10) == 0 => emulator.restart(),
            _ => {}
        }
        let now = emulator.cx.clock.millis();
        assert_eq!(emulator.counts(&queue).await, reference.counts(now), "step {step}");
    }
}

/// Of each group come its first messages, in order, up to the first that is hidden; none that could come is left out.
fn check_receive(reference: &Reference, found: &[Message], most: usize, now: i64) {
    let group = |message: &Message| message.attributes.as_ref().unwrap()["MessageGroupId"].clone();
    let mut left_out = 0;
    for number in 0..5 {
        let of_group = reference.messages.iter().filter(|known| known.group == number);
        let open: Vec<_> =
            of_group.take_while(|known| known.visible_at <= now).map(|known| &known.body).collect();
        let name = format!("g{number}");
        let came: Vec<_> = found.iter().filter(|message| group(message) == name).collect();
        let came: Vec<_> = came.iter().map(|message| message.body.as_ref().unwrap()).collect();
        assert!(came.len() <= open.len(), "{came:?} of {open:?}");
        assert_eq!(came, open[..came.len()]);
        left_out += open.len() - came.len();
    }
    assert!(found.len() == most || left_out == 0, "{left_out} more could have come");
}
