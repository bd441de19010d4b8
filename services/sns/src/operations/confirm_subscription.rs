//! `ConfirmSubscription`: an endpoint wants its messages, or wants them again.

use api_sns::{ConfirmSubscription, ConfirmSubscriptionInput, ConfirmSubscriptionOutput, SnsError};
use kernel::{Arn, Context, Handler, Scope};
use store::WriteTx;

use crate::subscription::{self, SUBSCRIPTIONS, Subscription};
use crate::topic::Topic;
use crate::{Sns, errors, names};

impl Handler<ConfirmSubscription> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ConfirmSubscriptionInput,
    ) -> Result<ConfirmSubscriptionOutput, SnsError> {
        let scope = scope(cx, &input.topic_arn)?;
        subscription::check_token(&input.token, scope.region.as_str())?;
        let is_guarded = input.authenticate_on_unsubscribe.as_deref() == Some("true");

        let arn = self
            .store
            .write(&scope, |tx| {
                let now = cx.clock.millis();
                if let Some((topic, ended)) = subscription::ended(tx, &input.token)? {
                    let id = ended.id.clone();
                    restore(tx, &topic, ended, &input.token)?;
                    return Ok::<_, SnsError>(names::subscription(tx.scope(), &topic, &id));
                }
                // AWS finds the topic by the token, whatever name the ARN has.
                let (topic, id) = subscription::confirmed_by(tx, &input.token, now)?;
                confirm(tx, &topic, &id, is_guarded)?;
                Ok(names::subscription(tx.scope(), &topic, &id))
            })
            .await?;
        Ok(ConfirmSubscriptionOutput { subscription_arn: Some(arn) })
    }
}

/// Where the topic is. Links in messages are not signed, so they name no region but the ARN's.
fn scope(cx: &Context, arn: &str) -> Result<Scope, SnsError> {
    match Arn::parse(arn) {
        Some(arn) if arn.service == "sns" && !arn.account.is_empty() => {
            let is_signed = !cx.caller.access_key.is_empty();
            if is_signed && arn.region != cx.scope.region.as_str() {
                return Err(errors::invalid("Topic"));
            }
            Ok(arn.scope(&cx.scope))
        }
        _ => Err(errors::invalid("Topic")),
    }
}

fn confirm(tx: &mut WriteTx<'_>, name: &str, id: &str, is_guarded: bool) -> Result<(), SnsError> {
    let mut topic = Topic::get(tx, name)?;
    let mut subscription = Subscription::get(tx, name, id)?;
    if !subscription.is_pending {
        return Ok(());
    }
    topic.pending = topic.pending.saturating_sub(1);
    topic.confirmed += 1;
    subscription.is_pending = false;
    subscription.is_guarded = is_guarded;
    subscription.since = topic.revision + 1;
    topic.put(tx, name)?;
    Ok(tx.put(&SUBSCRIPTIONS, &(name, id), &subscription)?)
}

/// Takes back the end of a subscription.
fn restore(tx: &mut WriteTx<'_>, name: &str, mut ended: Subscription, token: &str) -> Result<(), SnsError> {
    let topic = Topic::get(tx, name)?;
    ended.since = topic.revision + 1;
    subscription::forget_end(tx, token)?;
    Ok(ended.insert(tx, name, topic)?)
}
