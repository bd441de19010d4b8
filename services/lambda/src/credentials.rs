//! The temporary credentials that functions run with.

use std::fmt;
use std::pin::Pin;

use api_sts::{AssumeRole, AssumeRoleInput};
use jiff::SignedDuration;
use kernel::Context;
use runner::{CredentialSource, Credentials};

/// How long before the end of its credentials an environment gives way: longer than any invocation.
const MARGIN: SignedDuration = SignedDuration::from_mins(16);

/// Sessions of a function's role.
pub struct RoleSessions {
    /// Where the function is.
    pub cx: Context,
    /// The ARN of its role.
    pub role: String,
    /// Its name.
    pub function: String,
}

impl fmt::Debug for RoleSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleSessions({})", self.role)
    }
}

impl CredentialSource for RoleSessions {
    /// A new session. A role that IAM does not have still runs: then the account acts itself.
    fn issue(&self) -> Pin<Box<dyn Future<Output = Credentials> + Send + '_>> {
        Box::pin(async {
            let input = AssumeRoleInput {
                role_arn: self.role.clone(),
                role_session_name: session_name(&self.function),
                ..AssumeRoleInput::default()
            };
            let session = self.cx.on_behalf_of("lambda.amazonaws.com").call::<AssumeRole>(input).await;
            let Some(session) = session.ok().and_then(|output| output.credentials) else {
                return of_account(&self.cx);
            };
            Credentials {
                access_key: session.access_key_id,
                secret_key: session.secret_access_key,
                session_token: session.session_token,
                expires: session.expiration.checked_sub(MARGIN).ok(),
            }
        })
    }
}

/// A key of twelve digits acts for the account of that number.
fn of_account(cx: &Context) -> Credentials {
    Credentials {
        access_key: cx.scope.account.to_string(),
        secret_key: "test".to_owned(),
        session_token: "test".to_owned(),
        expires: None,
    }
}

/// A session's name has two characters or more. So AWS names those of functions with one.
fn session_name(function: &str) -> String {
    if function.len() == 1 { format!("{function}@lambda_function") } else { function.to_owned() }
}
