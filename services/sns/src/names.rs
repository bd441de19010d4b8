//! Names and ARNs of topics, subscriptions, applications and endpoints.

use api_sns::SnsError;
use kernel::{Arn, Context, Scope};

use crate::{errors, limits};

/// Checks a new topic's name.
pub fn check_topic(name: &str, is_fifo: bool) -> Result<(), SnsError> {
    let front = name.strip_suffix(".fifo");
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
    };
    if name.len() > limits::TOPIC_NAME {
        return Err(errors::invalid("Topic Name"));
    }
    match (is_fifo, front) {
        (true, Some(front)) if is_word(front) => Ok(()),
        (false, None) if is_word(name) => Ok(()),
        _ => Err(errors::invalid("Topic Name")),
    }
}

/// The ARN of a topic.
pub fn topic(scope: &Scope, name: &str) -> String {
    Arn::new("sns", scope, name).to_string()
}

/// The ARN of a subscription.
pub fn subscription(scope: &Scope, topic: &str, id: &str) -> String {
    Arn::new("sns", scope, format!("{topic}:{id}")).to_string()
}

/// An ARN of this service in the caller's region; `parameter` is the one that has it.
pub fn parse(cx: &Context, arn: &str, parameter: &str) -> Result<Arn, SnsError> {
    let Some(parsed) = Arn::parse(arn) else {
        return Err(errors::short_arn(parameter, arn.split(':').count()));
    };
    if parsed.service != "sns" || parsed.region != cx.scope.region.as_str() || parsed.account.is_empty() {
        return Err(errors::invalid(parameter));
    }
    Ok(parsed)
}

/// The scope and name of a topic.
pub fn locate(cx: &Context, arn: &str, parameter: &str) -> Result<(Scope, String), SnsError> {
    let arn = parse(cx, arn, parameter)?;
    Ok((arn.scope(&cx.scope), arn.resource))
}

/// The scope, topic and id of a subscription.
pub fn locate_subscription(cx: &Context, arn: &str) -> Result<(Scope, String, String), SnsError> {
    if arn.is_empty() {
        return Err(errors::because("SubscriptionArn", "no value for required parameter"));
    }
    let arn = parse(cx, arn, "SubscriptionArn")?;
    let Some((topic, id)) = arn.resource.split_once(':') else {
        return Err(errors::invalid("SubscriptionId"));
    };
    Ok((arn.scope(&cx.scope), topic.to_owned(), id.to_owned()))
}

/// The scope, platform and name of an application.
pub fn locate_application(cx: &Context, arn: &str) -> Result<(Scope, String, String), SnsError> {
    let parameter = "PlatformApplicationArn";
    let arn = parse(cx, arn, parameter)?;
    match arn.resource.split('/').collect::<Vec<_>>().as_slice() {
        ["app", platform, name] => Ok((arn.scope(&cx.scope), (*platform).to_owned(), (*name).to_owned())),
        _ => Err(errors::because(parameter, "Wrong number of slashes in relative portion of the ARN.")),
    }
}

/// The scope, platform, application and id of an endpoint.
pub fn locate_endpoint(
    cx: &Context,
    arn: &str,
    parameter: &str,
) -> Result<(Scope, (String, String, String)), SnsError> {
    let arn = parse(cx, arn, parameter)?;
    match arn.resource.split('/').collect::<Vec<_>>().as_slice() {
        ["endpoint", platform, name, id] => {
            Ok((arn.scope(&cx.scope), ((*platform).to_owned(), (*name).to_owned(), (*id).to_owned())))
        }
        _ => Err(errors::because(parameter, "Wrong number of slashes in relative portion of the ARN.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(check_topic("orders-1_x", false).is_ok() && check_topic("orders.fifo", true).is_ok());
        for (name, is_fifo) in [("", false), ("a b", false), ("a.fifo", false), ("a", true), (".fifo", true)]
        {
            assert!(check_topic(name, is_fifo).is_err(), "{name}");
        }
        assert!(check_topic(&"x".repeat(257), false).is_err());
    }
}
