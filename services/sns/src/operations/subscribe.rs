//! `Subscribe`: a new subscription, or the one there is for the same endpoint.

use api_sns::{SnsError, Subscribe, SubscribeInput, SubscribeOutput};
use kernel::{Arn, Context, Handler};
use store::WriteTx;

use crate::delivery;
use crate::subscription::Subscription;
use crate::topic::Topic;
use crate::{Sns, archive, errors, names, phone, subscription_attributes};

/// What is answered in the place of an ARN before the endpoint has confirmed.
const PENDING: &str = "pending confirmation";

impl Handler<Subscribe> for Sns {
    async fn handle(&self, cx: &Context, input: SubscribeInput) -> Result<SubscribeOutput, SnsError> {
        let endpoint = input.endpoint.unwrap_or_default();
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        check_endpoint(&input.protocol, &endpoint, &name)?;
        let given = input.attributes.unwrap_or_default();
        let attributes = subscription_attributes::set_all(&given, (&name, &endpoint)).map_err(|reason| {
            match reason.strip_prefix("Filter policy scope") {
                Some(_) => errors::invalid(reason),
                None => errors::because("Attributes", reason),
            }
        })?;
        let wanted = Subscription {
            id: cx.ids.uuid(),
            owner: cx.scope.account.clone(),
            principal: principal(cx),
            is_pending: asks(cx, &input.protocol, &endpoint),
            was_authenticated: !asks(cx, &input.protocol, &endpoint),
            protocol: input.protocol,
            endpoint,
            attributes,
            ..Subscription::default()
        };

        let subscription = self.store.write(&scope, |tx| put(tx, cx, &name, &wanted)).await?;
        let is_shown = !subscription.is_pending || input.return_subscription_arn == Some(true);
        let arn = names::subscription(&scope, &name, &subscription.id);
        Ok(SubscribeOutput { subscription_arn: Some(if is_shown { arn } else { PENDING.to_owned() }) })
    }
}

fn put(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    name: &str,
    wanted: &Subscription,
) -> Result<Subscription, SnsError> {
    let topic = Topic::get(tx, name)?;
    if let Some(mut there) = Subscription::of_endpoint(tx, name, &wanted.protocol, &wanted.endpoint)? {
        if subscription_attributes::differ(&there.attributes, &wanted.attributes) {
            return Err(errors::because(
                "Attributes",
                "Subscription already exists with different attributes",
            ));
        }
        // Who did not hear the first question is asked again.
        if there.is_pending {
            ask(tx, cx, name, &mut there)?;
        }
        return Ok(there);
    }
    let mut subscription = wanted.clone();
    subscription.since = topic.revision + 1;
    subscription.insert(tx, name, topic)?;
    if subscription.is_pending {
        ask(tx, cx, name, &mut subscription)?;
    } else if subscription.attributes.contains_key("ReplayPolicy") {
        archive::ask(tx, name, &subscription)?;
    }
    Ok(subscription)
}

/// Asks the endpoint for its confirmation. Mails are not sent: their token is shown by a page of ours.
fn ask(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    name: &str,
    subscription: &mut Subscription,
) -> Result<(), SnsError> {
    if subscription.token.is_empty() {
        subscription.issue(tx, cx, name)?;
        tx.put(&crate::subscription::SUBSCRIPTIONS, &(name, subscription.id.as_str()), subscription)?;
    }
    if !subscription.protocol.starts_with("email") {
        let errand = delivery::ask(cx, name, subscription, false);
        tx.emit(errand.kind(), &errand)?;
    }
    Ok(())
}

/// Whether an endpoint has to confirm: those out of AWS, and queues of other accounts.
fn asks(cx: &Context, protocol: &str, endpoint: &str) -> bool {
    match protocol {
        "email" | "email-json" | "http" | "https" => true,
        "sqs" => Arn::parse(endpoint).is_some_and(|arn| arn.scope(&cx.scope).account != cx.scope.account),
        _ => false,
    }
}

fn check_endpoint(protocol: &str, endpoint: &str, topic: &str) -> Result<(), SnsError> {
    let arn = Arn::parse(endpoint);
    let is_arn_of =
        |service: &str| arn.as_ref().is_some_and(|arn| arn.service == service && !arn.resource.is_empty());
    let is_fifo_topic = topic.ends_with(".fifo");
    if is_fifo_topic && protocol != "sqs" {
        return Err(errors::invalid(format!(
            "Invalid parameter: Endpoint Reason: FIFO topics do not support the protocol {protocol}"
        )));
    }
    match protocol {
        "application" if endpoint.contains(":endpoint/") && is_arn_of("sns") => Ok(()),
        "application" => Err(errors::invalid("Application endpoint arn invalid")),
        "email" | "email-json" if endpoint.contains('@') => Ok(()),
        "email" | "email-json" => Err(errors::invalid("Email address")),
        "firehose" => Err(errors::not_emulated("subscriptions of delivery streams")),
        "http" | "https" if delivery::is_endpoint(protocol, endpoint) => Ok(()),
        "http" | "https" if !endpoint.starts_with(&format!("{protocol}://")) => {
            Err(errors::invalid("Endpoint must match the specified protocol"))
        }
        "http" | "https" => Err(errors::invalid("Endpoint")),
        "lambda" if is_arn_of("lambda") => Ok(()),
        "lambda" => Err(errors::invalid("Lambda endpoint ARN")),
        "sms" if phone::is_number(endpoint) => Ok(()),
        "sms" => Err(errors::invalid_sms(endpoint)),
        "sqs" if is_arn_of("sqs") => {
            if endpoint.ends_with(".fifo") && !is_fifo_topic {
                return Err(errors::invalid(
                    "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
                ));
            }
            Ok(())
        }
        "sqs" => Err(errors::invalid("SQS endpoint ARN")),
        other => Err(errors::invalid(format!("Amazon SNS does not support this protocol string: {other}"))),
    }
}

/// Who subscribes: the owner of the key. Keys that nobody gave out are some user's.
fn principal(cx: &Context) -> String {
    for keys in cx.calls.services().filter_map(|service| service.access_keys.as_ref()) {
        if let Ok(Some(key)) = keys.find(&cx.caller.access_key) {
            return key.arn;
        }
    }
    Arn::global("iam", &cx.scope, "user/fogbank").to_string()
}
