//! Queue names, URLs and ARNs.

use api_sqs::SqsError;
use kernel::{Arn, Context, Scope};

use crate::{errors, limits};

/// Checks a new queue's name.
pub fn check(name: &str) -> Result<(), SqsError> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > limits::NAME || !name.bytes().all(is_valid) {
        return Err(errors::invalid_name());
    }
    Ok(())
}

/// The URL of a queue, on the host that the client used.
pub fn url(cx: &Context, name: &str) -> String {
    let host = if cx.request.host.is_empty() { "localhost:4566" } else { &cx.request.host };
    // A region other than the default's must come back with the URL: the path carries account and name only.
    match host.split_once(':') {
        Some((bare, port)) if bare.ends_with("localhost.localstack.cloud") && !bare.starts_with("sqs.") => {
            format!("http://sqs.{}.{bare}:{port}/{}/{name}", cx.scope.region, cx.scope.account)
        }
        _ => format!("http://{host}/{}/{name}", cx.scope.account),
    }
}

/// The account and name in a queue's URL, in any of the forms clients have; nothing if it is no URL of a queue.
pub fn parse_url(url: &str) -> Option<(&str, &str)> {
    let path =
        url.split_once("://").map_or(Some(url), |(_, rest)| rest.split_once('/').map(|(_, path)| path))?;
    let path = path.trim_matches('/');
    let (front, name) = path.rsplit_once('/')?;
    let account = front.rsplit('/').next()?;
    (!name.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit())).then_some((account, name))
}

/// The scope and name of the queue a URL names, as seen by the caller.
pub fn locate(cx: &Context, url: &str) -> Result<(Scope, String), SqsError> {
    // The query protocol may leave the parameter out and post to the URL itself.
    let url = if url.is_empty() { &cx.request.path } else { url };
    match parse_url(url) {
        Some((account, name)) => {
            Ok((Scope { account: account.into(), region: cx.scope.region.clone() }, name.to_owned()))
        }
        // A bare name is taken as AWS's older clients send it.
        None if !url.is_empty() && !url.contains('/') => Ok((cx.scope.clone(), url.to_owned())),
        None if url.len() <= 1 => Err(errors::missing_parameter("QueueUrl")),
        None => Err(errors::invalid_address(url)),
    }
}

/// The ARN of a queue.
pub fn arn(scope: &Scope, name: &str) -> String {
    Arn::new("sqs", scope, name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_every_form_are_understood() {
        for url in [
            "http://localhost:4566/000000000000/orders",
            "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/orders",
            "http://localhost:4566/queue/us-east-1/000000000000/orders",
            "https://sqs.us-east-1.amazonaws.com/000000000000/orders/",
        ] {
            assert_eq!(parse_url(url), Some(("000000000000", "orders")), "{url}");
        }
        assert_eq!(parse_url("http://localhost:4566/orders"), None);
    }

    #[test]
    fn names_are_checked() {
        assert!(check("orders-1_x").is_ok());
        for name in ["", "a b", "a.fifo", &"x".repeat(81)] {
            assert!(check(name).is_err(), "{name}");
        }
    }
}
