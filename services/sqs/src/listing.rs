//! `/_aws/sqs/messages`: a queue's messages without receiving them, for people who look into a queue while they test.
//!
//! LocalStack has the same path. It answers as `ReceiveMessage` does, to clients of either protocol whose endpoint it is,
//! and to plain requests with a `QueueUrl`, or with region, account and name in the path.

use std::sync::Arc;

use api_sqs::{Message, ReceiveMessage, ReceiveMessageInput, ReceiveMessageOutput, SqsError};
use http::{HeaderMap, Method, header};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::schema::ProtocolKind;
use kernel::service::Boxed;
use kernel::{ByteStream, Context, Fault, Operation, Scope};
use protocol::{Body as Answer, Response};
use serde_json::Value;

use crate::message::{At, Body, DELAYED, LINES, MESSAGES, STATES, State, age};
use crate::names::{self, Parsed};
use crate::queue::Queue;
use crate::receive::Received;
use crate::{Sqs, errors, shown};

const PATH: &str = "/_aws/sqs/messages";
/// Bodies of requests here only name a queue.
const LONGEST: usize = 1 << 20;

/// The path that lists messages.
pub struct Listing(pub Arc<Sqs>);

/// What is asked for.
#[derive(Default)]
struct Asked {
    action: Option<String>,
    queue_url: String,
    invisible: bool,
    delayed: bool,
}

impl Edge for Listing {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    fn is_private(&self, _: EdgeHead<'_>) -> bool {
        true
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let is_json_client = request.headers.contains_key("x-amz-target");
            let kind = if is_json_client { ProtocolKind::AwsJson10 } else { ProtocolKind::Query };
            let (wire, schema) = (protocol::of(kind), &api_sqs::SERVICE);
            let mut answer = match self.answer(cx, &request).await {
                Ok(output) => wire.encode(schema, ReceiveMessage::SCHEMA, &output, &cx.request.id),
                Err(fault) => wire.encode_fault(schema, &fault, &cx.request.id),
            };
            if !is_json_client && protocol::query::wants_json(&request.headers) {
                answer = protocol::query::as_json(answer);
            }
            edge(answer)
        })
    }
}

impl Listing {
    async fn answer(&self, cx: &Context, request: &EdgeRequest) -> Result<ReceiveMessageOutput, Fault> {
        let asked = asked(request).await?;
        if asked.action.as_ref().is_some_and(|action| action != ReceiveMessage::SCHEMA.name) {
            let message = "This endpoint only accepts ReceiveMessage calls";
            return Err(Fault::client("InvalidRequest", message));
        }
        if asked.queue_url.is_empty() {
            return Err(errors::no_such_queue().into());
        }
        let parsed = names::parse_url(&asked.queue_url);
        let Parsed { region, account, name } = parsed.ok_or_else(|| {
            let message = format!("The address {} is not valid for this endpoint.", asked.queue_url);
            Fault::new("InvalidAddress", 404, message)
        })?;
        let region = region.map(str::to_owned).or_else(|| signed_region(&request.headers));
        let region = region.map_or_else(|| cx.scope.region.clone(), |region| region.as_str().into());
        let scope = Scope { account: account.into(), region };
        let messages = self.0.store.read(&scope, |tx| {
            let queue = Queue::get(tx, name)?;
            Ok::<_, SqsError>(list(tx, queue.id, cx.clock.millis(), &asked)?)
        })?;
        let messages: Vec<_> = messages.into_iter().map(|found| show(cx, found)).collect();
        Ok(ReceiveMessageOutput { messages: (!messages.is_empty()).then_some(messages) })
    }
}

async fn asked(request: &EdgeRequest) -> Result<Asked, Fault> {
    let mut asked = Asked::default();
    let rest = request.path[PATH.len()..].trim_matches('/');
    if !rest.is_empty() {
        asked.queue_url = format!("/queue/{rest}");
    }
    let target = request.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    asked.action = target.and_then(|target| target.rsplit('.').next()).map(str::to_owned);
    asked.form(request.query.as_bytes());
    if request.method == Method::POST {
        let body = request.body.collect(LONGEST).await?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(body) if target.is_some() => {
                asked.queue_url = body["QueueUrl"].as_str().unwrap_or_default().to_owned();
            }
            _ => asked.form(&body),
        }
    }
    Ok(asked)
}

impl Asked {
    fn form(&mut self, form: &[u8]) {
        for (name, value) in form_urlencoded::parse(form) {
            let is_on = || value.eq_ignore_ascii_case("true") || value == "1";
            match name.as_ref() {
                "Action" => self.action = Some(value.into_owned()),
                "QueueUrl" => self.queue_url = value.into_owned(),
                "ShowInvisible" => self.invisible = is_on(),
                "ShowDelayed" => self.delayed = is_on(),
                _ => {}
            }
        }
    }
}

/// The region for which a request is signed.
fn signed_region(headers: &HeaderMap) -> Option<String> {
    let (_, credential) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once("Credential=")?;
    credential.split('/').nth(2).map(str::to_owned)
}

/// A message and how it is.
struct Found {
    received: Received,
    is_visible: bool,
    is_delayed: bool,
}

/// The messages in the order of their sends.
fn list(tx: &store::ReadTx<'_>, id: u64, now: i64, asked: &Asked) -> Result<Vec<Found>, Fault> {
    let plain = tx.prefix(&MESSAGES, &(id,)).map(|row| row.map(|((_, number), body)| (number, None, body)));
    let grouped = tx
        .prefix(&LINES, &(id,))
        .map(|row| row.map(|((_, group, number), body)| (number, Some(group), body)));
    let mut found = Vec::new();
    for row in plain.chain(grouped) {
        let (number, group, body): (u64, Option<String>, Body) = row?;
        let state: State = tx.get(&STATES, &(id, number))?.unwrap_or_default();
        let is_hidden = state.visible_at > now;
        let is_delayed = is_hidden && state.received == 0;
        let is_wanted = if is_delayed { asked.delayed } else { asked.invisible || !is_hidden };
        if is_wanted {
            let received = Received { at: At { number, group }, body, state };
            found.push(Found { received, is_visible: !is_hidden, is_delayed });
        }
    }
    found.sort_by_key(|found| age(found.received.at.number & !DELAYED));
    Ok(found)
}

fn show(cx: &Context, found: Found) -> Message {
    let all = || Some(vec!["All".into()]);
    let input = ReceiveMessageInput {
        attribute_names: all(),
        message_attribute_names: Some(vec!["All".to_owned()]),
        ..ReceiveMessageInput::default()
    };
    let mut message = shown::message(cx, &input, ("", 0), found.received);
    // Looking at a message gives no right to it.
    message.receipt_handle = Some("SQS/BACKDOOR/ACCESS".to_owned());
    let attributes = message.attributes.get_or_insert_default();
    attributes.entry("ApproximateFirstReceiveTimestamp".to_owned()).or_insert_with(|| "0".to_owned());
    attributes.insert("IsVisible".to_owned(), found.is_visible.to_string());
    attributes.insert("IsDelayed".to_owned(), found.is_delayed.to_string());
    message
}

fn edge(answer: Response) -> EdgeResponse {
    let (parts, body) = answer.into_parts();
    let body = match body {
        Answer::Whole(bytes) => ByteStream::from_bytes(bytes),
        Answer::Streaming(chunks, length) => ByteStream::new(chunks, length),
    };
    EdgeResponse { status: parts.status, headers: parts.headers, body }
}
