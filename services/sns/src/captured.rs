//! What would leave this machine, such as text messages and mails: kept, and shown to whoever asks.

use kernel::{Context, Fault, Map};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Store, Table, WriteTx};

use crate::message::{Attribute, Message};

/// What was captured, by kind, address, milliseconds since 1970 and id.
static CAPTURED: Table<(String, String, i64, String), Captured> = Table::regional("sns.captured");

/// Kinds of addresses.
pub const MAIL: &str = "email";
/// Devices of mobile applications, by the ARNs of their endpoints.
pub const PUSH: &str = "application";
/// Phone numbers.
pub const SMS: &str = "sms";

/// Where a message would go.
pub struct Place<'a> {
    kind: &'static str,
    address: &'a str,
}

/// A captured message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Captured {
    /// Its id.
    pub id: String,
    /// The topic it came by.
    pub topic: Option<String>,
    /// What it says.
    pub text: String,
    /// Its subject.
    pub subject: Option<String>,
    /// Its attributes.
    pub attributes: Map<String, Attribute>,
}

impl<'a> Place<'a> {
    /// The place of an address of a protocol.
    pub fn of(protocol: &str, address: &'a str) -> Self {
        let kind = match protocol {
            "application" => PUSH,
            "sms" => SMS,
            _ => MAIL,
        };
        Self { kind, address }
    }
}

/// Keeps a message.
pub async fn keep(
    store: &Store,
    cx: &Context,
    place: &Place<'_>,
    message: &Message,
    text: &str,
    topic: Option<&str>,
) -> Result<(), Fault> {
    let captured = Captured {
        id: message.id.clone(),
        topic: topic.map(str::to_owned),
        text: text.to_owned(),
        subject: message.subject.clone(),
        attributes: message.attributes.clone(),
    };
    let key = (place.kind, place.address, cx.clock.millis(), cx.ids.hex(16));
    store.write(&cx.scope, |tx| tx.put(&CAPTURED, &(key.0, key.1, key.2, key.3.as_str()), &captured)).await
}

/// The messages to addresses of a kind, or to one of them.
pub fn all(tx: &ReadTx<'_>, kind: &str, address: Option<&str>) -> Result<Map<String, Vec<Captured>>, Fault> {
    let mut found: Map<String, Vec<Captured>> = Map::new();
    let rows = match address {
        Some(address) => tx.prefix(&CAPTURED, &(kind, address)),
        None => tx.prefix(&CAPTURED, &(kind,)),
    };
    for row in rows {
        let ((_, address, ..), captured) = row?;
        found.entry(address).or_default().push(captured);
    }
    Ok(found)
}

/// Forgets them.
pub fn forget(tx: &mut WriteTx<'_>, kind: &str, address: Option<&str>) -> Result<(), Fault> {
    let rows = match address {
        Some(address) => tx.prefix(&CAPTURED, &(kind, address)),
        None => tx.prefix(&CAPTURED, &(kind,)),
    };
    let keys: Vec<_> = rows.keys().collect::<Result<_, _>>()?;
    keys.iter().try_for_each(|key| tx.delete(&CAPTURED, key).map(drop))
}
