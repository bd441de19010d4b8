//! `AssumeRole`: temporary credentials of a role.

use api_iam::{GetRole, GetRoleInput};
use api_sts::{AssumeRole, AssumeRoleInput, AssumeRoleOutput, AssumedRoleUser, StsError};
use kernel::{Arn, Context, Handler};

use crate::{Sts, errors, limits, names};

impl Handler<AssumeRole> for Sts {
    async fn handle(&self, cx: &Context, input: AssumeRoleInput) -> Result<AssumeRoleOutput, StsError> {
        let seconds = input.duration_seconds.map_or(limits::ROLE_SECONDS, i64::from);
        let arn = Arn::parse(&input.role_arn).ok_or_else(|| errors::not_an_arn(&input.role_arn))?;
        let name = names::role_name(&arn.resource).ok_or_else(|| errors::not_an_arn(&input.role_arn))?;

        let there = cx.in_scope(arn.scope(&cx.scope));
        let found = there.call::<GetRole>(GetRoleInput { role_name: name.to_owned() }).await;
        let (caller, _) = self.caller(cx)?;
        let role = found.map_err(|_| errors::not_authorised(&caller, &input.role_arn))?.role;
        if role.arn != input.role_arn {
            return Err(errors::not_authorised(&caller, &input.role_arn));
        }
        if seconds > role.max_session_duration.map_or(limits::ROLE_SECONDS, i64::from) {
            return Err(errors::too_long());
        }

        let session_arn = names::assumed_role(&there.scope, name, &input.role_session_name);
        let user_id = format!("{}:{}", role.role_id, input.role_session_name);
        let account = there.scope.account.clone();
        let credentials =
            self.open_session(cx, account, session_arn.clone(), user_id.clone(), seconds).await?;

        Ok(AssumeRoleOutput {
            credentials: Some(credentials),
            assumed_role_user: Some(AssumedRoleUser { assumed_role_id: user_id, arn: session_arn }),
            source_identity: input.source_identity,
            ..AssumeRoleOutput::default()
        })
    }
}
