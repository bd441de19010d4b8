//! `Unsubscribe`: ends a subscription. What has ended already is ended too.

use api_sns::{SnsError, Unsubscribe, UnsubscribeInput, UnsubscribeOutput};
use kernel::{Context, Handler};

use crate::delivery;
use crate::subscription::{SUBSCRIPTIONS, Subscription, remember};
use crate::{Sns, names};

impl Handler<Unsubscribe> for Sns {
    async fn handle(&self, cx: &Context, input: UnsubscribeInput) -> Result<UnsubscribeOutput, SnsError> {
        let (scope, topic, id) = names::locate_subscription(cx, &input.subscription_arn)?;

        self.store
            .write(&scope, |tx| {
                let key = (topic.as_str(), id.as_str());
                let Some(mut subscription) = tx.get(&SUBSCRIPTIONS, &key)? else {
                    return Ok::<_, SnsError>(());
                };
                if subscription.is_guarded && cx.caller.access_key.is_empty() {
                    return Err(SnsError::authorization_error_exception("Unsubscribe must be signed"));
                }
                Subscription::remove(&subscription, tx, &topic)?;
                if delivery::is_http(&subscription.protocol) && !subscription.is_pending {
                    remember(tx, cx, &topic, &mut subscription)?;
                    let errand = delivery::ask(cx, &topic, &subscription, true);
                    tx.emit(errand.kind(), &errand)?;
                }
                Ok(())
            })
            .await?;
        Ok(UnsubscribeOutput {})
    }
}
