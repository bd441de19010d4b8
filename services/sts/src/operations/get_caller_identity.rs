//! `GetCallerIdentity`: who calls.

use api_sts::{GetCallerIdentity, GetCallerIdentityInput, GetCallerIdentityOutput, StsError};
use kernel::{Context, Handler};

use crate::{Sts, names};

impl Handler<GetCallerIdentity> for Sts {
    async fn handle(
        &self,
        cx: &Context,
        _: GetCallerIdentityInput,
    ) -> Result<GetCallerIdentityOutput, StsError> {
        let account = cx.scope.account.to_string();
        let (arn, user_id) = self.caller(cx)?;
        Ok(GetCallerIdentityOutput { account: Some(account), arn: Some(arn), user_id: Some(user_id) })
    }
}

impl Sts {
    /// The ARN and unique id of the caller; keys that nobody gave out act as the account's root.
    pub(crate) fn caller(&self, cx: &Context) -> Result<(String, String), StsError> {
        for service in cx.calls.services() {
            if let Some(keys) = &service.access_keys
                && let Some(key) = keys.find(&cx.caller.access_key)?
            {
                return Ok((key.arn, key.user_id));
            }
        }
        Ok((names::root(&cx.scope), cx.scope.account.to_string()))
    }
}
