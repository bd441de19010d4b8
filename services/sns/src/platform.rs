//! Mobile applications and the devices that have them. Pushes are captured: there is no way to a device from here.

use std::collections::BTreeMap;

use api_sns::SnsError;
use kernel::{Arn, Context, Fault, Map, Scope};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::captured::{self, Place};
use crate::delivery_log::Response;
use crate::message::Message;
use crate::{Sns, errors, limits, names};

/// The applications, by platform and name, with their attributes.
pub static APPLICATIONS: Table<(String, String), BTreeMap<String, String>> =
    Table::regional("sns.applications");
/// The endpoints, by platform, application and id.
pub static ENDPOINTS: Table<(String, String, String), Endpoint> = Table::regional("sns.endpoints");
/// The ids of endpoints, by platform, application and token.
pub static TOKENS: Table<(String, String, String), String> = Table::regional("sns.endpoints.tokens");

/// The platforms there are.
///
/// Source: <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>
const PLATFORMS: [&str; 9] =
    ["ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "GCM", "MPNS", "WNS"];
/// What nobody is shown again.
const SECRETS: [&str; 2] = ["PlatformCredential", "PlatformPrincipal"];

/// A device with an application.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its attributes: `Enabled`, `Token`, `CustomUserData`.
    pub attributes: BTreeMap<String, String>,
}

/// Checks the name and platform of a new application.
pub fn check_application(name: &str, platform: &str) -> Result<(), SnsError> {
    if name.is_empty() {
        return Err(errors::because(name, "cannot be empty"));
    }
    if name.len() > limits::APPLICATION_NAME {
        let most = limits::APPLICATION_NAME;
        return Err(errors::because(name, format!("must be at most {most} characters long")));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
        return Err(errors::because(
            name,
            "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
        ));
    }
    if PLATFORMS.contains(&platform) {
        return Ok(());
    }
    Err(errors::because("Platform", format!("{platform} is not supported")))
}

/// Checks an application's attributes; `is_new` asks for its credentials.
pub fn check_attributes(
    platform: &str,
    attributes: &Map<String, String>,
    is_new: bool,
) -> Result<(), SnsError> {
    if attributes.is_empty() {
        return Err(errors::missing("attributes"));
    }
    let has = |name: &str| attributes.contains_key(name);
    let without = |name: &str, other: &str| {
        Err(errors::because("Attributes", format!("{name} attribute provided without {other}")))
    };
    // Google's keys stand alone.
    if platform != "GCM" && has("PlatformCredential") && !has("PlatformPrincipal") {
        return without("PlatformCredential", "PlatformPrincipal");
    }
    if has("PlatformPrincipal") && !has("PlatformCredential") {
        return without("PlatformPrincipal", "PlatformCredential");
    }
    if is_new && !has("PlatformCredential") {
        return Err(errors::because("Attributes", "PlatformCredential attribute is missing"));
    }
    if let Some(event) = attributes.keys().find(|name| name.starts_with("Event")) {
        return Err(errors::not_emulated(&format!("the attribute {event} of platform applications")));
    }
    Ok(())
}

/// What is shown of an application.
pub fn shown(attributes: &BTreeMap<String, String>) -> Map<String, String> {
    let is_shown = |(name, _): &(&String, &String)| !SECRETS.contains(&name.as_str());
    attributes.iter().filter(is_shown).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Checks an endpoint's attributes.
pub fn check_endpoint(attributes: &Map<String, String>) -> Result<(), SnsError> {
    for (name, value) in attributes {
        if !["CustomUserData", "Enabled", "Token"].contains(&name.as_str()) {
            return Err(errors::because("Attributes", format!("Invalid attribute name: {name}")));
        }
        if name == "CustomUserData" && value.len() > limits::USER_DATA {
            let most = limits::USER_DATA;
            return Err(errors::because(
                "Attributes",
                format!(
                    "Invalid value for attribute: CustomUserData: must be at most {most} bytes long in UTF-8 encoding"
                ),
            ));
        }
    }
    Ok(())
}

/// The ARN of an application.
pub fn application_arn(scope: &Scope, platform: &str, name: &str) -> String {
    Arn::new("sns", scope, format!("app/{platform}/{name}")).to_string()
}

/// The ARN of an endpoint.
pub fn endpoint_arn(scope: &Scope, platform: &str, name: &str, id: &str) -> String {
    Arn::new("sns", scope, format!("endpoint/{platform}/{name}/{id}")).to_string()
}

/// Whether there is an application of that name.
pub fn application(
    tx: &ReadTx<'_>,
    platform: &str,
    name: &str,
) -> Result<BTreeMap<String, String>, SnsError> {
    tx.get(&APPLICATIONS, &(platform, name))?.ok_or_else(errors::no_application)
}

/// Pushes a message to a device.
pub async fn push(
    sns: &Sns,
    cx: &Context,
    arn: &str,
    message: &Message,
    default: &str,
    topic: Option<&str>,
) -> Result<Response, Fault> {
    let (scope, key) = names::locate_endpoint(cx, arn, "TargetArn").map_err(Fault::from)?;
    let (platform, name, id) = &key;
    let endpoint: Option<Endpoint> =
        sns.store.read(&scope, |tx| tx.get(&ENDPOINTS, &(platform.as_str(), name.as_str(), id.as_str())))?;
    let no_endpoint = || errors::because("TargetArn", "No endpoint found for the target arn specified");
    let endpoint = endpoint.ok_or_else(|| Fault::from(no_endpoint()))?;
    if endpoint.attributes.get("Enabled").is_some_and(|is| is.eq_ignore_ascii_case("false")) {
        return Err(SnsError::endpoint_disabled_exception("Endpoint is disabled").into());
    }
    let text = message.texts.get(platform).map_or(default, String::as_str);
    captured::keep(&sns.store, cx, &Place::of("application", arn), message, text, topic).await?;
    Ok(Response { status: 200, body: "{}".to_owned() })
}
