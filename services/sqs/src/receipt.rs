//! Receipt handles: which message was received, and for which time.

use api_sqs::SqsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kernel::Ids;

use crate::errors;
use crate::message::At;

/// What a handle tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The message.
    pub at: At,
    /// Under what it lies: an older id is of a message that was purged.
    pub id: u64,
    /// For which time it was received.
    pub received: u32,
}

impl Receipt {
    /// The handle. It begins differently each time.
    pub fn handle(&self, ids: &Ids, arn: &str) -> String {
        let Self { at: At { number, group }, id, received } = self;
        let group = group.as_deref().unwrap_or_default();
        STANDARD.encode(format!("{} {arn} {id} {number} {received} {group}", ids.uuid()))
    }

    /// What the handle of a message of that queue tells.
    pub fn parse(handle: &str, arn: &str) -> Result<Self, SqsError> {
        let bytes = STANDARD.decode(handle).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.and_then(|text| Self::read(&text, arn)).ok_or_else(|| errors::invalid_handle(handle))
    }

    fn read(text: &str, arn: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ' ').skip(1);
        if parts.next()? != arn {
            return None;
        }
        let (id, number, received) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let group = Some(parts.next()?).filter(|group| !group.is_empty()).map(str::to_owned);
        Some(Self { at: At { number, group }, id, received })
    }
}
