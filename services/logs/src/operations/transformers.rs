//! `PutTransformer`, `GetTransformer`, `DeleteTransformer`, `TestTransformer`.

use api_logs::{
    DeleteTransformer, DeleteTransformerInput, DeleteTransformerOutput, GetTransformer, GetTransformerInput,
    GetTransformerOutput, LogsError, PutTransformer, PutTransformerInput, PutTransformerOutput,
    TestTransformer, TestTransformerInput, TestTransformerOutput, TransformedLogRecord,
};
use kernel::{Context, Handler};

use crate::group::{GROUPS, Group};
use crate::transformer::{self, Origin, Row, TRANSFORMERS, Transformed, Transformer};
use crate::{Logs, errors, names};

impl Handler<PutTransformer> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutTransformerInput,
    ) -> Result<PutTransformerOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);
        Transformer::new(&input.transformer_config)?;
        let now = cx.clock.millis();
        let mut row =
            Row { document: transformer::write(input.transformer_config), created: now, updated: now };

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::standard(tx, &name)?).clone();
                if let Some(old) = tx.get(&TRANSFORMERS, &name)? {
                    row.created = old.created;
                }
                if !group.transforms {
                    group.transforms = true;
                    tx.put(&GROUPS, &name, &group)?;
                }
                Ok::<_, LogsError>(tx.put(&TRANSFORMERS, &name, &row)?)
            })
            .await?;

        Ok(PutTransformerOutput {})
    }
}

impl Handler<GetTransformer> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetTransformerInput,
    ) -> Result<GetTransformerOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);

        let row = self.store.read(&cx.scope, |tx| {
            Group::standard(tx, &name)?;
            Ok::<_, LogsError>(tx.get(&TRANSFORMERS, &name)?)
        })?;

        let Some(row) = row else { return Ok(GetTransformerOutput::default()) };
        Ok(GetTransformerOutput {
            log_group_identifier: Some(names::group_arn(&cx.scope, &name)),
            creation_time: Some(row.created),
            last_modified_time: Some(row.updated),
            transformer_config: Some(transformer::read(&row.document)?),
        })
    }
}

impl Handler<DeleteTransformer> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteTransformerInput,
    ) -> Result<DeleteTransformerOutput, LogsError> {
        let name = names::from_identifier(&input.log_group_identifier);

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::standard(tx, &name)?).clone();
                if !tx.delete(&TRANSFORMERS, &name)? {
                    return Err(errors::no_transformer());
                }
                group.transforms = false;
                Ok(tx.put(&GROUPS, &name, &group)?)
            })
            .await?;

        Ok(DeleteTransformerOutput {})
    }
}

impl Handler<TestTransformer> for Logs {
    async fn handle(
        &self,
        _: &Context,
        input: TestTransformerInput,
    ) -> Result<TestTransformerOutput, LogsError> {
        let transformer = Transformer::new(&input.transformer_config)?;
        // These events are in no group.
        let origin = Origin::default();
        let records = (1..).zip(input.log_event_messages).map(|(number, message)| TransformedLogRecord {
            event_number: Some(number),
            transformed_event_message: match transformer.apply(&message, &origin) {
                Transformed::Done(text) => Some(text),
                Transformed::Failed(_) => None,
            },
            event_message: Some(message),
        });
        Ok(TestTransformerOutput { transformed_logs: Some(records.collect()) })
    }
}
