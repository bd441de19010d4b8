//! What an account blocks: `PutPublicAccessBlock`, `GetPublicAccessBlock`, `DeletePublicAccessBlock`.

use api_s3control::{
    DeletePublicAccessBlock, DeletePublicAccessBlockInput, DeletePublicAccessBlockOutput,
    GetPublicAccessBlock, GetPublicAccessBlockInput, GetPublicAccessBlockOutput,
    PublicAccessBlockConfiguration, PutPublicAccessBlock, PutPublicAccessBlockInput,
    PutPublicAccessBlockOutput, S3controlError,
};
use kernel::{Context, Handler};
use protocol::stored::Stored;

use crate::access_point::{BLOCK, BLOCKS};
use crate::{S3control, check_account, errors};

impl Handler<PutPublicAccessBlock> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: PutPublicAccessBlockInput,
    ) -> Result<PutPublicAccessBlockOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        if input.public_access_block_configuration == PublicAccessBlockConfiguration::default() {
            return Err(errors::invalid_request("Must specify at least one configuration.").into());
        }

        let block = Stored(whole(input.public_access_block_configuration));
        self.store.write(&cx.scope, |tx| tx.put(&BLOCKS, BLOCK, &block)).await?;

        Ok(PutPublicAccessBlockOutput {})
    }
}

impl Handler<GetPublicAccessBlock> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: GetPublicAccessBlockInput,
    ) -> Result<GetPublicAccessBlockOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let block = self.store.read(&cx.scope, |tx| tx.get(&BLOCKS, BLOCK))?;
        let block = block.ok_or_else(|| errors::no_public_access_block(&input.account_id))?;
        Ok(GetPublicAccessBlockOutput { public_access_block_configuration: Some(block.0) })
    }
}

impl Handler<DeletePublicAccessBlock> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: DeletePublicAccessBlockInput,
    ) -> Result<DeletePublicAccessBlockOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        self.store.write(&cx.scope, |tx| tx.delete(&BLOCKS, BLOCK)).await?;
        Ok(DeletePublicAccessBlockOutput {})
    }
}

/// What is not said is not blocked.
pub fn whole(block: PublicAccessBlockConfiguration) -> PublicAccessBlockConfiguration {
    PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls.unwrap_or_default()),
        ignore_public_acls: Some(block.ignore_public_acls.unwrap_or_default()),
        block_public_policy: Some(block.block_public_policy.unwrap_or_default()),
        restrict_public_buckets: Some(block.restrict_public_buckets.unwrap_or_default()),
    }
}
