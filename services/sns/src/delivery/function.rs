//! To functions.

use std::sync::Arc;

use api_lambda::{InvocationType, Invoke, InvokeInput};
use kernel::Fault;

use super::{Sending, receiver};
use crate::delivery_log::Response;
use crate::envelope;
use crate::subscription::Subscription;

impl Sending<'_> {
    /// Invokes a function with the message as its event.
    pub(super) async fn to_function(&self, subscription: &Subscription) -> Result<Response, Fault> {
        let arn = receiver(&subscription.endpoint)?;
        let (_, _, message) = self.parts();
        let text = message.text_for("lambda");
        let signed = self.signed(text).await?;
        let subscription_arn = self.arn_of(subscription);
        let payload = envelope::event(message, text, self.ends(&subscription_arn), &signed);
        let input = InvokeInput {
            function_name: subscription.endpoint.clone(),
            invocation_type: Some(InvocationType::Event),
            payload: Some(payload.into()),
            ..InvokeInput::default()
        };
        let mut there = self.cx.in_scope(arn.scope(&self.cx.scope));
        // The trace goes on behind the topic.
        if let Some(trace) = message.trace.as_deref().and_then(|trace| trace.parse().ok()) {
            let mut request = (*there.request).clone();
            request.headers.insert("x-amzn-trace-id", trace);
            there.request = Arc::new(request);
        }
        there.call::<Invoke>(input).await?;
        let body = format!("{{\"lambdaRequestId\":\"{}\"}}", self.cx.ids.uuid());
        Ok(Response { status: 202, body })
    }
}
