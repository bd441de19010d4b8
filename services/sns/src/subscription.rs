//! A subscription, as it is stored.

use std::collections::BTreeMap;

use api_sns::SnsError;
use kernel::{AccountId, Context, Fault, Scope};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::topic::Topic;
use crate::{errors, names};

/// The subscriptions, by topic and id, beside their topic.
pub static SUBSCRIPTIONS: Table<(String, String), Subscription> = Table::regional("sns.subscriptions");
/// The ids of subscriptions, by topic, protocol and endpoint.
static ENDPOINTS: Table<(String, String, String), String> = Table::regional("sns.subscriptions.endpoints");
/// The ARNs of subscriptions, beside their owners.
static OWNED: Table<String, bool> = Table::regional("sns.subscriptions.owned");
/// What a token confirms: topic, id, and until when in milliseconds since 1970.
static TOKENS: Table<String, (String, String, i64)> = Table::regional("sns.subscriptions.tokens");
/// How many digits a token has.
const TOKEN: usize = 288;

/// A subscription.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id, the last part of its ARN.
    pub id: String,
    /// The account that subscribed.
    pub owner: AccountId,
    /// The ARN of who subscribed.
    pub principal: String,
    /// `sqs`, `lambda`, `http` and so on.
    pub protocol: String,
    /// Where messages go.
    pub endpoint: String,
    /// Whether the endpoint has yet to confirm.
    pub is_pending: bool,
    /// Whether the owner of the endpoint subscribed itself.
    pub was_authenticated: bool,
    /// Whether only its owner may end it.
    pub is_guarded: bool,
    /// The token that confirms it.
    pub token: String,
    /// What was set, by AWS's names.
    pub attributes: BTreeMap<String, String>,
    /// The topic's revision before it: messages of then are not for it.
    pub since: u64,
}

impl Subscription {
    /// The subscription of that topic and id.
    pub fn get(tx: &ReadTx<'_>, topic: &str, id: &str) -> Result<Self, SnsError> {
        tx.get(&SUBSCRIPTIONS, &(topic, id))?.ok_or_else(errors::no_subscription)
    }

    /// The subscription of an endpoint to a topic.
    pub fn of_endpoint(
        tx: &ReadTx<'_>,
        topic: &str,
        protocol: &str,
        endpoint: &str,
    ) -> Result<Option<Self>, Fault> {
        match tx.get(&ENDPOINTS, &(topic, protocol, endpoint))? {
            Some(id) => tx.get(&SUBSCRIPTIONS, &(topic, id.as_str())),
            None => Ok(None),
        }
    }

    /// Writes a new subscription, and counts it.
    pub fn insert(&self, tx: &mut WriteTx<'_>, name: &str, mut topic: Topic) -> Result<(), Fault> {
        if self.is_pending {
            topic.pending += 1;
        } else {
            topic.confirmed += 1;
        }
        topic.put(tx, name)?;
        let scope = tx.scope().clone();
        let arn = names::subscription(&scope, name, &self.id);
        let beside = Scope { account: self.owner.clone(), region: scope.region.clone() };
        tx.in_scope(&beside).put(&OWNED, &arn, &true)?;
        tx.put(&ENDPOINTS, &(name, self.protocol.as_str(), self.endpoint.as_str()), &self.id)?;
        tx.put(&SUBSCRIPTIONS, &(name, self.id.as_str()), self)
    }

    /// Removes the subscription, and counts it.
    pub fn remove(&self, tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
        if let Some(mut topic) = tx.get(&crate::topic::TOPICS, name)? {
            if self.is_pending {
                topic.pending = topic.pending.saturating_sub(1);
            } else {
                topic.confirmed = topic.confirmed.saturating_sub(1);
                topic.deleted += 1;
            }
            topic.put(tx, name)?;
        }
        let scope = tx.scope().clone();
        let arn = names::subscription(&scope, name, &self.id);
        let beside = Scope { account: self.owner.clone(), region: scope.region.clone() };
        tx.in_scope(&beside).delete(&OWNED, &arn)?;
        tx.delete(&ENDPOINTS, &(name, self.protocol.as_str(), self.endpoint.as_str()))?;
        tx.delete(&TOKENS, &self.token)?;
        tx.delete(&SUBSCRIPTIONS, &(name, self.id.as_str())).map(drop)
    }

    /// Gives the subscription a token that confirms it.
    pub fn issue(&mut self, tx: &mut WriteTx<'_>, cx: &Context, name: &str) -> Result<(), Fault> {
        let until = cx.clock.millis() + crate::limits::TOKEN_DAYS * 86_400_000;
        self.token = token(cx, tx.scope());
        tx.put(&TOKENS, &self.token, &(name.to_owned(), self.id.clone(), until))
    }

    /// Whether an attribute that is `true` or `false` is the former.
    pub fn is(&self, attribute: &str) -> bool {
        self.attributes.get(attribute).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// A new token: the region, which links in messages do not name otherwise, then chance, all hexadecimal.
fn token(cx: &Context, scope: &Scope) -> String {
    let region = scope.region.as_str();
    let mut token = format!("{:02x}", region.len());
    token += &base16ct::lower::encode_string(region.as_bytes());
    token += &cx.ids.hex(TOKEN - token.len());
    token
}

/// Checks that a token is one, and that it is of that region.
pub fn check_token(token: &str, region: &str) -> Result<(), SnsError> {
    if !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(errors::parameter("Invalid token"));
    }
    let byte = |at: usize| token.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let length = byte(0).map_or(0, usize::from);
    let of: Option<Vec<u8>> = (0..length).map(|at| byte(2 + 2 * at)).collect();
    match of {
        Some(of) if token.len() == TOKEN && of == region.as_bytes() => Ok(()),
        // A token of another region, as far as it shows.
        Some(of) if token.len() == TOKEN && of.is_ascii() && of.contains(&b'-') => {
            Err(errors::invalid("Topic"))
        }
        _ => Err(errors::invalid("Token")),
    }
}

/// The topic and id that a token confirms, while it is good.
pub fn confirmed_by(tx: &ReadTx<'_>, token: &str, now: i64) -> Result<(String, String), SnsError> {
    match tx.get(&TOKENS, token)? {
        Some((topic, id, until)) if until > now => Ok((topic, id)),
        _ => Err(errors::invalid("Token")),
    }
}

/// The ARNs of the subscriptions that an account has, behind `after`.
pub fn owned(tx: &ReadTx<'_>, after: Option<&str>, most: usize) -> Result<Vec<String>, Fault> {
    let rows = tx.range(&OWNED, ..);
    let rows = match after {
        Some(after) => rows.after(after),
        None => rows,
    };
    rows.keys().take(most).collect()
}

/// Subscriptions that have ended, by the token that takes their end back.
static ENDED: Table<String, (String, Subscription)> = Table::regional("sns.subscriptions.ended");

/// Remembers a subscription that has just ended, under a new token of its own.
pub fn remember(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    topic: &str,
    subscription: &mut Subscription,
) -> Result<(), Fault> {
    subscription.token = token(cx, tx.scope());
    tx.put(&ENDED, &subscription.token, &(topic.to_owned(), subscription.clone()))
}

/// The topic and subscription whose end a token takes back.
pub fn ended(tx: &ReadTx<'_>, token: &str) -> Result<Option<(String, Subscription)>, Fault> {
    tx.get(&ENDED, token)
}

/// Forgets that a subscription has ended.
pub fn forget_end(tx: &mut WriteTx<'_>, token: &str) -> Result<(), Fault> {
    tx.delete(&ENDED, token).map(drop)
}
