//! `GetSessionToken`: temporary credentials of the caller.

use api_sts::{GetSessionToken, GetSessionTokenInput, GetSessionTokenOutput, StsError};
use kernel::{Context, Handler};

use crate::{Sts, limits};

impl Handler<GetSessionToken> for Sts {
    async fn handle(
        &self,
        cx: &Context,
        input: GetSessionTokenInput,
    ) -> Result<GetSessionTokenOutput, StsError> {
        let seconds = input.duration_seconds.map_or(limits::USER_SECONDS, i64::from);
        let (arn, user_id) = self.caller(cx)?;

        let account = cx.scope.account.clone();
        let credentials = self.open_session(cx, account, arn, user_id, seconds).await?;

        Ok(GetSessionTokenOutput { credentials: Some(credentials), ..GetSessionTokenOutput::default() })
    }
}
