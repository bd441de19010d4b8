//! Sessions: temporary keys and whom they act for.

use api_sts::Credentials;
use jiff::SignedDuration;
use kernel::service::{AccessKey, AccessKeys};
use kernel::{AccountId, Context, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::Table;

use crate::Sts;

/// Sessions by their access key's id, which is unique across accounts.
static SESSIONS: Table<String, Session> = Table::global("sts.sessions");

/// One set of temporary credentials.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    secret: String,
    token: String,
    account: AccountId,
    expires: Timestamp,
    arn: String,
    user_id: String,
}

impl Session {
    /// The ARN of who acts.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The unique id of who acts.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }
}

impl Sts {
    /// Hands out credentials that act as `arn` for `seconds`.
    pub(crate) async fn open_session(
        &self,
        cx: &Context,
        account: AccountId,
        arn: String,
        user_id: String,
        seconds: i64,
    ) -> Result<Credentials, Fault> {
        let id = format!("ASIA{}", cx.ids.base32_upper(16));
        let session = Session {
            secret: cx.ids.base62(40),
            token: format!("FwoGZXIvYXdzE{}", cx.ids.base62(340)),
            account,
            expires: cx.clock.now_in_seconds() + SignedDuration::from_secs(seconds),
            arn,
            user_id,
        };
        self.store.write(&cx.scope, |tx| tx.put(&SESSIONS, &id, &session)).await?;
        Ok(Credentials {
            access_key_id: id,
            secret_access_key: session.secret,
            session_token: session.token,
            expiration: session.expires,
        })
    }

    /// The session of that key.
    pub(crate) fn session(&self, id: &str) -> Result<Option<Session>, Fault> {
        self.store.read(&Scope::default(), |tx| tx.get(&SESSIONS, id))
    }
}

impl AccessKeys for Sts {
    fn find(&self, id: &str) -> Result<Option<AccessKey>, Fault> {
        Ok(self.session(id)?.map(|session| AccessKey {
            secret: session.secret,
            account: session.account,
            session_token: Some(session.token),
            expires: Some(session.expires),
            arn: session.arn,
            user_id: session.user_id,
        }))
    }
}
