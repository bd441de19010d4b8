//! Queue names, URLs and ARNs.

use api_sqs::SqsError;
use kernel::schema::ProtocolKind;
use kernel::{Arn, Context, Region, Scope};

use crate::options::Urls;
use crate::queue::Place;
use crate::{errors, limits};

/// The domains under which every host is this machine.
const DOMAINS: [&str; 3] = ["localhost.localstack.cloud", "localhost.fogbank.cloud", "amazonaws.com"];

/// Checks a new queue's name.
pub fn check(name: &str, is_fifo: bool) -> Result<(), SqsError> {
    let stem = if is_fifo { name.strip_suffix(".fifo").ok_or_else(errors::fifo_name)? } else { name };
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if stem.is_empty() || name.len() > limits::NAME || !stem.bytes().all(is_valid) {
        return Err(if is_fifo { errors::fifo_name() } else { errors::invalid_name() });
    }
    Ok(())
}

/// The URL of a queue of the context's scope.
pub fn url(cx: &Context, urls: Urls, name: &str) -> String {
    let host = if cx.request.host.is_empty() { "localhost:4566" } else { &cx.request.host };
    let Scope { account, region } = &cx.scope;
    let (bare, port) = split_port(host);
    let known = domain(bare);
    let base = known.unwrap_or(DOMAINS[0]);
    let is_default = *region == Region::default();
    let form = match urls {
        Urls::Dynamic if cx.request.path.starts_with("/queue/") => Urls::Path,
        Urls::Dynamic if known.is_some() && (bare.starts_with("queue.") || bare.contains(".queue.")) => {
            Urls::Domain
        }
        Urls::Dynamic if known.is_some() => Urls::Standard,
        // The URL must lead back to the queue's region, and such hosts name none.
        Urls::Dynamic if !is_default => Urls::Path,
        form => form,
    };
    match form {
        Urls::Dynamic => format!("http://{host}/{account}/{name}"),
        Urls::Standard => format!("http://sqs.{region}.{base}{port}/{account}/{name}"),
        Urls::Domain if is_default => format!("http://queue.{base}{port}/{account}/{name}"),
        Urls::Domain => format!("http://{region}.queue.{base}{port}/{account}/{name}"),
        Urls::Path => {
            let bare = known.unwrap_or(bare);
            format!("http://{bare}{port}/queue/{region}/{account}/{name}")
        }
    }
}

fn split_port(host: &str) -> (&str, &str) {
    match host.rfind(':') {
        Some(at) if host[at + 1..].bytes().all(|byte| byte.is_ascii_digit()) => host.split_at(at),
        _ => (host, ""),
    }
}

fn domain(host: &str) -> Option<&'static str> {
    let is_under = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    DOMAINS.into_iter().find(|domain| is_under(domain))
}

/// What a queue's URL tells.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed<'a> {
    /// The region, where the URL has it.
    pub region: Option<&'a str>,
    /// The account.
    pub account: &'a str,
    /// The name.
    pub name: &'a str,
}

/// Reads a queue's URL in any of the forms that clients have; nothing if it is no URL of a queue.
pub fn parse_url(url: &str) -> Option<Parsed<'_>> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => ("", url),
    };
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (region, account, name) = match parts.as_slice() {
        ["queue", region, account, name] => (Some(*region), *account, *name),
        [.., account, name] => (region_of(host), *account, *name),
        _ => return None,
    };
    let is_account = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && !name.is_empty()).then_some(Parsed { region, account, name })
}

/// The region in `sqs.REGION.…` and `REGION.queue.…`.
fn region_of(host: &str) -> Option<&str> {
    let mut labels = host.split('.');
    let (first, second) = (labels.next()?, labels.next()?);
    let is_region =
        |label: &str| label.split('-').count() >= 3 && label.ends_with(|c: char| c.is_ascii_digit());
    match (first, second) {
        ("sqs", region) if is_region(region) => Some(region),
        (region, "queue") if is_region(region) => Some(region),
        _ => None,
    }
}

/// The queue that a URL names, as seen by the caller.
pub fn locate(cx: &Context, url: &str) -> Result<Place, SqsError> {
    // The query protocol may leave the parameter out and post to the URL itself.
    let url = if url.is_empty() { &cx.request.path } else { url };
    match parse_url(url) {
        Some(Parsed { region, account, name }) => {
            let region = region.map_or_else(|| cx.scope.region.clone(), Region::from);
            Ok((Scope { account: account.into(), region }, name.to_owned()))
        }
        // A bare name is taken as AWS's older clients send it.
        None if !url.is_empty() && !url.contains('/') => Ok((cx.scope.clone(), url.to_owned())),
        None if url.len() <= 1 => Err(errors::missing_parameter("QueueUrl")),
        None => Err(errors::invalid_address(url)),
    }
}

/// Refuses what a client of the query protocol asks at a queue's URL though it is nothing of a queue.
pub fn refuse_at_queue(cx: &Context, action: &str) -> Result<(), SqsError> {
    let is_query = cx.request.protocol == Some(ProtocolKind::Query);
    if is_query && parse_url(&cx.request.path).is_some() {
        return Err(errors::invalid_action(action).into());
    }
    Ok(())
}

/// The ARN of a queue.
pub fn arn(scope: &Scope, name: &str) -> String {
    let Scope { account, region } = scope;
    format!("arn:{}:sqs:{region}:{account}:{name}", kernel::arn::partition(region.as_str()))
}

/// The queue of an ARN.
pub fn parse_arn(arn: &str, default: &Scope) -> Option<Place> {
    let arn = Arn::parse(arn).filter(|arn| arn.service == "sqs")?;
    Some((arn.scope(default), arn.resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_every_form_are_understood() {
        for (url, region) in [
            ("http://localhost:4566/000000000000/orders", None),
            ("http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/orders", Some("us-east-1")),
            ("http://eu-west-1.queue.localhost.localstack.cloud:4566/000000000000/orders", Some("eu-west-1")),
            ("http://queue.localhost.localstack.cloud:4566/000000000000/orders", None),
            ("http://localhost:4566/queue/eu-west-1/000000000000/orders", Some("eu-west-1")),
            ("https://sqs.eu-west-1.amazonaws.com/000000000000/orders/", Some("eu-west-1")),
            ("/queue/us-gov-west-1/000000000000/orders", Some("us-gov-west-1")),
        ] {
            let parsed = Parsed { region, account: "000000000000", name: "orders" };
            assert_eq!(parse_url(url), Some(parsed), "{url}");
        }
        assert_eq!(parse_url("http://localhost:4566/orders"), None);
        assert_eq!(parse_url("http://localhost:4566"), None);
    }

    #[test]
    fn names_are_checked() {
        assert!(check("orders-1_x", false).is_ok());
        assert!(check("orders.fifo", true).is_ok());
        for name in ["", "a b", "a.fifo", &"x".repeat(81)] {
            assert!(check(name, false).is_err(), "{name}");
        }
        for name in ["", "orders", ".fifo", &format!("{}.fifo", "x".repeat(76))] {
            assert!(check(name, true).is_err(), "{name}");
        }
    }
}
