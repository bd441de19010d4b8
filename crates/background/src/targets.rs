//! The one way to deliver an event to a target ARN: queues and functions now, more services as they come.

use api_lambda::{InvocationType, Invoke, InvokeInput};
use api_sqs::{GetQueueUrl, GetQueueUrlInput, SendMessage, SendMessageInput};
use kernel::{Arn, Bytes, Context, Fault};

/// Delivers `event` to the resource that `target` names, in the account and region of its ARN.
///
/// # Errors
/// What the target's service answers; `InvalidParameterValue` for ARNs of services that take no events.
pub async fn deliver(cx: &Context, target: &str, event: Bytes) -> Result<(), Fault> {
    let arn = Arn::parse(target).ok_or_else(|| refused(target))?;
    let there = cx.in_scope(arn.scope(&cx.scope));
    match arn.service.as_str() {
        "lambda" => invoke(&there, target, event).await,
        "sqs" => send(&there, &arn, event).await,
        _ => Err(refused(target)),
    }
}

fn refused(target: &str) -> Fault {
    Fault::client("InvalidParameterValue", format!("{target} is not the ARN of a target that takes events"))
}

async fn invoke(cx: &Context, function: &str, event: Bytes) -> Result<(), Fault> {
    let input = InvokeInput {
        function_name: function.to_owned(),
        invocation_type: Some(InvocationType::Event),
        payload: Some(event),
        ..InvokeInput::default()
    };
    cx.call::<Invoke>(input).await.map(drop)
}

async fn send(cx: &Context, queue: &Arn, event: Bytes) -> Result<(), Fault> {
    let name = GetQueueUrlInput { queue_name: queue.resource.clone(), ..GetQueueUrlInput::default() };
    let queue_url = cx.call::<GetQueueUrl>(name).await?.queue_url.unwrap_or_default();
    let message_body = String::from_utf8(event.into()).map_err(Fault::internal)?;
    let input = SendMessageInput { queue_url, message_body, ..SendMessageInput::default() };
    cx.call::<SendMessage>(input).await.map(drop)
}
