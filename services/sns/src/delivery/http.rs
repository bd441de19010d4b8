//! To endpoints on the network.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html>

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Uri};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Bytes, Context, Fault};

use super::{Errand, HTTP, Sending, What};
use crate::delivery_log::{self, Response, Tried};
use crate::envelope::{self, Confirmation, Ends};
use crate::subscription::Subscription;
use crate::topic::Topic;
use crate::{Sns, delivery_policy, limits, names};

/// Delivers over HTTP.
pub struct OverHttp(pub Arc<Sns>);

/// What is posted.
struct Post<'a> {
    endpoint: &'a str,
    kind: &'static str,
    id: &'a str,
    topic: String,
    /// The subscription's ARN, unless it is asked for.
    subscription: Option<String>,
    is_raw: bool,
    content_type: String,
    body: String,
}

impl Consumer for OverHttp {
    fn kind(&self) -> &'static str {
        HTTP
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            let errand: Errand = match store::decode_event(payload) {
                Ok(errand) => errand,
                Err(fault) => return Consumed::Failed(fault),
            };
            let done = match &errand.what {
                What::Message(_) => self.0.post_message(cx, &errand, attempt).await,
                What::Confirmation { .. } => self.0.post_confirmation(cx, &errand, attempt).await,
            };
            done.unwrap_or_else(Consumed::Failed)
        })
    }
}

impl Sns {
    async fn post_message(&self, cx: &Context, errand: &Errand, attempt: u32) -> Result<Consumed, Fault> {
        let What::Message(message) = &errand.what else { return Ok(Consumed::Done) };
        let Some((topic, subscription)) = self.current(cx, errand)? else { return Ok(Consumed::Done) };
        let sending = Sending::new(self, cx, &errand.topic, &topic, message);
        let own = subscription.attributes.get("DeliveryPolicy").map(String::as_str);
        let policy = delivery_policy::effective_of(&topic, own);
        let (text, arn) = (message.text_for(&subscription.protocol), sending.arn_of(&subscription));
        let is_raw = subscription.is("RawMessageDelivery");
        let body = if is_raw {
            text.to_owned()
        } else {
            let signed = sending.signed(text).await?;
            envelope::notification(message, text, sending.ends(&arn), Some(&signed))
        };
        let post = Post {
            endpoint: &subscription.endpoint,
            kind: "Notification",
            id: &message.id,
            topic: sending.arn.clone(),
            subscription: Some(arn.clone()),
            is_raw,
            content_type: delivery_policy::content_type(&policy).to_owned(),
            body,
        };
        let began = cx.clock.millis();
        let outcome = self.post(cx, post).await;
        let tried = Tried { attempts: attempt, millis: cx.clock.millis() - began };
        let pause = match &outcome {
            Err(fault) if !super::redrive::is_final(fault) => {
                delivery_policy::retries_of(&policy).pause(attempt)
            }
            _ => None,
        };
        if let Some(pause) = pause {
            return Ok(Consumed::RetryAt(cx.clock.now() + pause));
        }
        delivery_log::write(&sending, &subscription, &outcome, tried).await;
        if let Err(fault) = outcome {
            sending.bury(&subscription, &fault).await;
        }
        Ok(Consumed::Done)
    }

    async fn post_confirmation(
        &self,
        cx: &Context,
        errand: &Errand,
        attempt: u32,
    ) -> Result<Consumed, Fault> {
        let What::Confirmation { id, time, is_end, host } = &errand.what else { return Ok(Consumed::Done) };
        let Errand { topic: name, subscription, .. } = errand;
        let topic: Topic =
            self.store.read(&cx.scope, |tx| tx.get(&crate::topic::TOPICS, name))?.unwrap_or_default();
        let (topic_arn, arn) =
            (names::topic(&cx.scope, name), names::subscription(&cx.scope, name, &subscription.id));
        let (base, key) = (self.base(host), self.signing.key(cx).await?);
        let ends = Ends { topic: &topic_arn, subscription: &arn, base: &base };
        let asked = Confirmation { id, time: *time, token: &subscription.token, is_end: *is_end };
        let post = Post {
            endpoint: &subscription.endpoint,
            kind: if *is_end { "UnsubscribeConfirmation" } else { "SubscriptionConfirmation" },
            id,
            topic: topic_arn.clone(),
            subscription: is_end.then(|| arn.clone()),
            is_raw: false,
            content_type: "text/plain; charset=UTF-8".to_owned(),
            body: envelope::confirmation(&asked, ends, &key, topic.signature_version()),
        };
        match self.post(cx, post).await {
            Err(fault) if !super::redrive::is_final(&fault) => {
                let pause = delivery_policy::Retries::default().pause(attempt);
                Ok(pause.map_or(Consumed::Done, |pause| Consumed::RetryAt(cx.clock.now() + pause)))
            }
            _ => Ok(Consumed::Done),
        }
    }

    /// Posts, and takes everything but a success for a fault.
    async fn post(&self, cx: &Context, post: Post<'_>) -> Result<Response, Fault> {
        let failed = |message: String| Fault::new("EndpointFailed", 503, message);
        let request = request(post).map_err(|error| Fault::client("InvalidEndpoint", error))?;
        let answer = self.client.send(&cx.clock, request, limits::PATIENCE).await.map_err(failed)?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.status.is_success() {
            return Ok(Response { status: answer.status.as_u16(), body });
        }
        Err(Fault::new("EndpointFailed", answer.status.as_u16().max(400), body))
    }
}

fn request(post: Post<'_>) -> Result<Request<Bytes>, String> {
    let uri: Uri = post.endpoint.parse().map_err(|error| format!("{}: {error}", post.endpoint))?;
    let (uri, credentials) = without_credentials(uri)?;
    let mut request = Request::post(uri)
        .header("x-amz-sns-message-type", post.kind)
        .header("x-amz-sns-message-id", post.id)
        .header("x-amz-sns-topic-arn", post.topic)
        .header("content-type", post.content_type)
        .header("user-agent", "Amazon Simple Notification Service Agent")
        .header("accept-encoding", "gzip,deflate");
    if let Some(arn) = post.subscription {
        request = request.header("x-amz-sns-subscription-arn", arn);
    }
    if post.is_raw {
        request = request.header("x-amz-sns-rawdelivery", "true");
    }
    if let Some(credentials) = credentials {
        request = request.header("authorization", format!("Basic {}", STANDARD.encode(credentials)));
    }
    request.body(post.body.into()).map_err(|error| error.to_string())
}

/// Takes `user:password@` out of an address: it goes into a header.
fn without_credentials(uri: Uri) -> Result<(Uri, Option<String>), String> {
    let Some((credentials, host)) = uri.authority().and_then(|authority| authority.as_str().rsplit_once('@'))
    else {
        return Ok((uri, None));
    };
    let (credentials, host) = (credentials.to_owned(), host.to_owned());
    let mut parts = uri.into_parts();
    parts.authority = Some(host.parse().map_err(|_| format!("{host} is no host"))?);
    let uri = Uri::from_parts(parts).map_err(|error| error.to_string())?;
    Ok((uri, Some(credentials)))
}

/// Whether an endpoint can be posted to.
pub fn is_endpoint(protocol: &str, endpoint: &str) -> bool {
    endpoint.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some(protocol) && uri.host().is_some())
}

/// The errand that asks a subscription for its confirmation.
pub fn ask(cx: &Context, topic: &str, subscription: &Subscription, is_end: bool) -> Errand {
    Errand {
        topic: topic.to_owned(),
        subscription: subscription.clone(),
        what: What::Confirmation {
            id: cx.ids.uuid(),
            time: cx.clock.millis(),
            is_end,
            host: cx.request.host.clone(),
        },
    }
}
