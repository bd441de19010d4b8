//! The temporary credentials that functions run with.

use std::collections::HashMap;
use std::sync::Mutex;

use api_sts::{AssumeRole, AssumeRoleInput};
use jiff::SignedDuration;
use kernel::{Context, Timestamp};
use runner::Credentials;

/// How long before their end credentials are renewed.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);

/// Credentials by role and function, with their end.
#[derive(Default)]
pub struct RoleCredentials(Mutex<HashMap<(String, String), (Credentials, Timestamp)>>);

impl RoleCredentials {
    /// The credentials of a function's role. A role that IAM does not have still runs: then the account acts itself.
    pub async fn of(&self, cx: &Context, role: &str, function: &str) -> Credentials {
        let key = (role.to_owned(), function.to_owned());
        let known = self.lock().get(&key).cloned();
        if let Some((credentials, expires)) = known
            && expires.duration_since(cx.clock.now()) > MARGIN
        {
            return credentials;
        }
        let input = AssumeRoleInput {
            role_arn: role.to_owned(),
            role_session_name: session_name(function),
            ..AssumeRoleInput::default()
        };
        let session = cx.on_behalf_of("lambda.amazonaws.com").call::<AssumeRole>(input).await;
        let Some(session) = session.ok().and_then(|output| output.credentials) else {
            return of_account(cx);
        };
        let credentials = Credentials {
            access_key: session.access_key_id,
            secret_key: session.secret_access_key,
            session_token: session.session_token,
        };
        self.lock().insert(key, (credentials.clone(), session.expiration));
        credentials
    }

    /// Forgets all: the sessions they belong to are gone.
    pub fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), (Credentials, Timestamp)>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A key of twelve digits acts for the account of that number.
fn of_account(cx: &Context) -> Credentials {
    Credentials {
        access_key: cx.scope.account.to_string(),
        secret_key: "test".to_owned(),
        session_token: "test".to_owned(),
    }
}

/// A session's name has two characters or more. So AWS names those of functions with one.
fn session_name(function: &str) -> String {
    if function.len() == 1 { format!("{function}@lambda_function") } else { function.to_owned() }
}
