//! Where a website's rules lead.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html>

use api_s3::{Protocol, RedirectAllRequestsTo, RoutingRule, WebsiteConfiguration};

use crate::names;

/// A redirect.
pub struct Redirect {
    /// The status.
    pub code: u16,
    /// Where it leads.
    pub location: String,
}

/// Where a website leads that leads everything elsewhere.
pub fn everything(rule: &RedirectAllRequestsTo, path: &str, query: &str) -> String {
    let protocol = rule.protocol.as_ref().map_or("http", Protocol::as_str);
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{protocol}://{}{path}{query}", rule.host_name)
}

/// The first rule that holds before anything is read: those that ask for no error.
pub fn before(website: &WebsiteConfiguration, key: &str, host: &str) -> Option<Redirect> {
    let fits = |rule: &&RoutingRule| error_code(rule).is_none() && has_prefix(rule, key);
    rules(website).find(fits).map(|rule| redirect(rule, key, host))
}

/// The first rule that holds for an error.
pub fn after(website: &WebsiteConfiguration, key: &str, status: u16, host: &str) -> Option<Redirect> {
    let status = status.to_string();
    let fits = |rule: &&RoutingRule| error_code(rule) == Some(status.as_str()) && has_prefix(rule, key);
    rules(website).find(fits).map(|rule| redirect(rule, key, host))
}

fn rules(website: &WebsiteConfiguration) -> impl Iterator<Item = &RoutingRule> {
    website.routing_rules.iter().flatten()
}

fn error_code(rule: &RoutingRule) -> Option<&str> {
    rule.condition.as_ref()?.http_error_code_returned_equals.as_deref()
}

fn prefix(rule: &RoutingRule) -> Option<&str> {
    rule.condition.as_ref()?.key_prefix_equals.as_deref()
}

fn has_prefix(rule: &RoutingRule, key: &str) -> bool {
    prefix(rule).is_none_or(|prefix| key.starts_with(prefix))
}

fn redirect(rule: &RoutingRule, key: &str, host: &str) -> Redirect {
    let redirect = &rule.redirect;
    let key = match (&redirect.replace_key_with, &redirect.replace_key_prefix_with) {
        (Some(whole), _) => whole.clone(),
        (_, Some(front)) => {
            let rest = key.strip_prefix(prefix(rule).unwrap_or_default()).unwrap_or(key);
            format!("{front}{rest}")
        }
        _ => key.to_owned(),
    };
    let protocol = redirect.protocol.as_ref().map_or("http", Protocol::as_str);
    let host = redirect.host_name.as_deref().unwrap_or(host);
    let code = redirect.http_redirect_code.as_deref().and_then(|code| code.parse().ok());
    Redirect { code: code.unwrap_or(301), location: format!("{protocol}://{host}/{}", names::in_path(&key)) }
}
