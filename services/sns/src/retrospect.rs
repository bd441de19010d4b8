//! Pages beside the operations: the certificate of signatures, and what was captured, under LocalStack's paths.
//!
//! Source: <https://docs.localstack.cloud/aws/services/sns/>

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kernel::edge::{Edge, EdgeHead, EdgeRequest, EdgeResponse};
use kernel::service::Boxed;
use kernel::{Arn, ByteStream, Bytes, Context, Fault, Scope};
use serde_json::{Map, Value, json};

use crate::Sns;
use crate::captured::{self, Captured};
use crate::phone::OPTED_OUT;
use crate::subscription::SUBSCRIPTIONS;

const FRONT: &str = "/_aws/sns/";
const CERTIFICATE: &str = "/_aws/sns/SimpleNotificationService-";
/// How much of a posted page is read.
const MOST: usize = 64 << 10;

/// The pages.
pub struct Pages(pub Arc<Sns>);

impl Edge for Pages {
    fn claims(&self, head: EdgeHead<'_>) -> bool {
        head.path.starts_with(FRONT)
    }

    fn is_private(&self, head: EdgeHead<'_>) -> bool {
        !head.path.starts_with(CERTIFICATE)
    }

    fn serve<'a>(&'a self, cx: &'a Context, request: EdgeRequest) -> Boxed<'a, EdgeResponse> {
        Box::pin(async move {
            let answer = if request.path.starts_with(CERTIFICATE) {
                self.0.certificate(cx, &request.path).await
            } else {
                self.0.page(request).await
            };
            answer.unwrap_or_else(|fault| json_page(fault.status(), &json!({ "error": fault.message() })))
        })
    }
}

impl Sns {
    async fn certificate(&self, cx: &Context, path: &str) -> Result<EdgeResponse, Fault> {
        let key = self.signing.key(cx).await?;
        if path != format!("{CERTIFICATE}{}.pem", key.name) {
            return Ok(json_page(404, &json!({ "error": "there is no such certificate" })));
        }
        Ok(page(200, "application/x-pem-file", key.certificate.clone().into()))
    }

    async fn page(&self, request: EdgeRequest) -> Result<EdgeResponse, Fault> {
        let path = request.path.strip_prefix(FRONT).unwrap_or_default();
        if let Some(arn) = path.strip_prefix("subscription-tokens/") {
            return self.token(arn);
        }
        let (kind, list, name) = match path {
            "platform-endpoint-messages" => (captured::PUSH, "platform_endpoint_messages", "endpointArn"),
            "sms-messages" => (captured::SMS, "sms_messages", "phoneNumber"),
            "email-messages" => (captured::MAIL, "email_messages", "emailAddress"),
            "phone-opt-outs" => return self.opt_out(request).await,
            _ => return Ok(json_page(404, &json!({ "error": "there is no such page" }))),
        };
        let query = parameters(&request.query);
        let get = |name: &str| query.get(name).and_then(Value::as_str);
        let default = Scope::default();
        let scope = Scope::new(
            get("accountId").unwrap_or(default.account.as_str()),
            get("region").unwrap_or(default.region.as_str()),
        );
        let address = get(name);
        if request.method == Method::DELETE {
            self.store.write(&scope, |tx| captured::forget(tx, kind, address)).await?;
            return Ok(page(204, "application/json", Bytes::new()));
        }
        let found = self.store.read(&scope, |tx| captured::all(tx, kind, address))?;
        let mut messages: Map<String, Value> = Map::new();
        for (address, all) in found {
            let all: Vec<_> = all.iter().map(|one| shown(kind, &address, one)).collect();
            messages.insert(address, all.into());
        }
        // Who asks for one address is told that there is nothing, too.
        if let Some(address) = address {
            messages.entry(address).or_insert_with(|| json!([]));
        }
        Ok(json_page(200, &json!({ list: messages, "region": scope.region.as_str() })))
    }

    /// The token that confirms a subscription.
    fn token(&self, text: &str) -> Result<EdgeResponse, Fault> {
        let text = decoded(text);
        let refuse = |status: u16, what: &str| {
            Ok(json_page(
                status,
                &json!({ "error": format!("The provided SubscriptionARN is {what}"), "subscription_arn": text }),
            ))
        };
        let Some(arn) = Arn::parse(&text) else { return refuse(400, "invalid") };
        let Some((topic, id)) = arn.resource.split_once(':') else { return refuse(400, "invalid") };
        let scope = arn.scope(&Scope::default());
        match self.store.read(&scope, |tx| tx.get(&SUBSCRIPTIONS, &(topic, id)))? {
            Some(subscription) if !subscription.token.is_empty() => Ok(json_page(
                200,
                &json!({ "subscription_token": subscription.token, "subscription_arn": text }),
            )),
            _ => refuse(404, "not found"),
        }
    }

    /// Notes that a phone number wants no messages.
    async fn opt_out(&self, request: EdgeRequest) -> Result<EdgeResponse, Fault> {
        let body = request.body.collect(MOST).await?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let Some(number) = body["phoneNumber"].as_str() else {
            return Ok(json_page(400, &json!({ "error": "phoneNumber is missing" })));
        };
        let default = Scope::default();
        let scope = Scope::new(
            body["accountId"].as_str().unwrap_or(default.account.as_str()),
            body["region"].as_str().unwrap_or(default.region.as_str()),
        );
        self.store.write(&scope, |tx| tx.put(&OPTED_OUT, number, &true)).await?;
        Ok(json_page(200, &json!({ "phoneNumber": number })))
    }
}

/// A captured message as LocalStack shows it.
fn shown(kind: &str, address: &str, one: &Captured) -> Value {
    let attributes: Map<_, _> = one
        .attributes
        .iter()
        .map(|(name, attribute)| {
            let value = if attribute.text.is_some() { "StringValue" } else { "BinaryValue" };
            (name.clone(), json!({ "DataType": attribute.kind, value: attribute.printed() }))
        })
        .collect();
    let mut shown = json!({
        "MessageId": one.id,
        "TopicArn": one.topic,
        "Message": one.text,
        "Subject": one.subject,
        "MessageAttributes": attributes,
    });
    let name = match kind {
        captured::PUSH => "TargetArn",
        captured::SMS => "PhoneNumber",
        _ => "EmailAddress",
    };
    shown[name] = address.into();
    shown
}

fn parameters(query: &str) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect()
}

/// A part of a path without its percent signs.
fn decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

fn json_page(status: u16, body: &Value) -> EdgeResponse {
    page(status, "application/json", body.to_string().into())
}

fn page(status: u16, kind: &'static str, body: Bytes) -> EdgeResponse {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    EdgeResponse { status, headers, body: ByteStream::from_bytes(body) }
}
